"""A served vault that is broken again and again, and a book of what it promised meanwhile.

An answer is a promise: of a document, whole, and of the checkpoint that came with it.  audit()
holds a vault that was started again against the book: whatever was promised is there, and whatever
else is there was asked for and is whole too.
"""
import atexit
import base64
import collections
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time

import harness
from harness import PASSWORD, demand, same, sha256

class Cut(Exception):
    """The daemon ended, or the disk did, before an answer came."""


class Refused(Exception):
    """An answer that says no; its status and code are in the message."""

    def __init__(self, answer):
        try:
            self.code = answer.code
        except (ValueError, KeyError):
            self.code = "no problem"
        self.status = answer.status
        super().__init__(f"{answer.status} {self.code}: {answer.body[:300]}")


START_SECONDS_MAX = 5  # from the program's start until it listens, unsealed

Document = collections.namedtuple("Document", "dossier bytes key")


class Book:
    """What was asked for, and what was promised in answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.asked = {}       # SHA-256 → Document
        self.promised = {}    # document id → SHA-256
        self.dossiers = set()
        self.assigned = set()  # (dossier, name of the account)
        self.size = 0         # of the newest checkpoint told
        self.note = None

    def copy(self):
        other = Book()
        other.asked, other.promised = dict(self.asked), dict(self.promised)
        other.dossiers, other.assigned = set(self.dossiers), set(self.assigned)
        other.size, other.note = self.size, self.note
        return other

    def told(self, note):
        """A checkpoint, from anywhere: the tree is never smaller again."""
        size = int(note.split("\n")[1])
        with self.lock:
            if size > self.size:
                self.size, self.note = size, note


class Rig(harness.RunningVault):
    """An administrator, an archivist, a social worker and a dossier.

    The guard of a negative control is taken away from what is started while `attacked` is true:
    what is prepared and what is looked at afterwards has them all.
    """
    attacked = False

    def __init__(self, config="", disk=None):
        super().__init__(disk=disk)
        self.config.write_text(self.config.read_text() + config)
        self.book = Book()
        self.starts = []  # seconds from exec to listening
        self.store = self.folder / "prepared"
        self.serve()
        self.login("admin")
        self.account("anna", "archivist", "municipio-3")
        self.account("bruno", "social-worker", "municipio-3")
        self.token_of_anna = self.token("anna")
        self.wire = self.connection()
        self.dossier = self.open_case("Primo")

    # --- the daemon -----------------------------------------------------------------------------

    def environment(self, **more):
        found = super().environment(**more)
        if not self.attacked:
            found.pop("CUSTODE_WITHOUT", None)
        return found

    def serve(self, *options, **more):
        begun = time.monotonic()
        super().serve("--quiet", *options, **more)
        self.starts.append(time.monotonic() - begun)
        self.wire = self.connection()
        return self

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def gone(self):
        """Waits for a daemon that was killed from elsewhere; its exit status."""
        process, self.process = self.process, None
        status = process.wait(harness.PATIENCE)
        process.stdout.close()
        return status

    def abandon(self):
        """After a finding: whatever runs is ended, for the next round to begin anew."""
        self.tracer = ()
        if self.process:
            self.kill()

    def keep(self):
        """Remembers the stopped vault as it is, book included; the reserve is made again."""
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.copytree(self.vault, self.store, ignore=shutil.ignore_patterns("reserve"))
        self.kept_book = self.book.copy()

    def restore(self):
        shutil.rmtree(self.vault)
        shutil.copytree(self.store, self.vault)
        self.book = self.kept_book.copy()

    # --- what people do -------------------------------------------------------------------------

    def ask(self, method, path, body=None, headers=None, token=None, wanted=(200, 201),
            wire=None):
        """One request; Cut when no whole answer came, Refused for any other status."""
        try:
            answer = self.call(method, path, token=token or self.token_of_anna, body=body,
                               headers=headers, connection=wire or self.wire)
        except (OSError, harness.http.client.HTTPException) as cut:
            raise Cut(f"{method} {path}: {cut!r}") from cut
        if answer.status not in wanted:
            raise Refused(answer)
        return answer

    def renew(self):
        """A connection that was left half way is of no use any more."""
        self.wire.close()
        self.wire = self.connection()

    def sign_in(self, user="anna"):
        answer = self.ask("POST", "/sessions", {"user": user, "password": PASSWORD},
                          token="none", wanted=(201,)).json
        self.book.told(answer["checkpoint"])
        if user == "anna":
            self.token_of_anna = answer["token"]
        return answer["token"]

    def open_case(self, surname, wire=None):
        try:
            answer = self.ask("POST", "/dossiers",
                              {"person": {"designations": [{"surname": surname,
                                                                "name": "Prova"}]},
                               "unit": "municipio-3"}, wanted=(201,), wire=wire).json
        except Refused as refused:
            if refused.code != "dossier.twin":
                raise
            return None
        self.book.dossiers.add(answer["id"])
        self.book.told(answer["receipt"]["checkpoint"])
        return answer["id"]

    def assign(self, account):
        self.ask("POST", f"/dossiers/{self.dossier}/assignments", {"account": account})
        self.book.assigned.add((self.dossier, account))

    def file_document(self, content, dossier=None, key=None, wire=None, token=None):
        """Files bytes; what the answer says is in the book before this returns."""
        dossier = dossier or self.dossier
        digest = sha256(content)
        key = key or sha256(b"key" + content)
        with self.book.lock:
            self.book.asked[digest] = Document(dossier, len(content), key)
        answer = self.ask("POST", f"/dossiers/{dossier}/documents", content,
                          self.filing_headers(content, key=key), wire=wire, token=token).json
        same((answer["sha256"], answer["bytes"]), (digest, len(content)), "what was acknowledged")
        with self.book.lock:
            known = self.book.promised.setdefault(answer["id"], digest)
        same(known, digest, f"the document {answer['id']} of an earlier answer")
        self.book.told(answer["receipt"]["checkpoint"])
        return answer["id"]

    def read_document(self, document):
        return self.ask("GET", f"/documents/{document}/content",
                        headers={"Custode-Purpose": "verifica"}, wanted=(200,)).body

    def search(self, name="nessuno"):
        """Shows nothing, and is an event all the same."""
        self.ask("POST", "/searches", {"query": name, "in": "dossiers"}, wanted=(200,))

    def unseal(self):
        key = base64.b64encode(self.keyfile.read_bytes()).decode()
        self.ask("POST", "/unseal", {"keyfile": key}, token="none", wanted=(200,))

    # --- what must hold afterwards --------------------------------------------------------------

    def documents(self):
        items, cursor = [], ""
        while cursor is not None:
            page = self.ask("GET", "/documents?limit=200" + (f"&cursor={cursor}" if cursor else ""),
                            wanted=(200,)).json
            items += page["items"]
            cursor = page["next"]
        return items

    def check_book(self, read=lambda document: True):
        """Of a served vault, anna signed in.  Raises Unexpected for the first broken promise."""
        listed = self.documents()
        present = {item["id"]: item["sha256"] for item in listed}
        same(len(present), len(listed), "each document is listed once")
        for document, digest in self.book.promised.items():
            same(present.get(document), digest, f"acknowledged document {document}")
        for document, digest in present.items():
            demand(digest in self.book.asked, f"document {document} was never sent")
            if read(document):
                same(sha256(self.read_document(document)), digest, f"bytes of {document}")
        digests = list(present.values())
        same(len(set(digests)), len(digests), "nothing was filed twice")
        for dossier in self.book.dossiers:
            shown = self.ask("GET", f"/dossiers/{dossier}", wanted=(200,)).json
            wanted = {account for place, account in self.book.assigned if place == dossier}
            demand(wanted <= set(shown["assigned"]), f"{wanted} are assigned to {dossier}")

    def restart(self):
        """After a crash: ready, and signed in.  The tree is not smaller than anyone was told."""
        told = self.book.size
        self.serve()
        self.sign_in()
        demand(self.book.size >= told,
               f"a checkpoint of {told} events was told, and now there are {self.book.size}")

    def check_offline(self, rebuild=False):
        """Of a stopped vault: every byte with the keys, and every promise told without them."""
        self.verify()
        if rebuild:
            self.rebuild()
        note = self.folder / "told"
        note.write_text(self.book.note)
        checked = harness.run([harness.BIN / "custode-verify", "--json", self.vault,
                               "--checkpoint", note]).json
        same((checked["valid"], checked["findings"]), (True, []), "custode-verify")

    def audit(self, read=lambda document: True, rebuild=False):
        """Start, look at everything that was promised, stop, verify."""
        self.restart()
        self.check_book(read)
        self.stop()
        self.check_offline(rebuild)


def tell_starts(trial, rig):
    """How long the slowest start took; by hand it is held to the promise, in CI only shown."""
    slowest = max(rig.starts)
    trial.counts["ms of the slowest start"] = round(1000 * slowest)
    if not trial.short:
        trial.demand(slowest < START_SECONDS_MAX, f"a start took {slowest:.1f} s")


def fast_place():
    """A folder in memory, where kill -9 and errors are what they are on a disk, only sooner."""
    memory = pathlib.Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < 1 << 30:
        return None
    place = pathlib.Path(tempfile.mkdtemp(prefix="custode-faults-", dir=memory))
    atexit.register(shutil.rmtree, place, True)
    return place


def tasks_of(pid):
    """The threads of a process: id → name."""
    names = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            names[int(task.name)] = (task / "comm").read_text().strip()
        except OSError:
            continue  # it ended meanwhile
    return names
