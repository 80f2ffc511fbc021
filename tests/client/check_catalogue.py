#!/usr/bin/env python3
"""Every code that the client's sources name is in the catalogue, and every one there is named.

Usage: check_catalogue.py FOLDER

A missing code would stop the program at the very moment when it has something to explain.
"""
import os
import re
import sys

ROW = re.compile(r'^\s*\{"([a-z0-9_.]+)",', re.M)
# A code stands as a string of its own: words joined by dots, or the one word of a plain sentence.
NAMED = re.compile(r'"([a-z0-9_]+(?:\.[a-z0-9_]+)+|interrupted|failed)"')
CALL = re.compile(r'(?:Problem|say|note|done|refuse|line)\s*\([^";]*?"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"')


def sources(folder):
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith((".cpp", ".h")) and name != "catalogue.cpp":
                with open(os.path.join(root, name), encoding="utf-8") as stream:
                    yield stream.read()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    with open(os.path.join(folder, "catalogue.cpp"), encoding="utf-8") as stream:
        known = ROW.findall(stream.read())
    text = "\n".join(sources(folder))
    named, called = set(NAMED.findall(text)), set(CALL.findall(text))
    missing = sorted(called - set(known))
    dead = sorted(set(known) - named)
    twice = sorted({code for code in known if known.count(code) > 1})
    for label, codes in (("not in the catalogue", missing), ("never said", dead), ("twice", twice)):
        for code in codes:
            print(f"{label}: {code}")
    print(f"catalogue: {len(known)} codes, {len(called)} calls")
    sys.exit(1 if missing or dead or twice or len(known) < 100 or len(called) < 60 else 0)


if __name__ == "__main__":
    main()
