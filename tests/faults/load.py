"""Four people filing at once, a fifth opening dossiers, until the daemon or the disk is gone."""
import os
import random
import threading
import time

import operations
from harness import bytes_of, same, sha256
from rig import Cut, Refused

CONNECTIONS = 4
SIZES = (20, 700, 9_000, 65_504, 131_009, 400_000)  # small ones, and frames of several chunks
LETTERS = "abcdefghilmnoprstuvz"
GENERATION = 60  # blows to one vault; then a new one, so that a long run does not slow down


class Load:
    """Runs from begin() to end(); each thread stops at the first answer that does not come."""

    def __init__(self, rig, seed):
        self.rig, self.seed = rig, seed
        self.over = threading.Event()
        self.threads = []
        self.broken = []  # what no crash explains
        self.fresh = {}   # document id → SHA-256, of this load only

    def begin(self):
        work = [(self.file, number) for number in range(CONNECTIONS)] + [(self.open, CONNECTIONS)]
        self.threads = [threading.Thread(target=self.run, args=one, daemon=True) for one in work]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if self.broken:
            raise self.broken[0]

    def run(self, act, number):
        own = random.Random(f"{self.seed}/{number}")
        try:
            wire = self.rig.connection()
            count = 0
            while not self.over.is_set():
                act(own, wire, f"{self.seed}/{number}/{count}")
                count += 1
        except (Cut, Refused, OSError):
            return  # nothing was promised
        except BaseException as broken:
            self.broken.append(broken)

    def file(self, own, wire, name):
        content = bytes_of(own.choice(SIZES), name)
        document = self.rig.file_document(content, wire=wire)
        self.fresh[document] = self.rig.book.promised[document]

    def open(self, own, wire, name):
        self.rig.open_case("Tempesta " + "".join(own.choices(LETTERS, k=12)), wire=wire)


class Storms:
    """Blow after blow to a vault under load; `blow` is what ends it, `back` what comes before the
    next start."""

    def __init__(self, trial, rig, blow, back, longest):
        self.trial, self.rig = trial, rig
        self.blow, self.back, self.longest = blow, back, longest
        self.blows = 0  # to the present vault

    def one(self, number):
        if self.blows == GENERATION:
            self.look_at_everything()
        if self.blows == 0:
            self.begin_anew()
        self.blows += 1
        storm = Load(self.rig, f"{self.trial.seed}/{number}")
        storm.begin()
        time.sleep(self.trial.dice.uniform(0.0, self.longest))
        self.blow()
        storm.end()
        self.back()
        self.restart()
        for document, digest in storm.fresh.items():
            same(sha256(self.rig.read_document(document)), digest,
                 f"acknowledged document {document}")
        self.trial.count("documents acknowledged before a blow", len(storm.fresh))
        self.trial.count("blows under load")

    def restart(self):
        if self.trial.dice.random() < 0.1:  # some blows come while the vault is being opened
            self.rig.spawn("--quiet")
            time.sleep(self.trial.dice.uniform(0.0, 0.15))
            self.blow()
            self.back()
            self.trial.count("blows while it starts")
        self.rig.restart()

    def begin_anew(self):
        operations.Operation().settle(self.rig)
        os.sync()
        self.rig.restart()

    def look_at_everything(self):
        """Ends the vault's days: all that it ever promised, with the keys and without."""
        if self.blows == 0:
            return
        self.blows = 0
        self.rig.check_book()
        self.rig.stop()
        self.rig.check_offline(rebuild=True)

    def give_up(self):
        """After a finding."""
        self.rig.abandon()
        self.back()
        self.blows = 0
