"""What the fault harnesses do to a vault while something fails: each operation can be brought to
just before it happens, done, and done once more until it has come about."""
import json
import os
import subprocess
import time

import harness
from harness import bytes_of, demand, same
from rig import Cut, Refused

SEGMENT_BYTES = 256 << 10
CONTENT = bytes_of(200_000, "filed while it fails")
SETTINGS = (f"segment_bytes_max = {SEGMENT_BYTES}\nreserve_bytes = {2 << 20}\n")
TILE_EVENTS = 256
RETRIES_SECONDS = 20  # the writer tries to recover every second


def prepare(rig):
    """A vault with one full segment, not closed yet, and one open; stopped, and kept."""
    for number in range(3):
        rig.file_document(bytes_of(150_000, f"kept {number}"))
    rig.stop()
    rig.keep()
    rig.settings = rig.config.read_text()


def end(rig):
    """A stop beside failing calls: it may say that it failed, and does not crash."""
    rig.process.terminate()
    status = rig.gone()
    if status == -9:
        raise Cut("killed while it stopped")
    demand(status in (0, 1), f"a stop ended with {status}")


def until_done(rig, act):
    """Repeats what failed, as a client does; without a restart."""
    deadline = time.monotonic() + RETRIES_SECONDS
    while True:
        try:
            return act(rig)
        except Refused as refused:
            demand(time.monotonic() < deadline, f"it goes on after a failure, and not: {refused}")
            time.sleep(0.05)


def checkpoint_of(rig):
    return (rig.vault / "tiles" / "checkpoint").read_bytes()


class Operation:
    """Of a daemon that runs: ready() starts it, act() is what is made to fail."""
    spawned = False   # act() starts the program itself, under rig.tracer
    upkeep = 3600
    signed_in = True  # and so it is to be again before it is repeated

    def settle(self, rig):
        rig.restore()
        self.settle_settings(rig)

    @classmethod
    def settle_settings(cls, rig):
        rig.config.write_text(rig.settings + f"upkeep_seconds = {cls.upkeep}\n")

    def ready(self, rig):
        rig.serve()
        rig.sign_in()

    def again(self, rig):
        """On a vault that serves, anna signed in."""
        until_done(rig, self.act)

    def check(self, rig):
        """Once all is over, of a stopped vault."""


class Filing(Operation):
    def act(self, rig):
        rig.file_document(CONTENT)


class Login(Operation):
    def act(self, rig):
        rig.sign_in()


class Opening(Operation):
    def act(self, rig):
        rig.open_case("Secondo")


class Assigning(Operation):
    def act(self, rig):
        rig.assign("bruno")


class Finishing(Operation):
    """The event that finishes a tile of the journal's tree and its bundle."""

    def ready(self, rig):
        super().ready(rig)
        while int(rig.metric("custode_journal_events_total")) % TILE_EVENTS != TILE_EVENTS - 1:
            rig.search()

    def act(self, rig):
        rig.search()


class Reading(Operation):
    """A disclosure that was shown is in the journal: that is what the audit's checkpoint tells."""

    def act(self, rig):
        rig.read_document(min(rig.book.promised))


class Closing(Operation):
    """The daemon closes the full segment of its own accord, and publishes tiles."""
    upkeep = 1
    signed_in = False

    def ready(self, rig):
        self.published = checkpoint_of(rig)
        rig.serve()

    def act(self, rig):
        segment = rig.vault / "segments" / "000001.seg"
        deadline = time.monotonic() + RETRIES_SECONDS
        while segment.stat().st_mode & 0o200 or checkpoint_of(rig) == self.published:
            if not rig.is_alive():
                raise Cut("the daemon ended while it closed a segment")
            demand(time.monotonic() < deadline, "the full segment is closed and tiles are published")
            time.sleep(0.005)

    def check(self, rig):
        same((rig.vault / "segments" / "000001.seg").stat().st_mode & 0o777, 0o400, "its mode")


class Unsealing(Operation):
    signed_in = False

    def ready(self, rig):
        rig.serve(unsealed=False)

    def act(self, rig):
        rig.unseal()

    def again(self, rig):
        pass  # every audit begins with it


class Stopping(Operation):
    signed_in = False

    def act(self, rig):
        end(rig)

    def again(self, rig):
        pass  # every audit ends with it


class Starting(Operation):
    spawned = True
    signed_in = False

    def ready(self, rig):
        pass

    def act(self, rig):
        rig.spawn("--quiet")
        line = rig.process.stdout.readline()
        if not line:
            status = rig.gone()
            if status == -9:
                raise Cut("killed while it started")
            demand(status > 0, f"a start ended with status {status}")
            raise Cut(f"it did not start: status {status}")
        said = json.loads(line)
        rig.address, rig.monitor = said["address"].removeprefix("https://"), said["monitor"]

    def again(self, rig):
        pass


class Rekeying(Operation):
    spawned = True
    signed_in = False

    def ready(self, rig):
        pass

    def act(self, rig):
        rig.program = subprocess.Popen(
            [*rig.tracer, harness.BIN / "custoded", "--json", "rekey", rig.vault, "--keyfile",
             rig.keyfile], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=rig.environment())
        error = rig.program.communicate(timeout=harness.PATIENCE)[1]
        status = rig.program.returncode
        if status == -9:
            raise Cut("killed while the epoch was switched")
        demand(status >= 0, f"rekey ended with signal {-status}: {error}")
        if status:
            raise Cut(f"rekey ended with {status}: {error!r}")

    def again(self, rig):
        pass

    def check(self, rig):
        left = [name for name in os.listdir(rig.vault)
                if name.endswith(".tmp") or name.startswith("vault.next")]
        same(left, [], "what the interrupted switch left behind")
        epochs = {name.split(".")[1] for name in os.listdir(rig.vault)
                  if name.startswith(("keyring.", "epoch."))}
        same(len(epochs), 1, f"epochs on the disk: {sorted(epochs)}")
        rig.tracer = ()
        self.act(rig)
        rig.check_offline()


ALL = {operation.__name__.lower(): operation() for operation in
       (Filing, Login, Opening, Assigning, Finishing, Reading, Closing, Unsealing, Stopping, Starting, Rekeying)}
