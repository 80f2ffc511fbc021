"""What a process holds in its memory, as root reads it: every mapping, searched for byte strings."""
import pathlib
import re

STEP = 16 << 20


def mappings(process):
    """(start, end, path) of what can be read; files of the vault are looked at on disk instead."""
    for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text().splitlines():
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line)
        start, end, rights, path = found.groups()
        if "r" in rights and not path.startswith("[vv") and not path.endswith(".mdb"):
            yield int(start, 16), int(end, 16), path


def search(process, needles):
    """(what was found, bytes read, mappings that the kernel refused): needles is {what: bytes}."""
    pattern = re.compile(b"|".join(re.escape(needle) for needle in needles.values()))
    names = {needle: what for what, needle in needles.items()}
    longest = max(map(len, needles.values()))
    found, read, refused = {}, 0, []
    with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for start, end, path in mappings(process):
            for at in range(start, end, STEP):
                try:
                    memory.seek(at)
                    data = memory.read(min(STEP + longest, end - at))
                except (OSError, OverflowError):
                    refused.append(path)
                    break
                read += len(data)
                for hit in pattern.finditer(data):
                    near = data[max(0, hit.start() - 48):hit.end() + 16]
                    found.setdefault(names[hit[0]], (path or "anonymous", hex(at + hit.start()), near))
    return found, read, refused
