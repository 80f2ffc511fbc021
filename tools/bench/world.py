"""What the rows of the bench stand on: a vault of their own, documents to file, and the load client.

    CUSTODE_BIN   folder of the programs: a release build's, or what is measured is the compiler
"""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
os.environ.setdefault("CUSTODE_BIN", str(ROOT / "build" / "release" / "bin"))
sys.path.insert(0, str(ROOT / "tests" / "scenarios"))
from harness import BIN, RunningVault  # noqa: E402  (it reads CUSTODE_BIN as it is loaded)

UNIT = "municipio-3"
LIMITS = "[limits]\nconnections_per_address = 512\n"
PURPOSE = "verifica"
METADATA = base64.urlsafe_b64encode(json.dumps(
    {"file_name": "scansione.pdf", "type": "altro"}).encode()).rstrip(b"=").decode()


class Failed(Exception):
    """What was to be measured did not work; the message says what came."""


@contextlib.contextmanager
def scratch(name):
    """A folder that is gone afterwards, on the file system that TMPDIR names."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"custode-bench-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_disk():
    """What earlier rows wrote is not waited for inside the next one's clock."""
    os.sync()
    time.sleep(0.2)


def helper(name, *arguments):
    """Runs one of the C++ helpers; what it measured."""
    done = subprocess.run([str(BIN / name), *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{name} {' '.join(map(str, arguments[:3]))}: {done.stdout[-2000:]}"
                     f"{done.stderr[-2000:]}")
    return json.loads(done.stdout)


# --- documents --------------------------------------------------------------------------------------

def digest_of(file):
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


class Documents:
    """Files of incompressible bytes whose sizes are lognormal, as scans are: the same for a seed."""

    def __init__(self, folder, count, mean_bytes, seed=1, sigma=1.0, least=1):
        dice = random.Random(seed)
        sizes = [dice.lognormvariate(0, sigma) for _ in range(count)]
        scale = mean_bytes * count / sum(sizes)
        folder.mkdir(parents=True)
        self.folder = folder
        self.files = []
        for index, size in enumerate(sizes):
            file = folder / f"{index:06}.pdf"
            left = max(least, int(size * scale))
            with open(file, "wb") as out:
                while left > 0:
                    left -= out.write(dice.randbytes(min(left, 1 << 24)))
            self.files.append(file)
        self.list = folder.parent / (folder.name + ".list")
        self.list.write_text("".join(f"{file}\n" for file in self.files))
        self.bytes = sum(file.stat().st_size for file in self.files)
        self.digests = [digest_of(file) for file in self.files]

    def repeated(self, times):
        """The same documents over and over, so many times: for dossiers that each get one."""
        copy = Documents.__new__(Documents)
        copy.files, copy.digests = self.files * times, self.digests * times
        copy.bytes = self.bytes * times
        return copy


# --- the vault --------------------------------------------------------------------------------------

class BenchVault(RunningVault):
    """A served vault with one archivist, whose requests the load client sends."""

    def __init__(self):
        super().__init__()
        self.config.write_text("allow_any_file_system = true\n" + LIMITS)
        self.serve()
        self.login("admin")
        self.account("anna", "archivist", UNIT)

    def again(self):
        """Stopped and served anew; the archivist signs in again."""
        self.stop()
        self.serve()
        self.login("anna")

    def common(self):
        return {"headers": {"Authorization": "Bearer " + self.token("anna")}}

    def dossiers(self, count, offset=0, connections=16):
        """Opens that many dossiers over HTTP; their ids."""
        plan = [{"method": "POST", "target": "/api/v1/dossiers", "status": 201, "keep": True,
                 "headers": {"Content-Type": "application/json"},
                 "text": json.dumps(person(offset + index))}
                for index in range(count)]
        kept = self.load(plan, min(connections, count))["kept"]
        return [json.loads(kept[str(index)])["id"] for index in range(count)]

    def load(self, plan, connections, address=None, ca=None):
        """Carries the plan out; every request must be answered as planned."""
        file = self.folder / "plan.jsonl"
        with open(file, "w") as out:
            for line in [self.common(), *plan]:
                out.write(json.dumps(line) + "\n")
        return helper("custode-bench-load", address or self.address, ca or self.made["ca"],
                      connections, file)

    def filing(self, documents, dossiers, salt=""):
        """Requests that file the documents, dossier after dossier in turn."""
        return [{"method": "POST", "target": f"/api/v1/dossiers/{dossiers[i % len(dossiers)]}/documents",
                 "status": 201, "keep": True, "body": str(file),
                 "headers": {"Custode-Metadata": METADATA,
                             "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
                             "Idempotency-Key": hashlib.sha256(f"{salt}{i}{file}".encode()).hexdigest()}}
                for i, (file, digest) in enumerate(zip(documents.files, documents.digests))]

    def file_all(self, documents, dossiers, connections, salt=""):
        """Files them; how it went, with their ids under "ids"."""
        done = self.load(self.filing(documents, dossiers, salt), connections)
        kept = done.pop("kept")
        done["ids"] = [json.loads(kept[str(i)])["id"] for i in range(len(documents.files))]
        return done

    def reading(self, ids, digests=None):
        """Requests that read the documents back; with digests, every byte is checked."""
        return [{"method": "GET", "target": f"/api/v1/documents/{name}/content",
                 "headers": {"Custode-Purpose": PURPOSE},
                 **({"sha256": digests[i].hex()} if digests else {})}
                for i, name in enumerate(ids)]

    def resident(self):
        """Bytes in memory that are the daemon's own: without mapped file pages."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return (int(fields["RssAnon"].split()[0]) + int(fields["RssShmem"].split()[0])) * 1024


SYLLABLES = ("ba", "cor", "del", "fi", "gri", "lan", "mor", "ni", "pel", "ro", "sal", "tu", "ver",
             "zan", "bel", "ghi", "spo", "tre", "lu", "ca")
NAMES = ("Anna", "Luca", "Giulia", "Marco", "Sara", "Davide", "Elena", "Pietro", "Marta", "Ivan")


def surname(index):
    """A made-up surname; the first 160,000 differ."""
    parts = []
    for _ in range(4):
        index, digit = divmod(index, len(SYLLABLES))
        parts.append(SYLLABLES[digit])
    return "".join(parts).capitalize()


def person(index):
    """What POST /dossiers takes, of somebody who is not there."""
    names = {"surname": surname(index * 7919 % 160_000), "name": NAMES[index % len(NAMES)]}
    day = f"{2006 + index % 18}-{1 + index // 18 % 12:02}-{1 + index // 216 % 28:02}"
    return {"unit": UNIT, "twin_reason": "omonimia",
            "person": {"designations": [names], "birth": {"precision": "day", "day": day}}}


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
