"""What the harnesses of tampering share: our own code behind a pipe, and where things lie."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parent / "scenarios"))

from harness import BIN, RunningVault, bytes_of  # noqa: E402  (found through the line above)

PROGRAM = BIN.parent / "tests" / "custode-tamper"


class Helper:
    """custode-tamper VERB: one line of JSON in, one out (tests/faults/tamper/verbs.h)."""

    def __init__(self, verb, *arguments, **environment):
        self.process = subprocess.Popen(
            [str(PROGRAM), verb, *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"custode-tamper ended with {self.process.wait()}")
        return json.loads(answer)


def once(verb, *arguments):
    """Runs a verb that answers by itself."""
    done = subprocess.run([str(PROGRAM), verb, *map(str, arguments)], stdout=subprocess.PIPE,
                          check=True)
    return json.loads(done.stdout)


def in_memory():
    """A vault that is looked at thousands of times lies in memory, where there is such a folder."""
    folder = pathlib.Path("/dev/shm")
    if os.access(folder, os.W_OK):
        tempfile.tempdir = str(folder)


def filled_vault(holders=0, documents=8):
    """A stopped vault with accounts, dossiers, documents in open and closed segments, one of them
    moved, more than 256 events, and, if wanted, its epoch secret on holders."""
    in_memory()
    places = lambda vault: [argument for number in range(holders) for argument in
                            ("--holder", vault.folder / "device" / f"holder{number}")]
    vault = RunningVault(slots=lambda vault: ("--keyfile", vault.keyfile, *places(vault)))
    vault.config.write_text(vault.config.read_text()
                            + "segment_bytes_max = 400000\nupkeep_seconds = 1\n")
    vault.serve()
    vault.login("admin")
    vault.account("anna", "archivist", "municipio-3")
    vault.dossiers = [vault.open_dossier("anna", f"Prova {number}") for number in range(3)]
    sizes = (1, 30_000, 65_505, 200_000, 300_000, 120_000, 250_000, 90)[:documents]
    filed = [vault.put("anna", vault.dossiers[number % 3], bytes_of(size, number)).json["id"]
             for number, size in enumerate(sizes)]
    if documents > 2:
        vault.custode("anna", "refile", filed[2], "--from", vault.dossiers[2],
                      "--to", vault.dossiers[0], "--reason", "fascicolo sbagliato")
        with contextlib.closing(vault.connection()) as connection:
            for _ in range(270):
                vault.call("GET", "/dossiers", "anna", connection=connection)
        closed = lambda: sum(not path.stat().st_mode & 0o200
                             for path in (vault.vault / "segments").iterdir())
        vault.wait(lambda: closed() >= 2, "two segments are closed")
    vault.documents = filed
    vault.stop()
    (vault.vault / "reserve").unlink()  # 256 MiB that nobody reads; made again at the next serving
    return vault


def files_of(vault):
    """What a vault rests on: its folder and the devices of its keyfile and holders."""
    for folder in (vault.vault, vault.keyfile.parent):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())


def told_of(seen, looks):
    """All that the looks of custode-tamper said, in one line."""
    told = []
    for look in looks:
        answer = seen[look]
        told += answer.get("findings", [])
        told += [answer[part] for part in ("refused", "message", "died", "escaped")
                 if part in answer]
        told += [f"{item} {how}" for item, how in answer.get("differs", {}).items()]
    return " | ".join(told).replace("\n", " ")
