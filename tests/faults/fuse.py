"""The smallest file system in user space that a vault could be put on: a folder, seen read-only.

Speaks FUSE's own protocol (linux/fuse.h) over /dev/fuse, so that nothing has to be installed.
"""
import errno
import os
import pathlib
import struct
import subprocess
import tempfile
import threading

import faults

HEAD = struct.Struct("<IIQQIIII")        # len, opcode, unique, nodeid, uid, gid, pid, padding
ANSWER = struct.Struct("<IiQ")           # len, error, unique
ATTRIBUTES = struct.Struct("<QQQQQQIIIIIIIIII")
LOOKUP, GETATTR, OPEN, READ, STATFS, RELEASE, INIT, OPENDIR, RELEASEDIR = (
    1, 3, 14, 15, 17, 18, 26, 27, 29)
SILENT = (2, 42)                         # FORGET, BATCH_FORGET: no answer is wanted
REQUEST_BYTES = 1 << 17


class ReadOnly:
    """`folder` through FUSE at `root` until discard(); root only."""

    def __init__(self, folder):
        if os.geteuid() != 0 or not pathlib.Path("/dev/fuse").exists():
            raise faults.Skip("only root mounts a FUSE file system, and where there is /dev/fuse")
        self.paths = [None, pathlib.Path(folder)]  # by node
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="custode-fuse-"))
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.device},rootmode=40700,user_id=0,group_id=0"
        done = subprocess.run(["mount", "-i", "-t", "fuse", "-o", options, "none", self.root],
                              pass_fds=[self.device], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            os.close(self.device)
            self.root.rmdir()
            raise faults.Skip(f"FUSE cannot be mounted: {done.stdout.decode().strip()}")
        threading.Thread(target=self.serve, daemon=True).start()

    def discard(self):
        subprocess.run(["umount", "--lazy", str(self.root)], check=False)
        self.root.rmdir()

    def serve(self):
        while True:
            try:
                request = os.read(self.device, REQUEST_BYTES)
            except OSError:
                return  # unmounted
            _, operation, unique, node, *_ = HEAD.unpack_from(request)
            if operation in SILENT:
                continue
            try:
                error, body = 0, self.answer(operation, node, request[HEAD.size:])
            except OSError as failure:
                error, body = -failure.errno, b""
            os.write(self.device, ANSWER.pack(ANSWER.size + len(body), error, unique) + body)

    def answer(self, operation, node, body):
        if operation == INIT:
            major, minor, ahead = struct.unpack_from("<III", body)
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, ahead, 0, 0, 0, 4096, 1, 0, 0, 0)
        if operation == STATFS:
            return struct.pack("<QQQQQIIII24x", 1 << 20, 1 << 20, 1 << 20, 1000, 1000, 4096, 255,
                               4096, 0)
        path = self.paths[node]
        if operation == LOOKUP:
            return self.look_up(path / os.fsdecode(body.rstrip(b"\0")))
        if operation == GETATTR:
            return struct.pack("<QII", 1, 0, 0) + self.attributes(node, path)
        if operation in (OPEN, OPENDIR):
            return struct.pack("<QII", 0, 0, 0)
        if operation == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return path.read_bytes()[offset:offset + size]
        if operation in (RELEASE, RELEASEDIR):
            return b""
        raise OSError(errno.ENOSYS, "not here")

    def look_up(self, path):
        os.lstat(path)
        if path not in self.paths:
            self.paths.append(path)
        node = self.paths.index(path)
        return struct.pack("<QQQQII", node, 0, 1, 1, 0, 0) + self.attributes(node, path)

    @staticmethod
    def attributes(node, path):
        about = os.lstat(path)
        return ATTRIBUTES.pack(node, about.st_size, about.st_blocks, int(about.st_atime),
                               int(about.st_mtime), int(about.st_ctime), 0, 0, 0, about.st_mode,
                               about.st_nlink, about.st_uid, about.st_gid, 0, 4096, 0)
