#!/usr/bin/env python3
"""Five seconds after the last request the process holds no key, password or token in the open.

Every key of the vault (custode-eye derives them from the keyfile), the passwords that were used,
right and wrong, and the tokens of all sessions are searched for in every byte of memory that root
can read: the arena, where the keys are, is the only part that must not be readable.  Then the
process is killed with SIGSEGV and SIGABRT, and leaves no core.
"""
import os
import pathlib
import resource
import signal
import time

import faults
import harness
import looks
import memory
import wire

QUIET = 5  # seconds


class Forgetting:
    def __init__(self, trial):
        if os.geteuid() != 0:
            raise faults.Skip("only root reads another process's memory")
        if harness.IS_SANITIZED:
            raise faults.Skip("sanitizers keep what was freed, on purpose")
        self.trial = trial
        self.shown = looks.Shown()
        self.vault = self.shown.vault
        self.secrets = {}

    def word(self, what):
        self.secrets[what] = word = f"{what.replace(' ', '-')}-{self.trial.dice.randbytes(9).hex()}"
        return word

    def use(self):
        """Logs in and out, fails, changes a password, files, reads, lists, unseals again."""
        vault = self.vault
        self.secrets["the password of all"] = harness.PASSWORD
        for round_number in range(self.trial.times):
            for look in self.shown.looks:
                wire.exchange(vault, look.request(vault, f"uso-{round_number}"))
            vault.call("POST", "/sessions", body={
                "user": "anna", "password": self.word(f"wrong password {round_number}")})
            vault.call("POST", "/sessions", body={
                "user": f"nessuno{round_number}", "password": self.word(f"lost {round_number}")})
            vault.call("GET", "/me", token=self.word(f"no token {round_number}"))
            password = self.word(f"new password {round_number}")
            made = vault.call("POST", "/accounts", "admin", {
                "name": f"utente{round_number}", "role": "archivist", "unit": "municipio-3",
                "password": password})
            harness.same(made.status, 201, made.body)
            opened = vault.call("POST", "/sessions", body={"user": f"utente{round_number}",
                                                           "password": password})
            harness.same(opened.status, 201, opened.body)
            self.secrets[f"token {round_number}"] = opened.json["token"]
            same = vault.put("anna", self.shown.dossier, harness.bytes_of(300_000, round_number))
            harness.same(same.status, 201, same.body)
        for user in ("admin", "anna", "luca"):
            self.secrets[f"token of {user}"] = vault.token(user)

    def keys(self):
        """Of the same vault, learnt when it is stopped; a restart does not change them."""
        self.vault.stop()
        keys = {}
        for line in wire.eye(self.vault, "keys"):
            what, key = line.rsplit(" ", 1)
            keys[f"{what} {key[:8]}"] = bytes.fromhex(key)
        return keys

    def look(self, keys):
        needles = {what: text.encode() for what, text in self.secrets.items()}
        needles.update(keys)
        control = looks.SURNAME.lower().encode()
        found, read, refused = memory.search(self.vault.process, {**needles, "control": control})
        self.trial.count("bytes of memory looked through", read)
        self.trial.count("secrets looked for", len(needles))
        harness.demand("control" in found, "the search is blind: it does not see the name index")
        harness.demand(len(refused) > 0 or self.arena() == "locked", "the arena is readable")
        for what, (path, at, near) in sorted(found.items()):
            if what == "control" or (what in keys and path.endswith("secretmem")):
                continue
            self.trial.finding(f"{what} lies at {at} in {path}: {near!r}")

    def arena(self):
        return self.vault.call("GET", "/status").json["arena"]

    def run(self):
        """The keys are learnt first: their search comes after a day's work in one process."""
        keys = self.keys()
        self.vault.serve()
        for user in ("admin", "anna", "luca"):
            self.vault.login(user)
        self.use()
        time.sleep(QUIET)
        self.look(keys)
        self.crash()

    def crash(self):
        """No core, whatever the limits were and wherever the pattern would have put one."""
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        folder = pathlib.Path(self.vault.folder)
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
            if not self.vault.process:
                self.vault.serve()
            before = set(folder.rglob("*core*")) | set(pathlib.Path.cwd().glob("*core*"))
            self.vault.process.send_signal(number)
            ended = self.vault.process.wait(harness.PATIENCE)
            self.vault.process.stdout.close()
            self.vault.process = None
            left = (set(folder.rglob("*core*")) | set(pathlib.Path.cwd().glob("*core*"))) - before
            self.trial.demand(ended != 0 and not left,
                              f"{number.name}: ended with {ended}, left {left}")
            self.trial.count("killed by a signal that makes a core")


CONTROL_VAULTS = 5  # what nobody wipes is written over all the same in about one of four


def forgetting(trial):
    for _ in range(CONTROL_VAULTS if trial.control else 1):
        Forgetting(trial).run()
        if trial.had_enough():
            break


faults.run(forgetting, "no key, password or token outlives its use in readable memory",
           short_times=2, long_times=20, controls=("wipe_freed",))
