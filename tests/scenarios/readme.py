#!/usr/bin/env python3
"""The README's quick start, run as it stands by somebody who has only the README.

Its blocks marked "quick start" are one bash session.  Two things are not as printed: the port, which
another test may have taken, and the folder of the programs, to which `build/release/bin` leads.
"""
import os
import pathlib
import re
import socket
import subprocess
import tempfile

from harness import BIN, FINDINGS, PATIENCE, demand, run_scenarios, same, scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKED = re.compile(r"^<!-- quick start -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "8444"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def blocks():
    found = MARKED.findall(README)
    same(len(found), README.count("<!-- quick start -->"), "marked blocks that are blocks")
    return found


def play(folder, script):
    """One bash session; what it left running is ended with it."""
    build = folder / "build" / "release"
    build.mkdir(parents=True)
    (build / "bin").symlink_to(BIN)
    said = folder / "said"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
                   **{name: os.environ[name] for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")
                      if name in os.environ}}
    with open(said, "wb") as out:
        done = subprocess.run(["bash", "-c", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
                               "set -euo pipefail\n" + script], cwd=folder, stdout=out,
                              stderr=subprocess.STDOUT, env=environment, timeout=PATIENCE * 4,
                              check=False)
    text = said.read_bytes()
    for finding in FINDINGS:
        demand(finding not in text, text.decode("utf-8", "replace"))
    demand(done.returncode == 0, text.decode("utf-8", "replace"))
    return text.decode("utf-8")


@scenario
def the_quick_start_does_what_it_says():
    script = "\n".join(blocks())
    for word in ("custoded init", "custoded serve", "login", "account create", "dossier open",
                 "custode file", "custode get", "custode search", "export court", "sha256sum",
                 "custode-verify", "custoded verify"):
        demand(word in script, f"the quick start does not show {word}")
    demand(PORT in script, "the port to be replaced")
    with tempfile.TemporaryDirectory(prefix="custode-readme-") as held:
        folder = pathlib.Path(held)
        said = play(folder, script.replace(PORT, free_port()))
        place = folder / "try"
        same((place / "read-back.txt").read_bytes(), (place / "decreto.txt").read_bytes(), "bytes")
        demand("Inventati" in said, "the search found the dossier")
        demand(said.count("INTACT") == 3, said)


@scenario
def what_it_names_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        demand((ROOT / target).exists(), f"README names {target}, which is not there")
    for preset in re.findall(r"--preset (\w+)", README):
        demand(f'"name": "{preset}"' in (ROOT / "CMakePresets.json").read_text(), preset)
    for folder in re.findall(r"^\| `([\w/]+)/` \|", README, re.MULTILINE):
        demand((ROOT / folder).is_dir(), folder)


run_scenarios()
