#!/usr/bin/env python3
"""Locks that clang's analysis knows: archive/base/mutex.h bites, and nothing else is used.

    check_locks.py CLANG ROOT

The preset clang compiles everything with -Wthread-safety -Werror; that says something only where
the fields name their locks.  So each mistake of unlocked.cpp must be refused, the file without one
accepted, and the product must use no lock of std's, which the analysis does not see.
"""
import pathlib
import re
import subprocess
import sys

MISTAKES = range(1, 7)
UNSEEN = re.compile(r"\bstd::(recursive_|timed_)?(shared_)?(mutex|lock_guard|unique_lock|"
                    r"scoped_lock|shared_lock|condition_variable)\b")
FOLDERS = ("archive", "daemon", "client", "policies", "tools")
ALLOWED = {"archive/base/mutex.h": "it wraps them"}


def compiles(clang, root, mistake):
    run = subprocess.run([clang, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra",
                          "-Wthread-safety", "-Werror", f"-DMISTAKE={mistake}", f"-I{root}",
                          root / "tests/layers/unlocked.cpp"], capture_output=True, text=True)
    if run.returncode and "thread-safety" not in run.stderr:
        sys.exit(f"mistake {mistake} is refused for another reason:\n{run.stderr}")
    return run.returncode == 0


def unseen(root):
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            name = str(file.relative_to(root))
            if file.suffix not in (".h", ".cpp") or name in ALLOWED:
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if UNSEEN.search(line):
                    yield f"{name}:{number}: {line.strip()}"


def main():
    clang, root = sys.argv[1], pathlib.Path(sys.argv[2])
    if not compiles(clang, root, 0):
        sys.exit("the file without a mistake is refused")
    taken = [mistake for mistake in MISTAKES if compiles(clang, root, mistake)]
    if taken:
        sys.exit(f"mistakes of unlocked.cpp that clang takes: {taken}")
    found = list(unseen(root))
    if found:
        sys.exit("locks that the analysis does not see (use archive/base/mutex.h):\n"
                 + "\n".join(found))
    print(f"{len(MISTAKES)} mistakes refused, no lock of std's")


if __name__ == "__main__":
    main()
