#!/usr/bin/env python3
"""The program against a small honest server, which then forgets, forks and changes its key.

Usage: honest_server_tests.py CUSTODE

The server keeps a real log: leaves, tree, signed checkpoints and receipts are made here from the
texts of RFC 9162 and C2SP, with Python and openssl, so that the client's checks are held against
code that is not ours.
"""
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile_server_tests as wire  # noqa: E402

DOSSIER = "5f0e7c52-8f0e-4a44-9a65-1f2f6d6d5c11"
SIBLING = "9c1b7e90-3f52-4c6e-9f0a-2d8a4c1b7e91"
CODE = "2026/VII.11/000001"
ORIGIN = "custode.example/1"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def split(size):
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def root(leaves):
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"")
    half = split(len(leaves))
    return sha256(b"\x01", root(leaves[:half]), root(leaves[half:]))


def inclusion(index, leaves):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return inclusion(index, leaves[:half]) + [root(leaves[half:])]
    return inclusion(index - half, leaves[half:]) + [root(leaves[:half])]


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    half = split(len(leaves))
    if old <= half:
        return consistency(old, leaves[:half], whole) + [root(leaves[half:])]
    return consistency(old - half, leaves[half:], False) + [root(leaves[:half])]


class Key:
    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".ed25519")
        wire.openssl("genpkey", "-algorithm", "ed25519", "-out", self.path, cwd=folder)
        der = subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        raw = b"\x01" + der[-32:]
        self.mark = sha256(ORIGIN.encode(), b"\n", raw)[:4]
        self.text = f"{ORIGIN}+{self.mark.hex()}+{base64.b64encode(raw).decode()}"

    def note(self, leaves):
        body = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
        with tempfile.NamedTemporaryFile() as file:
            file.write(body.encode())
            file.flush()
            signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.path,
                                        "-in", file.name], check=True, capture_output=True).stdout
        return f"{body}\n— {ORIGIN} {base64.b64encode(self.mark + signature).decode()}\n"


class Vault:
    """The little of a vault that the client's promises rest on."""

    def __init__(self, key):
        self.key, self.lock = key, threading.Lock()
        self.leaves = [sha256(b"\x00", bytes([n]) * 160) for n in range(3)]
        self.answers, self.documents, self.filed = {}, {}, []
        self.cut_after_filing = 0
        self.lie = lambda receipt: receipt

    def file(self, key, body):
        with self.lock:
            if key in self.answers:
                return 200, self.answers[key]
            impronta = hashlib.sha256(body).hexdigest()
            if impronta in self.documents:
                return 409, self.documents[impronta]
            number = len(self.documents)
            document = f"{number:08x}-3f52-4c6e-9f0a-2d8a4c1b7e90"
            statement = json.dumps({"bytes": len(body), "document": document, "impronta": impronta,
                                    "time": "2026-03-12T08:15:00.000Z", "what": "document.filed"},
                                   separators=(",", ":"), sort_keys=True)
            salt = bytes([number]) * 32
            parts = {name: sha256(name.encode(), salt) for name in
                     ("header", "payload", "envelope", "content")}
            entry = b"".join([parts["header"], parts["payload"], parts["envelope"],
                              sha256(salt, statement.encode()), parts["content"]])
            self.leaves.append(sha256(b"\x00", entry))
            index = len(self.leaves) - 1
            receipt = {"checkpoint": self.key.note(self.leaves), "index": index, "key": self.key.text,
                       "leaf": {name: value.hex() for name, value in parts.items()},
                       "proof": [h.hex() for h in inclusion(index, self.leaves)],
                       "salt": salt.hex(), "statement": statement, "version": 1}
            answer = {"id": document, "dossier": DOSSIER, "sha256": impronta, "bytes": len(body),
                      "receipt": self.lie(receipt)}
            self.answers[key] = answer
            self.documents[impronta] = document
            self.filed.append(answer)
            return 201, answer

    def script(self, stream, first, headers, rest):
        length = int(headers.get("content-length", 0))
        while len(rest) < length:
            rest += stream.recv(65536)
        method, target, _ = first.split(" ")
        path = target.removeprefix("/api/v1")
        if (method, path) == ("POST", "/sessions"):
            if json.loads(rest)["password"] != "pw":
                return self.send(stream, wire.problem(401, "login.failed"))
            given = {"token": "T", "expires": "2026-11-23T09:00:00.000Z", "idle_seconds": 900,
                     "account": {"id": "a", "name": "maria", "roles": []},
                     "checkpoint": self.key.note(self.leaves), "key": self.key.text}
            return self.send_json(stream, 201, given)
        assert headers["authorization"] == "Bearer T"
        if path.startswith("/checkpoint/consistency?from="):
            old = int(path.split("=")[1])
            return self.send_json(stream, 200, {
                "from": old, "to": len(self.leaves), "checkpoint": self.key.note(self.leaves),
                "path": [h.hex() for h in consistency(old, self.leaves)]})
        if path == "/checkpoint":
            return self.send_json(stream, 200, {"checkpoint": self.key.note(self.leaves),
                                                "key": self.key.text})
        if path == "/dossiers?code=2026%2FVII.11%2F000001":
            return self.send_json(stream, 200, {"items": [{"id": DOSSIER}], "next": None})
        if (method, path) == ("POST", f"/dossiers/{DOSSIER}/documents"):
            status, answer = self.file(headers["idempotency-key"], rest)
            if self.cut_after_filing > 0:
                self.cut_after_filing -= 1
                return False
            if status == 409:
                return self.send(stream, wire.problem(409, "document.duplicate", document=answer))
            return self.send_json(stream, status, answer)
        return self.send_json(stream, 200, {})

    @staticmethod
    def send(stream, data):
        stream.sendall(data)
        return True

    def send_json(self, stream, status, value):
        return self.send(stream, wire.answer(status, json.dumps(value).encode()))


class HonestTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="custode-client-")
        self.vault = Vault(KEY)
        self.server = wire.Server(CERTIFICATES, self.vault.script)
        self.write("pw", b"pw\n")

    def tearDown(self):
        self.server.close()
        shutil.rmtree(self.folder)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(content)

    def environment(self):
        return {"PATH": os.environ["PATH"], "LANG": "C",
                "CUSTODE_SESSION": os.path.join(self.folder, "state", "session.json"),
                "CUSTODE_SERVER": f"https://127.0.0.1:{self.server.port}",
                "CUSTODE_CA": os.path.join(CERTIFICATES, "ca.pem")}

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, "--json", *arguments], capture_output=True, timeout=60,
                              cwd=self.folder, env=self.environment(), check=False)

    def login(self, *more):
        return self.run_program("login", "--user", "maria", "--password-file", "pw", *more)

    def file(self, *arguments):
        return self.run_program("file", CODE, *arguments, "--type", "decreto")

    def refused(self, run, code, exit_code):
        self.assertEqual((json.loads(run.stderr)["code"], run.returncode), (code, exit_code))

    def has_session(self):
        return os.path.exists(os.path.join(self.folder, "state", "session.json"))

    # --- trust ---------------------------------------------------------------------------------

    def test_a_log_that_only_grows_is_trusted_again_and_again(self):
        for more in range(4):
            run = self.login()
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(json.loads(run.stdout)["checkpoint_size"], len(self.vault.leaves))
            self.vault.leaves += [sha256(b"\x00", bytes([more, n])) for n in range(more)]
        self.assertEqual(self.run_program("logout").returncode, 0)
        self.assertFalse(self.has_session())
        with open(os.path.join(self.folder, "pw"), "wb") as stream:
            stream.write(b"wrong")
        self.refused(self.login(), "login.failed", 1)

    def test_a_vault_put_back_to_yesterday_is_refused(self):
        self.assertEqual(self.login().returncode, 0)
        self.run_program("logout")
        self.vault.leaves = self.vault.leaves[:2]
        self.refused(self.login(), "history.shrunk", 7)
        self.assertFalse(self.has_session())
        self.assertEqual(self.server.requests[-1][0].split(" ")[:2],
                         ["DELETE", "/api/v1/sessions/current"])

    def test_another_history_is_refused_whatever_its_size(self):
        self.assertEqual(self.login().returncode, 0)
        self.vault.leaves[1] = sha256(b"\x00", b"another")
        self.refused(self.login(), "history.forked", 7)
        self.vault.leaves.append(sha256(b"\x00", b"more"))
        self.refused(self.login(), "history.forked", 7)

    def test_another_key_is_refused_until_the_user_names_it(self):
        self.assertEqual(self.login().returncode, 0)
        self.vault.key = OTHER_KEY
        self.refused(self.login(), "key.changed", 7)
        self.refused(self.login("--trust-key", KEY.text), "key.unexpected", 7)
        self.assertEqual(self.login("--trust-key", OTHER_KEY.text).returncode, 0)
        self.assertEqual(self.login().returncode, 0)

    # --- filing --------------------------------------------------------------------------------

    def test_a_filing_brings_a_receipt_that_holds_offline(self):
        self.login()
        self.write("decreto.pdf", b"decreto")
        run = self.file("decreto.pdf", "--receipts", "ricevute")
        self.assertEqual(run.returncode, 0, run.stderr)
        filed = json.loads(run.stdout)
        self.assertEqual((filed["sha256"], filed["bytes"]), (hashlib.sha256(b"decreto").hexdigest(), 7))
        self.server.close()
        receipt = os.path.join("ricevute", filed["id"] + ".json")
        for trust in ((), ("--pinned",), ("--key", KEY.text)):
            self.assertEqual(self.run_program("receipt", "verify", receipt, *trust).returncode, 0, trust)
        self.refused(self.run_program("receipt", "verify", receipt, "--key", OTHER_KEY.text),
                     "receipt.wrong", 7)
        with open(os.path.join(self.folder, receipt), encoding="utf-8") as stream:
            text = stream.read()
        self.write("falsa.json", text.replace('\\"bytes\\":7', '\\"bytes\\":8').encode())
        self.refused(self.run_program("receipt", "verify", "falsa.json"), "receipt.wrong", 7)

    def test_a_receipt_about_something_else_is_no_success(self):
        self.login()
        self.write("a.pdf", b"a")
        self.write("b.pdf", b"b")
        self.assertEqual(self.file("a.pdf").returncode, 0)
        other = self.vault.filed[0]["receipt"]
        self.vault.lie = lambda receipt: other
        self.refused(self.file("b.pdf"), "receipt.wrong", 7)

    def test_the_same_bytes_again_are_a_duplicate_unless_a_reason_is_given(self):
        self.login()
        self.write("a.pdf", b"atto")
        self.write("copia.pdf", b"atto")
        first = json.loads(self.file("a.pdf").stdout)["id"]
        for name in ("copia.pdf", "a.pdf"):
            run = self.file(name)
            self.refused(run, "document.duplicate", 4)
            self.assertEqual(json.loads(run.stderr)["document"], first)
        self.assertEqual(len(self.vault.filed), 1)

    def test_an_answer_lost_on_the_way_is_not_a_second_document(self):
        self.login()
        self.write("a.pdf", b"atto")
        self.vault.cut_after_filing = 2
        run = self.file("a.pdf")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(self.vault.filed), 1)

    def test_a_batch_repeated_is_answered_from_the_first(self):
        self.login()
        for n in range(30):
            self.write(f"scans/{n % 3}/atto {n:02}.pdf", b"atto %d" % n)
        first, again = self.file("scans"), self.file("scans/")
        self.assertEqual((first.returncode, again.returncode), (0, 0), again.stderr)
        one, two = json.loads(first.stdout)["items"], json.loads(again.stdout)["items"]
        self.assertEqual([i["path"] for i in one], sorted(i["path"] for i in one))
        self.assertEqual([i["id"] for i in one], [i["id"] for i in two])
        self.assertTrue(all(i["already_filed"] for i in two))
        self.assertEqual(len(self.vault.filed), 30)
        self.write("scans/0/doppio.pdf", b"atto 7")
        third = self.file("scans")
        self.assertEqual(third.returncode, 6)
        failed = [i for i in json.loads(third.stdout)["items"] if "problem" in i]
        self.assertEqual([i["path"] for i in failed], ["scans/0/doppio.pdf"])
        self.assertEqual(failed[0]["problem"]["code"], "document.duplicate")

    def test_an_interrupted_batch_tells_what_was_done_and_resumes(self):
        self.login()
        for n in range(40):
            self.write(f"scans/{n:02}.pdf", b"atto %d" % n)
        original, reached = self.vault.file, threading.Event()

        def interrupting(key, body):
            answer = original(key, body)
            if len(self.vault.filed) == 10 and not reached.is_set():
                reached.set()
                self.process.send_signal(signal.SIGINT)
            return answer

        self.vault.file = interrupting
        arguments = [PROGRAM, "--json", "file", CODE, "scans", "--type", "decreto"]
        self.process = subprocess.Popen(arguments, cwd=self.folder, env=self.environment(),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        told, _ = self.process.communicate(timeout=60)
        self.assertEqual(self.process.returncode, 130)
        done = [i for i in json.loads(told)["items"] if "id" in i]
        self.assertTrue(10 <= len(done) < 40, len(done))
        self.assertEqual(self.file("scans").returncode, 0)
        self.assertEqual(len(self.vault.filed), 40)

    def test_a_list_describes_its_files(self):
        self.login()
        self.write("posta/uno.pdf", b"uno")
        self.write("posta/due.pdf", b"due")
        self.write("posta/elenco.csv", "file;fascicolo;tipo;data;procedimento\r\n"
                   f"uno.pdf;{CODE} | {SIBLING};ordinanza;12/03/2026;R.G. 1/2026|R.G. 2/2026\r\n"
                   f"manca.pdf;{CODE};decreto;;\r\n".encode())
        run = self.run_program("file", "-", "posta", "--index", "posta/elenco.csv", "--type", "altro")
        self.assertEqual(run.returncode, 6, run.stderr)
        items = {i["path"]: i for i in json.loads(run.stdout)["items"]}
        self.assertEqual(items["posta/due.pdf"]["problem"]["code"], "index.unlisted")
        self.assertEqual(items["posta/manca.pdf"]["problem"]["code"], "index.no_file")
        self.assertIn("id", items["posta/uno.pdf"])
        sent = [h for f, h in self.server.requests if "custode-metadata" in h]
        metadata = json.loads(base64.urlsafe_b64decode(sent[0]["custode-metadata"] + "=="))
        self.assertEqual(metadata.pop("also"), [SIBLING])
        self.assertEqual(metadata, {"file_name": "uno.pdf", "type": "ordinanza",
                                    "date_of_act": "2026-03-12",
                                    "proceedings": ["R.G. 1/2026", "R.G. 2/2026"]})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory(prefix="custode-certificates-") as CERTIFICATES:
        wire.make_certificates(CERTIFICATES)
        wire.CERTIFICATES = CERTIFICATES
        KEY, OTHER_KEY = Key(CERTIFICATES, "one"), Key(CERTIFICATES, "two")
        unittest.main(verbosity=1)
