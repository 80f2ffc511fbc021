#!/usr/bin/env python3
"""With its journal failing, the vault shows nothing: not one byte of what was asked for.

Every way to be shown something, while each system call of the event's commit fails in turn with EIO
and with ENOSPC (strace holds the writer's thread); the answer is read off the wire until it closes.
"""
import os
import re
import shutil
import subprocess

import faults
import harness
import looks
import wire

CALLS = "pwrite64,pwritev,writev,write,fdatasync,fsync"
ERRORS = ("EIO", "ENOSPC")


class Strace:
    """strace on the thread that commits, for as long as the block lasts."""

    def __init__(self, vault, *options):
        self.thread, = wire.threads(vault.process, "writer")
        self.options = options

    def __enter__(self):
        self.process = subprocess.Popen(
            ["strace", "-p", str(self.thread), "-e", f"trace={CALLS}", *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = self.process.stderr.readline()
        if b"attached" not in self.said:
            self.process.kill()
            raise faults.Skip(f"strace cannot attach here: {self.said.decode().strip()}")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.said += self.process.stderr.read()
        self.process.wait()

    def commit(self):
        """The calls of the first commit that was seen, (name, whether it failed) each: the pages,
        their sync, and the page that makes them count."""
        seen = [(call[1].decode(), b"INJECTED" in call[0])
                for call in re.finditer(rb"^(\w+)\(.*", self.said, re.MULTILINE)]
        synced = next((at for at, call in enumerate(seen) if call == ("fdatasync", False)),
                      len(seen))
        return seen[:synced + 2]

    def is_durable(self):
        """A whole commit was seen, and nothing of it failed."""
        commit = self.commit()
        return ("fdatasync", False) in commit[:-1] and not any(failed for _, failed in commit)


class FailClosed:
    def __init__(self, trial):
        if os.geteuid() != 0 or not shutil.which("strace"):
            raise faults.Skip("it takes root and strace to make a commit fail")
        if harness.IS_SANITIZED:
            raise faults.Skip("LeakSanitizer and strace want the same process")
        self.trial = trial
        self.shown = looks.Shown()
        self.vault = self.shown.vault
        self.asked = 0
        self.leaking = set()

    def ask(self, look):
        self.asked += 1
        return wire.exchange(self.vault, look.request(self.vault, f"prova-{self.asked}"))

    def settle(self):
        """Until the vault writes again; nothing of an earlier look is under way then."""
        self.vault.wait(lambda: self.vault.probe("/readyz").status == 200, "it writes again")

    def is_shown(self, look):
        """That the request is a good one: undisturbed, it shows what it is for."""
        status, head, body = self.ask(look)
        harness.demand(status == look.status and look.shown in head + body,
                       f"{look.name} shows nothing, undisturbed: {status} {body[:300]}")

    def plan(self, look):
        """Every call of the look's commit, by name and number among those of its name, to be
        failed with every error."""
        if self.trial.control:
            return [("fdatasync", 1, "EIO")]
        with Strace(self.vault) as strace:
            self.is_shown(look)
        harness.demand(strace.is_durable(), f"{look.name}: no commit was seen")
        names = [name for name, _ in strace.commit()]
        return [(name, names[:at].count(name) + 1, error)
                for at, name in enumerate(names) for error in ERRORS]

    def fail(self, look, call, number, error):
        """Tells whether it came about: a commit has now more pages to write, now fewer."""
        self.settle()
        # Every later call too, as on a broken disk.  In the control once: an export takes long
        # enough to meet the second failure.
        when = number if self.trial.control else f"{number}+"
        options = ("-e", f"inject={call}:error={error}:when={when}")
        with Strace(self.vault, *options) as strace:
            status, head, body = self.ask(look)
        self.settle()
        if strace.is_durable():
            return False
        what = f"{look.name}, {call} n. {number} failing with {error}"
        if status < 500 or look.shown in head + body:
            self.trial.finding(f"{what}: {len(body)} bytes of an answer {status}")
            self.leaking.add(look.name)
        elif not looks.is_problem(body) and (body or look.method != "HEAD"):
            self.trial.finding(f"{what}: {len(body)} bytes that are no problem: {body[:80]}")
        self.trial.count(f"commits failed at {call} with {error}")
        return True

    def run(self):
        for look in self.shown.looks:
            plan = self.plan(look)
            for call, number, error in self.trial.dice.sample(plan,
                                                              min(len(plan), self.trial.times)):
                while not self.fail(look, call, number, error):
                    number = max(1, number - 1)
            self.is_shown(look)
            self.trial.count("ways to be shown something")
        self.vault.stop()
        self.vault.verify()
        self.judge_control()

    def judge_control(self):
        """Each way by itself must be found to leak, or its check proves nothing."""
        blind = {look.name for look in self.shown.looks} - self.leaking
        if self.trial.control and blind:
            print(f"blind on   {', '.join(sorted(blind))}")
            self.trial.findings.clear()


def fail_closed(trial):
    FailClosed(trial).run()


faults.run(fail_closed, "with the journal failing, nothing is shown", short_times=2,
           long_times=1000, controls=("journal_first",))
