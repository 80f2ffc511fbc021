#!/usr/bin/env python3
"""Guessing passwords from many connections leaves those who read served, and costs bounded memory.

Connections of several addresses send wrong passwords, each as soon as the last was answered, for
names that exist and for names that do not.  Meanwhile somebody reads: the 99th hundredth of their
waiting is set against that of the same run without the flood.  A password is checked with 64 MiB of
memory: however many ask, only a few are checked at once, the others are told to come back.
"""
import collections
import http.client
import json
import multiprocessing
import os
import signal
import threading
import time

import faults
import harness
import looks
import slow_peers
import wire

FACTOR = 2
NOISE = 0.15  # seconds, in the short form: CI's machine does other things too
FEW = 16  # of them are enough to show that nothing bounds them
CHECKS = 4  # at once, at the most that the design allows
CHECK_BYTES = 64 << 20
WORK_BYTES = 64 << 20  # everything else


class Flood:
    """`size` guessers in a process of their own, until the end of the block."""

    def __init__(self, vault, size):
        self.vault, self.size = vault, size
        self.answers = {}

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self.live, args=(theirs,),
                                                                   daemon=True)
        self.process.start()
        harness.demand(self.pipe.poll(harness.PATIENCE), "the flood did not begin")
        self.pipe.recv()
        return self

    def __exit__(self, *_):
        try:
            self.pipe.send("enough")
            harness.demand(self.pipe.poll(harness.PATIENCE), "the flood did not end")
            self.answers = self.pipe.recv()
        finally:
            self.process.terminate()
            self.process.join()

    def live(self, pipe):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.nice(10)
        told, ending = collections.Counter(), threading.Event()
        guessers = [threading.Thread(target=self.guess, args=(number, told, ending), daemon=True)
                    for number in range(self.size)]
        for guesser in guessers:
            guesser.start()
        while sum(told.values()) < self.size:
            time.sleep(0.01)
        pipe.send("begun")
        pipe.recv()
        ending.set()
        for guesser in guessers:
            guesser.join()
        pipe.send(dict(told))

    def guess(self, number, told, ending):
        host, port = wire.address(self.vault)
        connection = http.client.HTTPSConnection(
            host, port, timeout=harness.PATIENCE, context=wire.context(self.vault),
            source_address=(f"127.0.2.{1 + number // 8}", 0))
        for turn in range(1 << 30):
            name = ("anna", "admin", f"nessuno{number}")[turn % 3]
            try:
                connection.request("POST", "/api/v1/sessions",
                                   json.dumps({"user": name, "password": f"tentativo {turn}"}))
                answer = connection.getresponse()
                answer.read()
                told[answer.status] += 1
            except (OSError, http.client.HTTPException):
                told["cut"] += 1
                connection.close()
            if ending.is_set():
                return


class LoginFlood(slow_peers.Reader):
    def run(self):
        requests = 400 if self.trial.short else 2000
        self.measure("warming", requests // 10)
        alone = self.measure("alone", requests)
        before = slow_peers.resident(self.vault.process)
        with Flood(self.vault, FEW if self.trial.control else self.trial.times) as flood:
            beside = self.measure("beside the flood", requests)
            most = self.most
        for status, number in sorted(flood.answers.items(), key=str):
            self.trial.count(f"guesses that were answered {status}", number)
        self.trial.demand(set(flood.answers) <= {401, 423, 503}, f"told: {flood.answers}")
        print(f"           p99 beside / alone: {beside / alone:.2f}; "
              f"{(most - before) / 1e6:.0f} MB more at most")
        self.trial.demand(most - before < CHECKS * CHECK_BYTES + WORK_BYTES,
                          f"{most - before} bytes of memory for guesses")
        if not harness.IS_SANITIZED:
            self.trial.demand(beside <= FACTOR * alone + (NOISE if self.trial.short else 0),
                              f"who reads waits {beside / alone:.1f} times as long")
        self.vault.stop()
        self.vault.verify()


if __name__ == "__main__":
    faults.run(lambda trial: LoginFlood(trial).run(),
               "a flood of wrong passwords leaves readers served", short_times=48, long_times=64,
               controls=("few_hashes",))
