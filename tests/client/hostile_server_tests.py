#!/usr/bin/env python3
"""The program against servers that lie, cut, stall or are not who they say.

Usage: hostile_server_tests.py CUSTODE

Each server is a thread that speaks TLS with Python's ssl and answers by hand; the certificates are
made by openssl for the run.  No daemon of ours takes part, so what is tested is the client alone.
"""
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = None
DOCUMENT = "0b1c5a7e-3f52-4c6e-9f0a-2d8a4c1b7e90"
DOSSIER = "5f0e7c52-8f0e-4a44-9a65-1f2f6d6d5c11"
CONTENT = bytes(range(256)) * 5000  # 1.28 MB: more than one TLS record and one read


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def make_certificates(folder):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
            "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Prova CA", cwd=folder)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
            "2", "-keyout", "other.key", "-out", "other.pem", "-subj", "/CN=Altra CA", cwd=folder)
    for name, names in (("ip", "IP:127.0.0.1"), ("name", "DNS:localhost"),
                        ("elsewhere", "IP:127.0.0.2,DNS:127.0.0.1")):
        with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as stream:
            stream.write(f"subjectAltName={names}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                name + ".key", "-out", name + ".csr", "-subj", "/CN=127.0.0.1", cwd=folder)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
                "2", "-CAcreateserial", "-extfile", name + ".ext", "-out", name + ".pem", cwd=folder)


def answer(status, body, *headers):
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def problem(status, code, **more):
    body = json.dumps({"code": code, "status": status, "title": "Titolo", "hint": "Consiglio", **more})
    return answer(status, body.encode(), "Content-Type: application/problem+json")


def digest(content):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(content).digest()).decode() + ":"


def read_head(stream):
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return None, {}, b""
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
    return first, headers, rest


class Server:
    """Serves one connection after another; `script(stream, first, headers, rest)` answers each
    request and returns False to cut the connection."""

    def __init__(self, folder, script, certificate="ip", version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, certificate + ".pem"),
                                os.path.join(folder, certificate + ".key"))
        if version:
            context.minimum_version = context.maximum_version = version
        self.script, self.context, self.requests, self.cuts = script, context, [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(raw,), daemon=True).start()

    def serve(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as stream:
                stream.settimeout(20)
                while True:
                    first, headers, rest = read_head(stream)
                    if first is None:
                        return
                    self.requests.append((first, headers))
                    if self.script(stream, first, headers, rest) is False:
                        return
        except OSError:
            self.cuts += 1

    def close(self):
        self.listener.close()


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="custode-client-")
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            server.close()
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def server(self, script, **more):
        self.servers.append(Server(CERTIFICATES, script, **more))
        return self.servers[-1]

    def run_program(self, server, *arguments, host="127.0.0.1", ca="ca.pem", session=True, **more):
        url = f"https://{host}:{server.port}"
        path = os.path.join(self.folder, "session.json")
        if session:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                      encoding="ascii") as stream:
                json.dump({"server": url, "ca": "", "token": "T0K3N", "user": "u", "expires": "x",
                           "key": KEY}, stream)
        environment = {"PATH": os.environ["PATH"], "CUSTODE_SESSION": path, "LANG": "C",
                       "CUSTODE_SERVER": url, "CUSTODE_CA": os.path.join(CERTIFICATES, ca)}
        return subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=60, cwd=self.folder,
                              env=environment, check=False, **more)

    def check_problem(self, run, code, exit_code):
        told = json.loads(run.stderr)
        self.assertEqual((told["code"], run.returncode), (code, exit_code), run.stderr)
        self.assertTrue(told["message"] and told["hint"], told)

    # --- who is at the other end ---------------------------------------------------------------

    def test_the_certificate_decides_whom_we_speak_to(self):
        ok = lambda stream, *_: stream.sendall(answer(200, b'{"state":"unsealed"}'))
        good = self.server(ok)
        self.assertEqual(self.run_program(good, "status").returncode, 0)
        by_name = self.server(ok, certificate="name")
        self.assertEqual(self.run_program(by_name, "status", host="localhost").returncode, 0)
        for server, host, ca in ((good, "127.0.0.1", "other.pem"),     # another authority
                                 (good, "localhost", "ca.pem"),        # an address is no name
                                 (by_name, "127.0.0.1", "ca.pem"),     # nor a name an address
                                 (self.server(ok, certificate="elsewhere"), "127.0.0.1", "ca.pem")):
            before = len(server.requests)
            run = self.run_program(server, "status", "--json", host=host, ca=ca)
            self.check_problem(run, "tls.untrusted", 1)
            self.assertEqual(len(server.requests), before, "nothing is sent to a stranger")

    def test_older_protocols_are_refused(self):
        ok = lambda stream, *_: stream.sendall(answer(200, b'{"state":"unsealed"}'))
        old = self.server(ok, version=ssl.TLSVersion.TLSv1_2)
        run = self.run_program(old, "status", "--json")
        self.check_problem(run, "tls.untrusted", 1)
        self.assertEqual(old.requests, [])

    def test_a_token_goes_only_to_the_server_that_gave_it(self):
        ok = lambda stream, *_: stream.sendall(answer(200, b"{}"))
        first, second = self.server(ok), self.server(ok)
        self.run_program(first, "whoami")
        run = self.run_program(second, "whoami", "--json", session=False)
        self.check_problem(run, "session.other_server", 5)
        self.assertEqual(second.requests, [])

    # --- answers that are not whole ------------------------------------------------------------

    def test_a_cut_answer_is_never_taken_for_a_whole_one(self):
        headers = "\r\nRepr-Digest: " + digest(CONTENT) + "\r\nETag: \"v1\"\r\n\r\n"
        by_length = f"HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}{headers}".encode()
        chunked = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked{headers}".encode()
        half = CONTENT[:640_000]
        bodies = (by_length + half, chunked + b"9c400\r\n" + half + b"\r\n",
                  chunked + b"9c400\r\n" + half[:100])
        for body in bodies:
            def cut(stream, *_, body=body):
                stream.sendall(body)
                stream.unwrap()  # a proper farewell: only the missing end tells
                return False
            server = self.server(cut)
            run = self.run_program(server, "get", DOCUMENT, "-o", "d.bin", "--purpose", "x", "--json")
            self.check_problem(run, "connection.cut", 1)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "d.bin")))
            run = self.run_program(server, "export", "court", DOSSIER, "-o", "e.zip", "--purpose", "x",
                                   "--recipient", "y", "--json")
            self.check_problem(run, "connection.cut", 1)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "e.zip")))

    def serve_content(self, content=CONTENT, said=None, etag='"v1"', cut_first_at=None):
        state = {"cut": cut_first_at}

        def script(stream, first, headers, rest):
            start = 0
            status = 200
            if "range" in headers:
                start, status = int(headers["range"][6:].split("-")[0]), 206
            body = content[start:]
            head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}",
                    f"Repr-Digest: {digest(said or content)}", f"ETag: {etag}"]
            if status == 206:
                head.append(f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}")
            end, state["cut"] = state["cut"], None
            stream.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body[:end])
            return end is None

        return script

    def test_a_download_is_verified_and_never_overwrites(self):
        server = self.server(self.serve_content())
        path = os.path.join(self.folder, "d.bin")
        arguments = ("get", DOCUMENT, "-o", "d.bin", "--purpose", "istruttoria", "--json")
        run = self.run_program(server, *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        told = json.loads(run.stdout)
        self.assertEqual(told["sha256"], hashlib.sha256(CONTENT).hexdigest())
        self.assertTrue(told["verified"])
        with open(path, "rb") as stream:
            self.assertEqual(stream.read(), CONTENT)
        self.assertEqual(server.requests[0][1]["custode-purpose"], "istruttoria")
        before = len(server.requests)
        self.check_problem(self.run_program(server, *arguments), "file.exists", 4)
        self.assertEqual(len(server.requests), before, "a refusal discloses nothing")
        self.assertEqual(self.run_program(server, *arguments, "--force").returncode, 0)
        piped = self.run_program(server, "get", DOCUMENT, "-o", "-", "--purpose", "x")
        self.assertEqual(piped.stdout, CONTENT)
        self.assertEqual(piped.stderr, b"", "no progress in a pipe")

    def test_other_bytes_than_promised_are_refused(self):
        server = self.server(self.serve_content(said=b"something else"))
        run = self.run_program(server, "get", DOCUMENT, "-o", "d.bin", "--purpose", "x", "--json")
        self.check_problem(run, "digest.mismatch", 7)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith("d.bin")], [])

    def test_an_interrupted_download_goes_on_where_it_was(self):
        server = self.server(self.serve_content(cut_first_at=700_000))
        arguments = ("get", DOCUMENT, "-o", "d.bin", "--purpose", "x", "--json")
        self.check_problem(self.run_program(server, *arguments), "connection.cut", 1)
        part = os.path.getsize(os.path.join(self.folder, "d.bin.part"))
        self.assertGreater(part, 0)
        run = self.run_program(server, *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(server.requests[-1][1]["range"], f"bytes={part}-")
        with open(os.path.join(self.folder, "d.bin"), "rb") as stream:
            self.assertEqual(stream.read(), CONTENT)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "d.bin.part.etag")))

    def test_a_part_of_another_version_is_thrown_away(self):
        first = self.server(self.serve_content(cut_first_at=700_000))
        arguments = ("get", DOCUMENT, "-o", "d.bin", "--purpose", "x", "--json")
        self.run_program(first, *arguments)
        second = self.server(self.serve_content(content=CONTENT[::-1], etag='"v2"'))
        run = self.run_program(second, *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(os.path.join(self.folder, "d.bin"), "rb") as stream:
            self.assertEqual(stream.read(), CONTENT[::-1])

    # --- answers that are not ours -------------------------------------------------------------

    def test_nonsense_is_an_error_not_a_crash(self):
        for body in (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
                     b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                     b"nonsense\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
                     answer(200, b"[" * 200_000),
                     answer(200, b"{not json"),
                     answer(200, b'{"items":7}'),
                     answer(200, b"[]")):
            def script(stream, *_, body=body):
                stream.sendall(body)
                return False
            run = self.run_program(self.server(script), "dossier", "list", "--json")
            self.check_problem(run, "answer.malformed", 1)

    def test_an_endless_answer_is_refused(self):
        def script(stream, *_):
            stream.sendall(answer(200, b"x" * (17 * 1024 * 1024)))
        run = self.run_program(self.server(script), "whoami", "--json")
        self.check_problem(run, "answer.too_long", 1)

    def test_texts_of_the_server_cannot_drive_the_terminal(self):
        evil = "a\x1b[2J\u202eb\nc"
        items = {"items": [{"code": evil, "designation": evil, "id": DOSSIER}], "next": None}
        listing = self.server(lambda s, *_: s.sendall(answer(200, json.dumps(items).encode())))
        run = self.run_program(listing, "dossier", "list")
        self.assertEqual(run.returncode, 0)
        self.assertEqual(len(run.stdout.decode().splitlines()), 2)
        refusing = self.server(lambda s, *_: s.sendall(problem(404, "not_found", title=evil, hint=evil)))
        told = self.run_program(refusing, "dossier", "show", DOSSIER)
        self.assertEqual(told.returncode, 3)
        for text in (run.stdout, told.stderr):
            self.assertNotIn(b"\x1b", text)
            self.assertNotIn("\u202e".encode(), text)
            self.assertIn(b"\\x1B[2J", text)

    def test_the_servers_refusals_end_with_their_exits(self):
        for status, code, exit_code in ((400, "field.unknown", 2), (401, "session.expired", 5),
                                        (404, "not_found", 3), (409, "account.exists", 4),
                                        (423, "vault.sealed", 5), (500, "vault.corrupt", 7),
                                        (507, "store.full", 1)):
            script = lambda s, *_: s.sendall(problem(status, code))
            run = self.run_program(self.server(script), "whoami", "--json")
            self.check_problem(run, code, exit_code)

    def test_a_busy_server_is_asked_again(self):
        answers = [answer(503, b"", "Retry-After: 0"), problem(429, "login.busy"),
                   answer(200, b'{"account":{"name":"u"}}')]
        run = self.run_program(self.server(lambda s, *_: s.sendall(answers.pop(0))), "whoami", "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(answers, [])

    # --- filing --------------------------------------------------------------------------------

    def file_script(self, state):
        def script(stream, first, headers, rest):
            if first.startswith("GET"):
                stream.sendall(answer(200, b"{}"))
                return True
            state["keys"].append(headers["idempotency-key"])
            if state["cut"] > 0:
                state["cut"] -= 1
                return False
            length = int(headers["content-length"])
            while len(rest) < length:
                rest += stream.recv(65536)
            assert headers["content-digest"] == digest(rest)
            metadata = headers["custode-metadata"]
            state["metadata"].append(json.loads(base64.urlsafe_b64decode(metadata + "==")))
            stream.sendall(answer(201, json.dumps({
                "id": DOCUMENT, "sha256": hashlib.sha256(rest).hexdigest(), "bytes": len(rest),
                "receipt": {"forged": True}}).encode()))
            return True
        return script

    def write(self, name, content):
        with open(os.path.join(self.folder.encode(), name), "wb") as stream:
            stream.write(content)

    def test_a_filing_without_a_true_receipt_is_no_success(self):
        self.write(b"a.pdf", CONTENT)
        state = {"keys": [], "cut": 0, "metadata": []}
        run = self.run_program(self.server(self.file_script(state)), "file", DOSSIER, "a.pdf", "--type",
                               "decreto", "--proceeding", "R.G. 1/2026", "--json")
        self.check_problem(run, "receipt.malformed", 7)
        self.assertEqual(run.stdout, b"")
        self.assertEqual(state["metadata"], [{"file_name": "a.pdf", "type": "decreto",
                                              "proceedings": ["R.G. 1/2026"]}])

    def test_a_cut_upload_is_repeated_with_the_same_key(self):
        self.write(b"a.pdf", CONTENT)
        state = {"keys": [], "cut": 2, "metadata": []}
        self.run_program(self.server(self.file_script(state)), "file", DOSSIER, "a.pdf", "--type", "altro")
        self.assertEqual(len(state["keys"]), 3)
        self.assertEqual(len(set(state["keys"])), 1)
        wanted = hashlib.sha256(
            (DOSSIER + "a.pdf" + hashlib.sha256(CONTENT).hexdigest()).encode()).hexdigest()[:48]
        self.assertEqual(state["keys"][0], wanted)

    def test_an_early_refusal_stops_a_large_upload(self):
        size = 300 * 1024 * 1024
        with open(os.path.join(self.folder, "grande.bin"), "wb") as stream:
            stream.truncate(size)
        taken = []

        def script(stream, first, headers, rest):
            if first.startswith("GET"):
                stream.sendall(answer(200, b"{}"))
                return True
            stream.sendall(problem(413, "body.too_large"))
            count = len(rest)
            try:
                while more := stream.recv(1 << 20):
                    count += len(more)
            finally:
                taken.append(count)
            return False

        run = self.run_program(self.server(script), "file", DOSSIER, "grande.bin", "--type", "altro", "--json")
        self.check_problem(run, "body.too_large", 2)
        self.assertLess(sum(taken), size // 2)

    def test_names_that_cannot_be_stored_are_told_escaped_and_alone(self):
        os.mkdir(os.path.join(self.folder, "scans"))
        for name in (b"scans/a\nb.pdf", b"scans/caff\xe8.pdf", b"scans/\x1b[2Jx.pdf", b"scans/ok.pdf"):
            self.write(name, b"x")
        self.write(b"scans/vuoto.pdf", b"")
        os.symlink("/etc/passwd", os.path.join(self.folder, "scans", "link"))
        server = self.server(lambda s, *_: s.sendall(answer(200, b"{}")))
        run = self.run_program(server, "file", DOSSIER, "scans", "--type", "altro", "--dry-run", "--json")
        self.assertEqual(run.returncode, 6, run.stderr)
        items = json.loads(run.stdout)["items"]
        codes = {item["path"]: item.get("problem", {}).get("code") for item in items}
        self.assertEqual(codes, {
            "scans/a\\nb.pdf": "name.control", "scans/caff\\xE8.pdf": "name.not_utf8",
            "scans/\\x1B[2Jx.pdf": "name.control", "scans/ok.pdf": None,
            "scans/vuoto.pdf": "file.empty", "scans/link": "file.not_regular"})
        self.assertEqual(server.requests, [], "a rehearsal asks the server nothing")
        shown = self.run_program(server, "file", DOSSIER, "scans", "--type", "altro", "--dry-run")
        self.assertNotIn(b"\x1b", shown.stdout + shown.stderr)
        renamed = self.run_program(server, "file", DOSSIER, b"scans/a\nb.pdf", "--name", "ab.pdf",
                                   "--type", "altro", "--dry-run", "--json")
        self.assertEqual(renamed.returncode, 0, renamed.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    # A well-formed Ed25519 verifier key whose secret nobody needs: no true receipt is made here.
    raw = b"\x01" + hashlib.sha256(b"a key").digest()
    mark = hashlib.sha256(b"custode.example/1\n" + raw).digest()[:4].hex()
    KEY = f"custode.example/1+{mark}+{base64.b64encode(raw).decode()}"
    with tempfile.TemporaryDirectory(prefix="custode-certificates-") as CERTIFICATES:
        make_certificates(CERTIFICATES)
        unittest.main(verbosity=1)
