#!/usr/bin/env python3
"""Clients that dawdle at every point keep nobody waiting, and are let go in good time.

Two thousand connections from forty addresses, which dial again whenever they are ended, stand still
or do a byte a second: before and in the handshake, before and in a head, in a body, in an upload, in
an answer, after one.  Meanwhile somebody asks for the status on new connections and reads a small
document; the 99th hundredth of their waiting is set against that of the same run without the crowd.
"""
import http.client
import pathlib
import re
import time

import crowd
import faults
import harness
import looks

LARGE = 4_000_000  # more than the kernel takes off the daemon's hands
HASTE, PATIENCE = 5, 15  # how long the daemon waits for who owes something, and for who does not
NOTICE = 4  # a moment to notice, and the crowd's own slowness
NOISE = 0.05  # seconds; CI's machine does other things too
ENOUGH = 160  # of them starve others where a guard is missing, if there are only THREADS
THREADS = 64


def hundredth(times, number):
    return sorted(times)[min(len(times) - 1, len(times) * number // 100)]


def resident(process):
    """Bytes of memory that are not pages of a mapped file."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1]) * 1024


class Reader:
    """Somebody who asks, one request after the other, and how long each takes."""

    def __init__(self, trial, config=""):
        self.trial = trial
        self.shown = looks.Shown(bytes_of_text=50_000, config=config)
        self.vault = self.shown.vault
        self.kept = self.vault.connection(timeout=60)
        self.most = 0  # bytes that were seen resident

    def ask(self, number):
        """How long somebody waits: on a new connection, or for a document on a kept one."""
        begun = time.monotonic()
        try:
            if number % 2:
                answer = self.vault.call("GET", "/status")
            else:
                answer = self.vault.call("GET", f"/documents/{self.shown.document}/content", "anna",
                                         headers={"Custode-Purpose": "verifica"},
                                         connection=self.kept)
            if answer.status != 200:
                self.trial.finding(f"somebody else was answered {answer.status} {answer.body[:99]}")
        except (OSError, http.client.HTTPException) as error:
            self.trial.finding(f"somebody else was cut: {error!r}")
            self.kept.close()
        return time.monotonic() - begun

    def measure(self, what, requests):
        """The 99th hundredth of that many requests; a control ends early."""
        self.kept.close()  # it opens again; since the last measure it may have been idle for too long
        times = []
        self.most = 0
        while len(times) < requests and not (self.trial.control and sum(times) > 10):
            times.append(self.ask(len(times)))
            self.most = max(self.most, resident(self.vault.process))
        print(f"           {what:18} p50 {hundredth(times, 50) * 1000:6.1f} ms, "
              f"p99 {hundredth(times, 99) * 1000:6.1f} ms, "
              f"{self.most / 1e6:.0f} MB", flush=True)
        return hundredth(times, 99)


class SlowPeers(Reader):
    def __init__(self, trial):
        super().__init__(trial, f"[limits]\nthreads = {THREADS}\n" if trial.control else "")
        self.size = min(trial.times, ENOUGH) if trial.control else trial.times
        filed = self.vault.put("anna", self.shown.dossier, harness.bytes_of(LARGE))
        harness.same(filed.status, 201, filed.body)
        self.large = filed.json["id"]

    def run(self):
        requests = 1000 if self.trial.short else 2000
        self.measure("warming", requests // 10)
        alone = self.measure("alone", requests)
        with crowd.Crowd(self.vault, self.size, self.large, self.shown.dossier) as many:
            beside = self.measure("beside the crowd", requests)
            print(f"           p99 beside / alone: {beside / alone:.2f}")
            if not harness.IS_SANITIZED:
                self.trial.demand(beside <= 2 * alone + (NOISE if self.trial.short else 0),
                                  f"who does not dawdle waits {beside / alone:.1f} times as long")
            if not (self.trial.control and self.trial.had_enough()):
                self.look_at_the_end(many)
        self.trial.count("connections that dawdle", self.size)
        self.measure("afterwards", requests // 10)
        self.vault.stop()
        self.vault.verify()

    def look_at_the_end(self, many):
        """Who dawdles is let go: in the short form only those who owe something are waited for."""
        kinds, time_given = (crowd.HASTY, HASTE) if self.trial.short else (crowd.KINDS, PATIENCE)
        held, again = many.let_go(kinds, (time_given + NOTICE) * (4 if harness.IS_SANITIZED else 1))
        self.trial.count("of them that were ended and came again", again)
        for kind, number in held.items():
            self.trial.demand(number == 0,
                              f"{number} of the kind '{kind}' are held after {time_given} s")


def slow_peers(trial):
    crowd.descriptors(trial.times + 200)
    SlowPeers(trial).run()


if __name__ == "__main__":
    faults.run(slow_peers, "those who dawdle keep nobody waiting and are let go",
               short_times=300 if harness.IS_SANITIZED else 1_000, long_times=2_000,
               controls=("thread_shares", "peer_deadlines"))
