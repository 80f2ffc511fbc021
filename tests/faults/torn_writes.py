#!/usr/bin/env python3
"""Disks that drop, reorder and tear what was not synced, without a disk: each operation is recorded
write by write, and what a crash at some moment may leave of it is put together and opened.
"""
import copy
import os
import shutil

import faults
import harness
import operations
import rig as rigs
import writes
from injector import Strace, check_strace

RECORDED = ("filing", "opening", "assigning", "login", "finishing", "closing", "stopping", "rekeying")


class Recorded:
    """An operation that was recorded, ready to be cut at any of its events."""

    def __init__(self, rig, name):
        self.name, self.operation = name, operations.ALL[name]
        self.operation.settle(rig)
        self.before = rig.folder / f"before-{name}"
        log = rig.folder / "strace.log"
        strace = Strace(rig.vault, log)
        strace.options = ["strace", *writes.OPTIONS, "-o", str(log)]
        rig.attacked = True
        if self.operation.spawned:
            rig.tracer = strace.command
        self.operation.ready(rig)
        fds = []
        if not self.operation.spawned:
            fds = writes.synced_fds(rig.process.pid)
            strace.attach(rig.process.pid)
        self.disk = writes.Disk(rig.vault)
        self.book = rig.book.copy()
        self.operation.act(rig)
        rig.tracer, rig.attacked = (), False
        strace.end()
        self.events = writes.Recording(log, rig.vault, fds).events
        self.book_after = rig.book.copy()
        rig.abandon()

    def promised_at(self, moment):
        """With the answer on its way, what it says is promised."""
        answers = [i for i, event in enumerate(self.events) if event == ("answer",)]
        return self.book_after if answers and answers[0] < moment else self.book

    def crash(self, rig, dice):
        # Every other cut comes when all was answered: then nothing may be missing.
        moment = dice.choice((len(self.events), dice.randrange(len(self.events) + 1)))
        disk = copy.deepcopy(self.disk)
        for event in self.events[:moment]:
            disk.see(event)
        shutil.rmtree(rig.vault)
        os.mkdir(rig.vault, 0o700)
        disk.crash(rig.vault, dice)
        promised = self.promised_at(moment)
        rig.book = promised.copy()
        rig.book.asked = dict(self.book_after.asked)
        self.operation.settle_settings(rig)
        return moment


def torn_writes(trial):
    check_strace()
    with rigs.Rig(operations.SETTINGS, disk=rigs.fast_place()) as rig:
        operations.prepare(rig)
        recorded = [Recorded(rig, name) for name in (RECORDED[:1] if trial.control else RECORDED)]
        for one in recorded:
            trial.count("events recorded", len(one.events))
        for number in range(trial.times):
            one = recorded[number % len(recorded)]
            moment = one.crash(rig, trial.dice)
            try:
                rig.restart()
                rig.check_book()
                one.operation.again(rig)
                rig.check_book()
                rig.stop()
                rig.check_offline(rebuild=not trial.short)
                one.operation.check(rig)
                trial.count("disks opened")
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"{one.name} cut at event {moment} of {len(one.events)}, "
                              f"round {number}: {broken}")
                rig.abandon()
            if trial.had_enough():
                break
        rigs.tell_starts(trial, rig)


faults.run(torn_writes, "whatever order writes reach the disk in, what was acknowledged is there",
           short_times=20, long_times=3000, controls=["segment_sync"])
