"""A vault of its own for each scenario, driven as people drive it: `custoded` and `custode`.

    CUSTODE_BIN         folder of the programs (ctest sets it)
    CUSTODE_CONTROLS    1: a test build, whose guards can be left out
    CUSTODE_SANITIZERS  what they were built with; empty: plainly, and the long parts run too

A scenario is a script of functions marked @scenario, each named by the sentence that it shows, run
in the order in which they stand.  Everything that a vault starts is ended and removed with it.
"""
import atexit
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

BIN = pathlib.Path(os.environ.get("CUSTODE_BIN", "build/dev/bin")).resolve()
IS_SANITIZED = bool(os.environ.get("CUSTODE_SANITIZERS"))
HAS_CONTROLS = os.environ.get("CUSTODE_CONTROLS") == "1"  # guards can be left out
PATIENCE = 300 if IS_SANITIZED else 90  # seconds for one command; never waited for in full
PASSWORD = "una frase lunga di prova"
FAKETIME = next((str(file) for file in pathlib.Path("/usr/lib").glob(
    "*/faketime/libfaketimeMT.so.1") if not IS_SANITIZED), None)  # none of it under sanitizers
FINDINGS = (b"ERROR: AddressSanitizer", b"ERROR: LeakSanitizer", b"WARNING: ThreadSanitizer",
            b"runtime error:", b"terminate called")

_scenarios = []


def scenario(function):
    _scenarios.append(function)
    return function


def run_scenarios():
    """Runs them all; stops at the first that does not hold, since the next ones build on it."""
    for function in _scenarios:
        sentence = function.__name__.replace("_", " ")
        begun = time.monotonic()
        try:
            function()
        except BaseException:
            print(f"NOT SHOWN  {sentence}", flush=True)
            traceback.print_exc()
            sys.exit(1)
        print(f"shown      {sentence}  ({time.monotonic() - begun:.1f} s)", flush=True)


class Unexpected(Exception):
    """What was tried did not answer as it must; the message says what came."""


def demand(holds, what):
    if not holds:
        raise Unexpected(what)


def same(actual, wanted, what=""):
    demand(actual == wanted, f"{what}: {short(actual)} is not {short(wanted)}")


def short(value):
    text = repr(value)
    return text if len(text) < 2000 else text[:2000] + "…"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def bytes_of(size, seed=0):
    """Bytes that are different for each seed and repeat nowhere within a document."""
    return hashlib.shake_256(f"{size}/{seed}".encode()).digest(size)


class Result:
    """What one run of `custode` or `custoded` left behind."""

    def __init__(self, process):
        self.exit = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def problem(self):
        return json.loads(self.err)

    @property
    def code(self):
        return self.problem["code"]


class Answer:
    """One HTTP answer, whole."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.getheaders()
        self.body = response.read()

    def header(self, name):
        return dict((key.lower(), value) for key, value in self.headers).get(name.lower())

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["code"]

    def without_its_own(self):
        """The answer as bytes, without what is new in every answer: date and correlation id."""
        body = self.body
        if self.header("Content-Type") == "application/problem+json":
            body = body.replace(self.json["correlation"].encode(), b"")
        headers = [item for item in self.headers
                   if item[0].lower() not in ("date", "x-correlation-id")]
        return self.status, headers, body


def run(arguments, exit=0, input=None, environment=None, timeout=None):
    """Runs a program to its end; `exit` is the code that it must give, None for any."""
    process = subprocess.run([str(argument) if not isinstance(argument, bytes) else argument
                              for argument in arguments],
                             input=input, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=environment, timeout=timeout or PATIENCE)
    for finding in FINDINGS:
        demand(finding not in process.stderr, process.stderr.decode("utf-8", "replace"))
    if exit is not None:
        demand(process.returncode == exit,
               f"{short(arguments[1:])} ended with {process.returncode}, not {exit}\n"
               f"{process.stdout.decode('utf-8', 'replace')[-2000:]}\n"
               f"{process.stderr.decode('utf-8', 'replace')[-2000:]}")
    return Result(process)


class RunningVault:
    """A vault folder and, between serve() and stop() or kill(), its daemon."""

    tracer = ()  # what custoded is started under, with its options

    def __init__(self, slots=lambda vault: ("--keyfile", vault.keyfile), disk=None):
        """`disk`: a folder on another file system, where the vault lies and nothing else."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="custode-scenario-"))
        self.vault = (disk or self.folder) / "vault"
        self.tls = (disk or self.folder) / "vault.tls"
        self.keyfile = self.folder / "device" / "keyfile"
        self.log = self.folder / "custoded.log"
        self.temporary = self.folder / "tmp"
        self.config = self.folder / "custoded.toml"
        self.process = None
        self.address = self.monitor = None
        for folder in (self.keyfile.parent, self.temporary):
            folder.mkdir()
        self.password_file = self.secret("password", PASSWORD)
        self.config.write_text("allow_any_file_system = true\n")
        atexit.register(self.discard)
        self.made = self.custoded("init", self.vault, *slots(self), "--admin-password-file",
                                  self.password_file, "--allow-any-file-system").json

    def discard(self):
        """Whatever went wrong, no process and no file stays behind."""
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.stop()
            elif self.log.exists():
                sys.stderr.write(self.log.read_text(errors="replace")[-4000:])
        finally:
            self.discard()

    def secret(self, name, text):
        file = self.folder / f"secret-{name}"
        file.write_text(text + "\n")
        file.chmod(0o600)
        return file

    # --- the daemon -----------------------------------------------------------------------------

    def environment(self, **more):
        kept = {name: os.environ[name] for name in
                ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_PRELOAD",
                 "CUSTODE_WITHOUT")
                if name in os.environ}
        return {**kept, "HOME": str(self.folder), "TMPDIR": str(self.temporary),
                "CUSTODE_LANG": "it", **more}

    def custoded(self, *arguments, exit=0, timeout=None, **environment):
        return run([BIN / "custoded", "--json", *arguments], exit, timeout=timeout,
                   environment=self.environment(**environment))

    def spawn(self, *options, unsealed=True, **environment):
        """Starts the daemon on a free port, and does not wait for it."""
        key = ("--keyfile", self.keyfile) if unsealed else ()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(item) for item in (*self.tracer, BIN / "custoded", "--json", "serve",
                                        self.vault, "--listen", "127.0.0.1:0", "--config",
                                        self.config, *key, *options)],
                stdout=subprocess.PIPE, stderr=log, env=self.environment(**environment))

    def serve(self, *options, unsealed=True, **environment):
        """Starts the daemon; returns when it listens."""
        self.spawn(*options, unsealed=unsealed, **environment)
        line = self.process.stdout.readline()
        if not line:
            raise Unexpected(f"the daemon ended with {self.process.wait()}:\n"
                             + self.log.read_text(errors="replace")[-4000:])
        said = json.loads(line)
        self.url = said["address"]
        self.address = self.url.removeprefix("https://")
        self.monitor = said["monitor"]
        return self

    def stop(self):
        """Asks it to end, and demands that it ends well."""
        if self.process:
            process, self.process = self.process, None
            process.send_signal(signal.SIGTERM)
            same(process.wait(PATIENCE), 0, "exit of the daemon after SIGTERM")
            process.stdout.close()
        self.check_log()

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait()
        process.stdout.close()

    def check_log(self):
        log = self.log.read_bytes() if self.log.exists() else b""
        for finding in FINDINGS:
            demand(finding not in log, log[-8000:].decode("utf-8", "replace"))

    def verify(self):
        """Every byte of the stopped vault holds: `custoded verify` says so."""
        report = self.custoded("verify", self.vault, "--keyfile", self.keyfile, timeout=600).json
        same((report["intact"], report["findings"]), (True, []), "verify")
        return report

    def rebuild(self):
        """Every table is what the journal gives."""
        report = self.custoded("rebuild", self.vault, "--keyfile", self.keyfile, timeout=600).json
        same((report["intact"], report["findings"]), (True, []), "rebuild")
        for table in report["tables"]:
            same(table["rebuilt"], table["digest"], f"table {table['name']}")
        return report

    # --- the command line -----------------------------------------------------------------------

    def home(self, user):
        folder = self.folder / "people" / user
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def custode(self, user, *arguments, exit=0, input=None, timeout=None, **environment):
        """Runs the client as `user`, who has a session and pins of their own."""
        return run([BIN / "custode", "--json", *arguments], exit, input, timeout=timeout,
                   environment=self.environment(CUSTODE_SERVER=self.url,
                                                CUSTODE_CA=str(self.made["ca"]),
                                                CUSTODE_SESSION=str(self.home(user) / "session"),
                                                CUSTODE_PASSWORD_FILE=str(self.password_file),
                                                **environment))

    def login(self, user):
        self.custode(user, "login", "--user", user)
        return user

    def account(self, name, role, unit=None, *more):
        """Makes an account (as admin, who must be signed in) and signs it in."""
        self.custode("admin", "account", "create", name, "--role", role,
                     *(("--unit", unit) if unit else ()), *more, "--password-file", self.password_file)
        return self.login(name)

    def file(self, user, dossier, *arguments, exit=0, **more):
        return self.custode(user, "file", dossier, *arguments, "--type", "altro", exit=exit, **more)

    def document(self, name, content):
        """A file to be filed, in a folder of its own so that any name will do."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        with open(path, "wb") as out:
            out.write(content)
        return pathlib.Path(os.fsdecode(path))

    def get(self, user, document, *arguments, exit=0):
        out = self.folder / f"read-{document}"
        result = self.custode(user, "get", document, "-o", out, "--force", "--purpose",
                              "verifica", *arguments, exit=exit)
        if exit:
            return result
        content = out.read_bytes()
        out.unlink()
        return content

    # --- HTTP as it is --------------------------------------------------------------------------

    def connection(self, timeout=PATIENCE):
        host, port = self.address.rsplit(":", 1)
        context = ssl.create_default_context(cafile=self.made["ca"])
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return http.client.HTTPSConnection(host, int(port), timeout=timeout, context=context)

    def token(self, user):
        return json.loads((self.home(user) / "session").read_text())["token"]

    def call(self, method, path, user=None, body=None, headers=None, token=None, connection=None):
        """One request to /api/v1; a dict is sent as JSON."""
        headers = dict(headers or {})
        if user or token:
            headers["Authorization"] = "Bearer " + (token or self.token(user))
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        own = connection is None
        connection = connection or self.connection()
        try:
            connection.request(method, "/api/v1" + path, body=body, headers=headers)
            return Answer(connection.getresponse())
        finally:
            if own:
                connection.close()

    def filing_headers(self, content, metadata=None, key=None, **changed):
        metadata = {"file_name": "prova.bin", "type": "altro"} if metadata is None else metadata
        text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
        headers = {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:",
                   "Idempotency-Key": key or sha256(os.urandom(16)),
                   "Custode-Metadata": base64.urlsafe_b64encode(text).rstrip(b"=").decode()}
        headers.update({name.replace("_", "-"): value for name, value in changed.items()})
        return headers

    def put(self, user, dossier, content, metadata=None, key=None, connection=None, **changed):
        """Files bytes over HTTP, without the client's care."""
        return self.call("POST", f"/dossiers/{dossier}/documents", user, content,
                         self.filing_headers(content, metadata, key, **changed),
                         connection=connection)

    def begin_filing(self, user, dossier, content, sent, key=None):
        """Sends the head of a filing and its first bytes; returns when the daemon has begun it."""
        connection = self.connection()
        connection.putrequest("POST", f"/api/v1/dossiers/{dossier}/documents")
        for item in {**self.filing_headers(content, key=key), "Content-Length": str(len(content)),
                     "Authorization": "Bearer " + self.token(user)}.items():
            connection.putheader(*item)
        connection.endheaders()
        # The first byte of a body is read only after the request has been entered as under way.
        before = self.metric("custode_http_body_bytes_in_total")
        connection.send(content[:sent])
        self.wait(lambda: self.metric("custode_http_body_bytes_in_total") > before, "it is begun")
        return connection

    def probe(self, path):
        """GET on the monitor port."""
        connection = http.client.HTTPConnection(self.monitor, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return Answer(connection.getresponse())

    def metric(self, name):
        for line in self.probe("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise Unexpected(f"there is no metric {name}")

    def wait(self, until, what):
        """Looks every few milliseconds whether something has come about."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            demand(time.monotonic() < deadline, what)
            time.sleep(0.005)

    def open_dossier(self, user, surname, name="Prova", unit="municipio-3", *more):
        return self.custode(user, "dossier", "open", "--surname", surname, "--name", name,
                            "--unit", unit, *more).json["id"]

    def all_documents(self, user):
        """Every document that the user may list."""
        items, cursor = [], ""
        while cursor is not None:
            page = self.call("GET", "/documents?limit=200"
                             + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""),
                             user).json
            items += page["items"]
            cursor = page["next"]
        return items


def staffed_vault():
    """A served vault with the administrator and one archivist, both signed in."""
    vault = RunningVault().serve()
    vault.login("admin")
    vault.account("anna", "archivist", "municipio-3")
    return vault
