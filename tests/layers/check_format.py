#!/usr/bin/env python3
"""Whether every .h and .cpp of the tree is as clang-format with our .clang-format writes it.

Usage: check_format.py CLANG_FORMAT ROOT
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_layers  # noqa: E402

BATCH = 64  # files a run: a command line has a limit


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = sys.argv[1:]
    paths = list(check_layers.files(root, check_layers.EVERYWHERE, check_layers.is_source))
    bad = 0
    for start in range(0, len(paths), BATCH):
        run = subprocess.run([program, "--dry-run", "-Werror", "--style=file",
                              *paths[start:start + BATCH]], cwd=root, check=False)
        bad += run.returncode != 0
    print(f"format: {len(paths)} files, {'differences above' if bad else 'all as they should be'}")
    sys.exit(1 if bad or not paths else 0)


if __name__ == "__main__":
    main()
