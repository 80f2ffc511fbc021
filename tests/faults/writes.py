"""What an operation does to a folder's files, in order and with every byte; and what a disk may hold
of it after a crash that drops and tears what was not synced.

The rules are POSIX's with one that ext4, XFS and Btrfs keep: names come to the disk in the order in
which they were given.  A name is durable once a folder was synced after it, the bytes of a file once
that file was; until then any of its writes may be missing, or be there up to some sector.
"""
import os
import re

SECTOR = 512
KINDS = ("write", "pwrite64", "writev", "pwritev", "lseek", "fsync", "fdatasync", "ftruncate",
         "fallocate", "rename", "unlink", "unlinkat", "rmdir", "openat", "mkdir", "fchmod")
OPTIONS = ("-f", "-y", "-xx", "-q", "-s", str(64 << 20), "-e", "trace=" + ",".join(KINDS))
CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
OF_FD = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")
BASE = re.compile(r"^(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>")
RESULT = re.compile(r"= (-?\d+)")
UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")


def plain(hexed):
    return bytes.fromhex(hexed.replace("\\x", ""))


def whole_lines(text):
    """The calls one a line, each where it ended: strace tears one that another thread's interrupts."""
    begun = {}  # thread → the first half of its call
    for line in text.splitlines():
        if line.endswith(UNFINISHED):
            begun[line.split(" ", 1)[0]] = line.removesuffix(UNFINISHED)
            continue
        resumed = RESUMED.match(line)
        if not resumed:
            yield line
        elif resumed[1] in begun:
            yield begun.pop(resumed[1]) + resumed[2]


class Recording:
    """The events of a log that strace wrote with OPTIONS, as tuples (what, …)."""

    def __init__(self, log, folder, synced_fds):
        self.folder = os.fsencode(folder)
        self.synced = set(synced_fds)  # descriptors opened with O_DSYNC
        self.places = {}               # descriptor → where it writes next
        self.events = []
        for line in whole_lines(log.read_text()):
            found = CALL.match(line)
            if found and " = -1 " not in line:
                self.note(found[1], found[2])

    def inside(self, path):
        """The path below the folder, or nothing."""
        return os.fsdecode(path[len(self.folder) + 1:]) if path.startswith(self.folder) else None

    def note(self, kind, rest):
        if kind in ("openat", "rename", "unlink", "unlinkat", "rmdir", "mkdir"):
            return self.note_name(kind, rest)
        found = OF_FD.match(rest)
        if not found:
            return None
        fd, path = int(found[1]), self.inside(plain(found[2]))
        if path is None:
            # The one socket that is written to is the client's: the answer leaves.
            if kind == "write" and plain(found[2]).startswith(b"socket:"):
                self.events.append(("answer",))
            return None
        return self.note_file(kind, fd, path, rest[found.end():])

    def note_name(self, kind, rest):
        base = BASE.match(rest)  # what a relative path counts from
        paths = [self.inside(os.path.join(plain(base[1]) if base else b"/", plain(text)))
                 for text in TEXT.findall(rest)]
        if not paths or paths[0] is None:
            return
        if kind == "openat":
            if "O_CREAT" in rest or "O_TRUNC" in rest:
                self.events.append(("open", paths[0], "O_TRUNC" in rest))
            fd = int(RESULT.search(rest[rest.rfind(")"):])[1])
            self.places[fd] = 0
            self.synced.discard(fd)
            if "O_DSYNC" in rest:
                self.synced.add(fd)
        else:
            self.events.append((kind.removesuffix("at"), *paths))

    def note_file(self, kind, fd, path, rest):
        if kind in ("write", "writev", "pwrite64", "pwritev"):
            data = b"".join(plain(text) for text in TEXT.findall(rest))
            numbers = re.findall(r", (\d+)\)", rest)
            at = int(numbers[0]) if kind.startswith("p") else self.places.get(fd, 0)
            if not kind.startswith("p"):
                self.places[fd] = at + len(data)
            self.events.append(("write", path, at, data, fd in self.synced))
        elif kind == "lseek":
            self.places[fd] = int(RESULT.search(rest)[1])
        elif kind in ("fsync", "fdatasync"):
            self.events.append(("sync", path))
        elif kind == "ftruncate":
            self.events.append(("truncate", path, int(re.match(r", (\d+)", rest)[1])))
        elif kind == "fchmod":
            self.events.append(("mode", path, int(re.match(r", (\d+)", rest)[1], 8)))


def put(content, at, data):
    if len(content) < at + len(data):
        content.extend(bytes(at + len(data) - len(content)))
    content[at:at + len(data)] = data


class Inode:
    def __init__(self, content=b"", mode=0o600):
        self.content, self.mode = bytearray(content), mode
        self.waiting = []  # writes that are not synced: (at, data), or (length, None)

    def settle(self):
        for one in self.waiting:
            self.do(self.content, one)
        self.waiting = []

    @staticmethod
    def do(content, one):
        at, data = one
        if data is not None:
            return put(content, at, data)
        del content[at:]
        content.extend(bytes(at - len(content)))
        return None

    def after_crash(self, dice, mercy):
        """The content with each waiting write there, not there, or torn at a sector."""
        content = bytearray(self.content)
        for at, data in self.waiting:
            fate = dice.random()
            if fate < mercy:
                self.do(content, (at, data))
            elif data and fate < mercy + (1 - mercy) / 2:
                self.do(content, (at, data[:dice.randrange(len(data) // SECTOR + 1) * SECTOR]))
        return content


class Disk:
    """A folder as it was, and then event after event."""

    def __init__(self, folder):
        self.now = {}  # name → Inode, None for a folder
        for base, folders, files in os.walk(folder):
            for name in folders:
                self.now[os.path.relpath(os.path.join(base, name), folder)] = None
            for name in files:
                path = os.path.join(base, name)
                with open(path, "rb") as file:
                    self.now[os.path.relpath(path, folder)] = Inode(file.read(),
                                                                    os.stat(path).st_mode & 0o777)
        self.names = [dict(self.now)]  # the durable ones, and each state after them

    def see(self, event):
        what, *rest = event
        if what != "answer":
            getattr(self, "see_" + what)(*rest)

    def renamed(self):
        self.names.append(dict(self.now))

    def see_open(self, path, truncates):
        inode = self.now.get(path)
        if inode is None:
            self.now[path] = Inode()
            self.renamed()
        elif truncates:
            inode.waiting.append((0, None))

    def see_write(self, path, at, data, synced):
        inode = self.now.get(path)
        if inode and synced:
            put(inode.content, at, data)
        elif inode:
            inode.waiting.append((at, data))

    def see_truncate(self, path, length):
        if self.now.get(path):
            self.now[path].waiting.append((length, None))

    def see_mode(self, path, mode):
        if self.now.get(path):
            self.now[path].mode = mode

    def see_sync(self, path):
        inode = self.now.get(path)
        if inode:
            inode.settle()
        else:
            self.names = self.names[-1:]

    def see_rename(self, old, new):
        if old in self.now:
            self.now[new] = self.now.pop(old)
            self.renamed()

    def see_unlink(self, path):
        if path in self.now:
            del self.now[path]
            self.renamed()

    see_rmdir = see_unlink

    def see_mkdir(self, path):
        self.now.setdefault(path, None)
        self.renamed()

    def crash(self, folder, dice):
        """Writes to an empty folder what the disk may hold if the power goes now."""
        names = dice.choice(self.names)
        mercy = dice.choice((0.0, 0.3, 0.7, 1.0))
        for path in sorted(names):
            inode, place = names[path], os.path.join(folder, path)
            if inode is None:
                os.makedirs(place, mode=0o700, exist_ok=True)
                continue
            with open(place, "wb") as file:
                file.write(inode.after_crash(dice, mercy))
            os.chmod(place, inode.mode)


def synced_fds(pid):
    """Descriptors that a process opened with O_DSYNC."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{name}") as info:
            flags = next(line for line in info if line.startswith("flags:"))
        if int(flags.split()[1], 8) & os.O_DSYNC:
            found.append(int(name))
    return found
