#!/usr/bin/env python3
"""Every promise of archive/SECURITY.md names a test that exists.

Usage: check_promises.py ROOT      exit 0 and one line, or 1 and one line a finding
"""
import os
import re
import sys


def findings(root):
    path = os.path.join(root, "archive", "SECURITY.md")
    rows = 0
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            row = re.match(r"\| (\d+) \| (.+) \| (.+) \|$", line.rstrip())
            if not row:
                continue
            rows += 1
            named = re.findall(r"`(tests/[^`]+)`", row.group(3))
            if not named:
                yield f"promise {row.group(1)} names no test"
            for test in named:
                if not os.path.exists(os.path.join(root, test)):
                    yield f"promise {row.group(1)} names {test}, which does not exist"
    if rows < 10:
        yield "archive/SECURITY.md has no table of promises"


def main():
    found = list(findings(sys.argv[1]))
    for finding in found:
        print(finding)
    print(f"promises: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
