"""A disk whose power can be cut: an ext4 of its own on a loop device (root only).

cut() is what a cut does to a file system: nothing that is not on the disk yet ever gets there, the
journal of ext4 included, while programs still run and find out only by EIO.  It is the ioctl
EXT4_IOC_SHUTDOWN with NOLOGFLUSH; what was written to the loop device stays, as on a disk.
"""
import atexit
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

import faults

SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = struct.pack("I", 2)
NEEDED = ("mkfs.ext4", "mount", "umount")
FAST = pathlib.Path("/dev/shm")  # the image in memory: the cut is as hard, the rounds are shorter


class Disk:
    """One mounted image; gone at the end of the program whatever happens."""

    def __init__(self, megabytes=1024):
        if os.geteuid() != 0:
            raise faults.Skip("only root mounts a disk whose power can be cut")
        for program in NEEDED:
            if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
                raise faults.Skip(f"there is no {program}")
        place = FAST if FAST.is_dir() and shutil.disk_usage(FAST).free > megabytes << 21 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="custode-disk-", dir=place))
        self.mounted = False
        atexit.register(self.discard)
        self.image = self.folder / "image"
        self.root = self.folder / "mnt"
        self.root.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        self._run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self.mount()

    def _run(self, *command):
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            raise faults.Skip(f"{command[0]} does not work here: {done.stdout.decode().strip()}")

    def mount(self):
        self._run("mount", "-o", "loop", self.image, self.root)
        self.mounted = True
        self.handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)

    def cut(self):
        """From here on nothing reaches the disk.  One system call: may be called at any instant."""
        fcntl.ioctl(self.handle, SHUTDOWN, NO_LOG_FLUSH)

    def unmount(self):
        """Every process that uses the disk has ended before."""
        if self.mounted:
            os.close(self.handle)
            self._run("umount", self.root)
            self.mounted = False

    def power_on(self):
        """Mounts what the disk holds after cut(); ext4 replays its own journal."""
        self.unmount()
        self.mount()

    def discard(self):
        if self.mounted:
            os.close(self.handle)
            subprocess.run(["umount", "--lazy", str(self.root)], check=False)
            self.mounted = False
        shutil.rmtree(self.folder, ignore_errors=True)
