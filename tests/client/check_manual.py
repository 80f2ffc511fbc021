#!/usr/bin/env python3
"""Help, manual page and completion of the program itself mention every verb and every option.

Usage: check_manual.py CUSTODE
"""
import os
import re
import subprocess
import sys

EXITS_IT = "Codici di uscita:"
# The contract: a verb that disappears breaks somebody's script.
CONTRACT = [
    "login", "logout", "whoami", "status", "unseal", "seal", "account create", "account list",
    "account disable", "account enable", "account unlock", "account grant", "account revoke",
    "account password", "session list", "session revoke", "factor enrol",
    "factor confirm", "factor remove", "locate",
    "proposal list", "proposal show", "proposal approve", "proposal refuse",
    "proposal cancel", "unit list", "dossier open", "dossier list", "dossier show",
    "dossier history", "dossier readers", "break-glass", "emergency show",
    "emergency write", "review list", "review close",
    "dossier assign", "dossier conflict", "dossier correct", "file", "refile", "get", "list",
    "search", "proof", "receipt verify", "export court", "codes", "version"]


def run(program, *arguments):
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C"}
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30,
                          env=environment, check=False)


def verbs(program):
    overview = run(program, "--help").stdout
    return re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  +\S", overview, re.M)


def completions(script, words):
    """What bash offers after the words, the last one unfinished."""
    line = (script + "\nCOMP_WORDS=(" + " ".join(f"'{w}'" for w in words) + ")\n"
            f"COMP_CWORD={len(words) - 1}\n_custode\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30,
                          check=True).stdout.split()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    found = verbs(program)
    assert set(found) == set(CONTRACT), sorted(set(found) ^ set(CONTRACT))
    manual, script = run(program, "--man"), run(program, "--completion", "bash")
    assert manual.returncode == 0 and script.returncode == 0
    assert manual.stdout.startswith(".TH CUSTODE 1")
    for verb in found:
        english = run(program, *verb.split(), "--help")
        italian = run(program, "--lang", "it", *verb.split(), "--help")
        assert english.returncode == 0 and italian.returncode == 0, verb
        assert "Exit codes:" in english.stdout and "Example:\n  custode " in english.stdout, verb
        assert EXITS_IT in italian.stdout and "Esempio:\n  custode " in italian.stdout, verb
        heading = verb.replace("-", "\\-")
        assert f'.SS "{heading}"' in manual.stdout, verb
        group, _, name = verb.partition(" ")
        offered = completions(script.stdout, ["custode", group, ""] if name else ["custode", ""])
        assert (name or verb) in offered, (verb, offered)
        options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", english.stdout, re.M))
        missing = options - set(completions(script.stdout, ["custode", *verb.split(), "--"]))
        assert not missing, (verb, missing)
        for option in options:
            assert option.replace("-", "\\-") in manual.stdout, (verb, option)
    print(f"manual: {len(found)} verbs")


if __name__ == "__main__":
    main()
