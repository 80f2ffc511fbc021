"""Failing system calls: which ones an operation makes on the vault's files, and one of them made to
fail, by strace.

A call is named by its kind, its file and its place among equals ("fdatasync catalogue.mdb #1"), so
that the same name means the same call in every run that starts from the same vault.
"""
import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import faults
import harness
import rig

KINDS = ("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate",
         "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "openat", "mkdir",
         "mkdirat", "msync", "fchmod")
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
FILE = re.compile(r"""<(/[^<>]*)>|"(/[^"]*)\"""")
STRUCK = ("(INJECTED)", "(DELAYED)", "killed by SIGKILL", "stopped by SIGSTOP", "--- SIGSTOP")

Call = collections.namedtuple("Call", "kind file place")


def name_of(call):
    return f"{call.kind} {call.file} #{call.place}"


def check_strace():
    if not shutil.which("strace"):
        raise faults.Skip("there is no strace")


def calls_in(log, folder):
    """The calls on files of `folder`, in order, from a log of strace -f -y."""
    seen, calls = collections.Counter(), []
    for line in log.read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if not found or found[2] not in KINDS:
            continue
        thread, kind, rest = found.groups()
        path = file_of(kind, rest)
        if path is None or not path.startswith(str(folder) + "/") and path != str(folder):
            continue
        if kind == "openat" and "O_WRONLY" not in rest and "O_RDWR" not in rest:
            continue
        seen[thread, kind, path] += 1
        call = Call(kind, os.path.relpath(path, folder), seen[thread, kind, path])
        if call not in calls:
            calls.append(call)
    return calls


def file_of(kind, rest):
    found = FILE.search(rest)
    if found and kind in ("openat", "unlinkat", "mkdirat", "renameat", "renameat2"):
        # A relative path goes by the folder that it counts from: that is what -P matches.
        found = FILE.search(rest, rest.find(",")) or found
    return found and (found[1] or found[2])


class Strace:
    """strace on a running daemon, or what to start a program under."""

    def __init__(self, folder, log, call=None, how=None):
        self.log = log
        log.unlink(missing_ok=True)
        self.options = ["strace", "-f", "-y", "-q", "-s", "0", "-o", str(log)]
        if call is None:
            self.options += ["-e", "trace=" + ",".join(KINDS)]
        else:
            # The path goes unresolved as the program names it, and resolved as the kernel does.
            path = os.path.normpath(folder / call.file)
            self.options += ["-P", path, "-e", f"trace={call.kind}",
                             "-e", f"inject={call.kind}:{how}:when={call.place}"]
        self.process = None

    def attach(self, pid):
        self.pid = pid
        self.process = subprocess.Popen([*self.options, "-p", str(pid)], stderr=subprocess.PIPE)
        deadline = time.monotonic() + harness.PATIENCE
        while not all(traced(pid, task) for task in rig.tasks_of(pid)):
            if self.process.poll() is not None:
                raise faults.Skip("strace may not attach: " + self.process.stderr.read().decode())
            harness.demand(time.monotonic() < deadline, "strace attaches")
            time.sleep(0.001)

    @property
    def command(self):
        """What to start a program under: strace is then its child, and the program ours."""
        return ("strace", "-D", *self.options[1:])

    def end(self):
        """Lets the tracee live on, if it does; what it did is in the log."""
        if self.process is None:
            return
        # strace 6.1 hangs when it is asked to detach from what is dying: then it ends by itself.
        if not is_dying(self.pid):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()

    def has_struck(self, soon=False):
        """Whether the call was met; `soon`: what it did is known, and the log about to tell."""
        deadline = time.monotonic() + 2
        while soon and not self.has_struck() and time.monotonic() < deadline:
            time.sleep(0.005)
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return any(mark in text for mark in STRUCK)


def is_dying(pid):
    """Whether it has begun to end: a thread of it has."""
    try:
        states = [(task / "stat").read_text().rsplit(")", 1)[1].split()[0]
                  for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return True
    return "Z" in states or "X" in states


def traced(pid, task):
    try:
        return "TracerPid:\t0\n" not in pathlib.Path(f"/proc/{pid}/task/{task}/status").read_text()
    except OSError:
        return True  # it ended meanwhile
