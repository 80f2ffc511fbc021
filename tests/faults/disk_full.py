#!/usr/bin/env python3
"""A disk without room, without inodes, and a catalogue without room to grow.

Each operation meets a disk that has a little left, from nothing to a few MiB; then there is room
again, and the same daemon does what it refused.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import atexit
import faults
import harness
import operations
import rig as rigs
from harness import bytes_of, demand, same

MEGABYTES = 96
RESERVE = 16 << 20
LEFT = (0, 4 << 10, 64 << 10, 300 << 10, 1 << 20, 3 << 20)  # what an operation finds, beside odd ones
FULL = ("store.full", "segments.full", "disk.full", "store.read_only", "tiles.full")
BALLAST_STEP = 1 << 20


class Small:
    """A tmpfs of its own with so much room and so many files; root only."""

    def __init__(self, megabytes=MEGABYTES, files=2000):
        if os.geteuid() != 0:
            raise faults.Skip("only root mounts a small disk")
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="custode-small-"))
        atexit.register(self.discard)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o",
                               f"size={megabytes}m,nr_inodes={files},mode=700", "tmpfs", self.root],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise faults.Skip(f"no tmpfs can be mounted: {done.stdout.decode().strip()}")
        self.ballast = self.root / "ballast"
        self.crowd = self.root / "crowd"

    def free(self):
        about = os.statvfs(self.root)
        return about.f_bavail * about.f_frsize

    def fill(self, left):
        """Takes what is free but `left` bytes."""
        with open(self.ballast, "ab") as ballast:
            size = os.fstat(ballast.fileno()).st_size
            more = self.free() - left
            if more > 0:
                os.posix_fallocate(ballast.fileno(), size, more)

    def take_files(self, left):
        self.crowd.mkdir(exist_ok=True)
        number = 0
        while os.statvfs(self.root).f_favail > left:
            (self.crowd / f"{number}").touch()
            number += 1

    def empty(self):
        self.ballast.unlink(missing_ok=True)
        shutil.rmtree(self.crowd, ignore_errors=True)

    def discard(self):
        subprocess.run(["umount", "--lazy", str(self.root)], check=False,
                       stderr=subprocess.DEVNULL)
        self.root.rmdir()


def refused_for_room(act, rig):
    """Done, or refused with the reason; anything else is a finding."""
    try:
        act(rig)
        return False
    except rigs.Refused as refused:
        demand(refused.status in (507, 503) and refused.code in FULL, f"refused otherwise: {refused}")
        return True
    except rigs.Cut as cut:
        demand(rig.process is None or rig.is_alive(), f"the daemon ended: {cut}")
        return True


def during(trial, disk, rig, name, left, scarce):
    """One operation that meets a disk with so little left."""
    operation = operations.ALL[name]
    disk.empty()
    operation.settle(rig)
    operation.ready(rig)
    if scarce == "bytes":
        disk.fill(left)
        disk.fill(left)  # once more, should the reserve have been let go meanwhile
    else:
        disk.take_files(left)
    done = not refused_for_room(operation.act, rig)
    trial.count("done all the same" if done else "refused")
    disk.empty()
    if rig.process:
        demand(rig.is_alive(), "the daemon goes on")
        rig.renew()
        if operation.signed_in:
            operations.until_done(rig, lambda rig: rig.sign_in())
        if not done:
            operations.until_done(rig, operation.act)
    if rig.process:
        rig.stop()
    rig.restart()
    rig.check_book()
    operation.again(rig)
    rig.stop()
    rig.check_offline()
    operation.check(rig)


def both_phases(trial, disk, rig):
    """Nearly full: uploads wait, people read.  The reserve spent: nothing is shown.  Room: both."""
    disk.empty()
    operations.Operation().settle(rig)
    rig.serve()
    rig.sign_in()
    document, *unread = sorted(rig.book.promised)
    same(rig.metric("custode_has_room"), 1, "the reserve at first")
    disk.fill(MEGABYTES << 20 >> 6)  # 98.5 % of it is used
    demand(refused_for_room(operations.ALL["filing"].act, rig), "an upload waits on a nearly full disk")
    rig.renew()
    same(rig.metric("custode_has_room"), 0, "the reserve, released")
    same(rig.probe("/readyz").status, 503, "whoever watches is told")
    for _ in range(20):
        rig.read_document(document)
        trial.count("disclosures out of the reserve")
    rig.sign_in()
    disk.fill(0)
    before = rig.metric("custode_journal_events_total")
    # A document that was opened may be read on for five minutes: that is one disclosure.
    for act in (*(lambda rig, one=one: rig.read_document(one) for one in unread), lambda rig: rig.sign_in(),
                operations.ALL["filing"].act, lambda rig: rig.open_case("Nessuno"),
                lambda rig: rig.documents()):
        demand(refused_for_room(act, rig), "with the reserve spent nothing is disclosed or changed")
        rig.renew()
        trial.count("refused with the reserve spent")
    same(rig.metric("custode_journal_events_total"), before, "events meanwhile")
    disk.empty()
    operations.until_done(rig, lambda rig: rig.read_document(document))
    operations.until_done(rig, operations.ALL["filing"].act)
    same(rig.metric("custode_has_room"), 1, "the reserve, taken back")
    same(rig.probe("/readyz").status, 200, "whoever watches is told")
    rig.check_book()
    rig.stop()
    rig.check_offline()


def full_map(trial, disk, rig):
    """A catalogue that may not grow: uploads wait first, then nothing is shown; then it may."""
    disk.empty()
    operations.Operation().settle(rig)
    size = (rig.vault / "catalogue.mdb").stat().st_size
    rig.config.write_text(rig.config.read_text() + f"catalogue_bytes_max = {size + (1 << 20)}\n")
    rig.serve()
    rig.sign_in()
    filed = until_refused(lambda i: rig.file_document(bytes_of(300, f"map {i}")), rig)
    trial.count("documents until the catalogue was nearly full", filed)
    same(rig.probe("/readyz").status, 503, "whoever watches is told")
    rig.read_document(min(rig.book.promised))
    searched = until_refused(lambda i: rig.search(f"nessuno {i}"), rig)
    trial.count("searches after that, until it was full", searched)
    demand(refused_for_room(lambda rig: rig.sign_in(), rig), "a full journal shows nothing")
    demand(rig.is_alive(), "the daemon goes on")
    rig.kill()
    operations.Operation.settle_settings(rig)
    rig.audit(rebuild=True)


def until_refused(act, rig):
    for count in range(5000):
        if refused_for_room(lambda rig: act(count), rig):
            rig.renew()
            demand(count > 0, "there was room at first")
            return count
    raise harness.Unexpected("the catalogue never fills up")


def disk_full(trial):
    disk = Small()
    settings = operations.SETTINGS.replace(f"reserve_bytes = {2 << 20}", f"reserve_bytes = {RESERVE}")
    with rigs.Rig(settings, disk=disk.root) as rig:
        operations.prepare(rig)
        rig.attacked = True
        rounds = [("both phases", both_phases, ()), ("a full map", full_map, ())]
        cases = [(name, left, scarce) for name in operations.ALL
                 for scarce, choices in (("bytes", LEFT), ("files", (0, 1, 2))) for left in choices]
        if trial.times < len(cases):
            cases = trial.dice.sample(cases, trial.times)
        else:
            cases += [(trial.dice.choice(list(operations.ALL)), trial.dice.randrange(6 << 20), "bytes")
                      for _ in range(trial.times - len(cases))]
        rounds += [(f"{name} with {left} {scarce} left", during, (name, left, scarce))
                   for name, left, scarce in cases]
        for name, act, arguments in rounds:
            if trial.only and trial.only not in name:
                continue
            try:
                act(trial, disk, rig, *arguments)
                trial.count("rounds")
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"{name}: {broken}")
                rig.abandon()
            if trial.had_enough():
                break
        disk.empty()
        rigs.tell_starts(trial, rig)


faults.run(disk_full, "a full disk refuses, loses nothing, and is good again once there is room",
           short_times=12, long_times=200, controls=["reserve"])
