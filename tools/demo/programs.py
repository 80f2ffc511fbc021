"""The demo's folder, its daemon, and the two programs driven as people drive them."""
import fcntl
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time

PATIENCE = 600  # seconds for one command: the first filing of a large folder is the longest
STOPPING = 60


class Failed(Exception):
    """What did not succeed, in words for whoever started the demo."""


def make_private(folder):
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(path, text):
    """A file that never was readable by others, whole or not at all."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.rename(path)
    return path


class Demo:
    """Everything under one folder, private to its owner."""

    def __init__(self, folder, programs):
        self.folder = make_private(pathlib.Path(folder).absolute())
        self.bin = pathlib.Path(programs).absolute()
        self.vault = self.folder / "archivio"
        self.ca = self.folder / "archivio.tls" / "ca.pem"
        self.keyfile = self.folder / "chiave" / "keyfile"
        self.papers = self.folder / "carte"
        self.lists = self.folder / "elenchi"
        self.outbox = self.folder / "consegna"
        self.log = self.folder / "custoded.log"
        self.pid_file = self.folder / "custoded.pid"
        self.address_file = self.folder / "indirizzo"
        self.state_file = self.folder / "stato.json"
        self.state = {"dossiers": {}, "accounts": {}}
        if self.state_file.exists():
            self.state = json.loads(self.state_file.read_text(encoding="utf-8"))

    def lock(self):
        """One tools/start at a time in a folder."""
        self.held = open(self.folder / ".lucchetto", "w")
        try:
            fcntl.flock(self.held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed(f"un altro tools/start sta lavorando in {self.folder}") from None

    def save(self):
        write_private(self.state_file, json.dumps(self.state, ensure_ascii=False, indent=1) + "\n")

    def password_file(self, name):
        """The account's password, made up the first time it is asked for."""
        path = make_private(self.folder / "utenti") / f"{name}.password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(18) + "\n")
        return path

    # --- the daemon -----------------------------------------------------------------------------

    def custoded(self, *arguments, check=True):
        done = subprocess.run([self.bin / "custoded", "--json", *map(str, arguments)],
                              capture_output=True, timeout=PATIENCE, check=False,
                              env={**os.environ, "CUSTODE_LANG": "it"})
        if check and done.returncode:
            raise Failed(f"custoded {arguments[0]}: {problem(done.stderr)}")
        return done

    def init(self):
        """Makes the vault; False when it is there already."""
        if (self.vault / "vault.toml").exists():
            return False
        make_private(self.keyfile.parent)
        self.custoded("init", self.vault, "--keyfile", self.keyfile, "--allow-any-file-system",
                      "--admin-password-file", self.password_file("admin"))
        # The root of a container is often an overlay: fit for a demo, refused by default.
        (self.folder / "custoded.toml").write_text(
            'body = "Comune di Valfinta (dimostrazione)"\nallow_any_file_system = true\n')
        return True

    def pid(self):
        """The daemon's process when it is running and really is ours."""
        try:
            pid = int(self.pid_file.read_text())
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.vault) in words and b"serve" in words else None

    def serve(self):
        """Starts the daemon unless it runs; gives whether it was started."""
        if self.pid():
            return False
        last = self.address_file.read_text().strip() if self.address_file.exists() else ""
        for listen in dict.fromkeys(filter(None, [last, "127.0.0.1:8443", "127.0.0.1:0"])):
            if self.try_serve(listen):
                return True
        raise Failed(f"custoded non parte; si veda {self.log}")

    def try_serve(self, listen):
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [self.bin / "custoded", "--json", "serve", self.vault, "--listen", listen,
                 "--config", self.folder / "custoded.toml", "--keyfile", self.keyfile],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                start_new_session=True, cwd="/")
        line = process.stdout.readline()
        process.stdout.close()
        if not line:
            process.wait()
            return False
        self.address_file.write_text(json.loads(line)["address"].removeprefix("https://") + "\n")
        write_private(self.pid_file, f"{process.pid}\n")
        self.child = process
        return True

    def stop(self):
        pid = self.pid()
        if not pid:
            return False
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPPING
        while self.pid():
            if getattr(self, "child", None):
                self.child.poll()  # ours: without this it would stay a zombie
            if time.monotonic() > deadline:
                raise Failed(f"il servizio (processo {pid}) non si ferma")
            time.sleep(0.02)
        self.pid_file.unlink(missing_ok=True)
        return True

    @property
    def url(self):
        return "https://" + self.address_file.read_text().strip()

    # --- the command line -----------------------------------------------------------------------

    def session(self, user):
        return make_private(self.folder / "sessioni" / user) / "session.json"

    def environment(self, user):
        return {**os.environ, "CUSTODE_LANG": "it", "CUSTODE_SERVER": self.url,
                "CUSTODE_CA": str(self.ca), "CUSTODE_SESSION": str(self.session(user))}

    def custode(self, user, *arguments, accept=(0,), progress=False):
        """Runs the client as `user`; gives (exit, what it said as JSON)."""
        shown = progress and sys.stderr.isatty()
        done = subprocess.run([self.bin / "custode", "--json", *map(str, arguments)],
                              stdout=subprocess.PIPE, stderr=None if shown else subprocess.PIPE,
                              env=self.environment(user), timeout=PATIENCE, check=False)
        if done.returncode not in accept:
            raise Failed(f"{user}: custode {' '.join(map(str, arguments[:2]))}: "
                         + ("" if shown else problem(done.stderr)))
        said = done.stdout or (b"" if shown else done.stderr)
        try:
            return done.returncode, json.loads(said) if said.strip() else {}
        except ValueError:
            return done.returncode, {}

    def login(self, user):
        self.custode(user, "login", "--user", user, "--password-file", self.password_file(user))

    def token(self, user):
        return json.loads(self.session(user).read_text())["token"]


def problem(stderr):
    """The problem object of --json in one line; else the last thing that was said."""
    text = stderr.decode("utf-8", "replace").strip()
    try:
        told = json.loads(text[text.index("{"):])
        return f"{told['message']} [{told['code']}]"
    except (ValueError, KeyError, TypeError):
        return (text.splitlines() or ["nessuna spiegazione"])[-1]
