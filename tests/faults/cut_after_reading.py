#!/usr/bin/env python3
"""Who received one byte of a document is in the journal, whatever happens the instant after.

Several look at once, each at something else; the first byte of a body that any of them receives
cuts the power of the disk that the vault lies on.  After mounting it again and restarting, the
event of everybody who had received anything is there.
"""
import threading

import disk
import faults
import harness
import looks
import wire

READERS = 3
SLOW = ("export",)  # composes for seconds: tried now and then


class CutAfterReading:
    def __init__(self, trial):
        if harness.IS_SANITIZED:
            raise faults.Skip("the same program, slower")
        self.trial = trial
        self.disk = disk.Disk()
        self.shown = looks.Shown(self.disk.root)
        self.vault = self.shown.vault
        self.known = 0

    def read(self, look, purpose, start, receipts):
        """Receives until something of the body has come; the first to do so cuts the power."""
        with wire.dial(self.vault) as connection:
            start.wait()
            connection.sendall(look.request(self.vault, purpose))
            came = b""
            while not came.partition(b"\r\n\r\n")[2]:
                try:
                    more = connection.recv(1)
                except OSError:
                    return
                if not more:
                    return
                came += more
            if came[9:12] == str(look.status).encode():
                self.disk.cut()
                receipts.append((look, purpose))

    def looks(self):
        """Some that show a body, no two with the same event; the slow one by itself."""
        some = {look.what: look for look in self.trial.dice.sample(self.shown.looks,
                                                                   len(self.shown.looks))
                if look.method != "HEAD" and look.name not in SLOW}
        if self.trial.dice.random() < 0.1:
            return [look for look in self.shown.looks if look.name in SLOW]
        return self.trial.dice.sample(sorted(some.values(), key=lambda look: look.name), READERS)

    def round(self, number):
        looks_now = self.looks()
        if number:
            self.vault.serve()
            for user in {look.user for look in looks_now}:
                self.vault.login(user)
        start, receipts = threading.Event(), []
        readers = [threading.Thread(target=self.read,
                                    args=(look, f"taglio-{number}", start, receipts))
                   for look in looks_now]
        for reader in readers:
            reader.start()
        start.set()
        for reader in readers:
            reader.join()
        self.vault.kill()
        self.disk.power_on()
        harness.demand(receipts, "nobody received anything: " + self.vault.log.read_text()[-500:])
        self.trial.count("cuts of the power")
        self.judge(receipts)

    def judge(self, receipts):
        events = wire.events(self.vault, self.known)
        self.known = events[-1]["sequence"] + 1 if events else self.known
        for look, purpose in receipts:
            self.trial.count("first bytes received")
            self.trial.demand(any(look.is_told_by(event, purpose) for event in events),
                              f"{look.name} was read for {purpose}; the journal does not know it")

    def run(self):
        for number in range(self.trial.times):
            self.round(number)
            if self.trial.had_enough():
                return
            if number % 100 == 99:
                print(f"           {self.trial.counts}", flush=True)
        self.vault.verify()


def cut_after_reading(trial):
    CutAfterReading(trial).run()


faults.run(cut_after_reading, "a look whose first byte arrived is in the journal after a power cut",
           short_times=15, long_times=1000, controls=("journal_first", "catalogue_sync"))
