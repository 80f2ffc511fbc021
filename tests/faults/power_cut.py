#!/usr/bin/env python3
"""The power is cut: at any moment under load, and exactly after each system call that matters.

An ext4 of its own goes down without flushing anything, the daemon is killed, the disk is mounted
again as after a reboot, and the vault is held against everything that was answered.
"""
import os
import threading
import time

import disk as disks
import faults
import harness
import load
import operations
import rig as rigs
from injector import Strace, check_strace, name_of
from recording import record

EXACT = ("filing", "opening", "login", "finishing", "closing", "stopping", "rekeying")
LOAD_SECONDS = 0.35


def after_call(trial, disk, rig, name, call):
    """SIGSTOP as the call ends, then the cut: all that was done by then, and nothing after it."""
    operation = operations.ALL[name]
    operation.settle(rig)
    os.sync()
    strace = Strace(rig.vault, rig.folder / "strace.log", call, "signal=SIGSTOP")
    if operation.spawned:
        rig.tracer = strace.command
    operation.ready(rig)
    if not operation.spawned:
        strace.attach(rig.process.pid)
    running = rig.process
    acting = threading.Thread(target=act, args=(operation, rig), daemon=True)
    acting.start()
    while acting.is_alive() and not strace.has_struck():
        time.sleep(0.002)
    disk.cut()
    if not strace.has_struck():
        trial.count("calls not met this time")
    (rig.program if operation.spawned else running).kill()
    acting.join()
    rig.tracer = ()
    strace.end()
    if rig.process:
        rig.kill()
    disk.power_on()
    rig.restart()
    rig.check_book()
    operation.again(rig)
    rig.check_book()
    rig.stop()
    rig.check_offline()
    operation.check(rig)
    trial.count("cuts at an exact system call")


def act(operation, rig):
    try:
        operation.act(rig)
    except (rigs.Cut, rigs.Refused, OSError, harness.Unexpected):
        pass  # a cut disk answers nobody


def power_cut(trial):
    check_strace()
    disk = disks.Disk(megabytes=700)
    with rigs.Rig(operations.SETTINGS, disk=disk.root) as rig:
        def back():
            rig.abandon()
            disk.power_on()

        operations.prepare(rig)
        cases = [(name, call) for name in EXACT for call in record(rig, operations.ALL[name])]
        trial.count("system calls that change files", len(cases))
        trial.dice.shuffle(cases)
        rig.attacked = True
        storms = load.Storms(trial, rig, disk.cut, back, LOAD_SECONDS)
        rounds = [f"{name}: after {name_of(call)}" for name, call in cases]
        for number in range(trial.times):
            # A vault lives through a row of storms, then as many exact cuts come.
            exact = number // (load.GENERATION // 2) % 2 if not trial.short else number % 4 == 3
            place = number % len(cases)
            where = rounds[place] if exact else f"load {number}"
            if trial.only and trial.only not in where:
                continue
            try:
                if exact:
                    storms.look_at_everything()
                    after_call(trial, disk, rig, *cases[place])
                else:
                    storms.one(number)
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"{where}: {broken}")
                storms.give_up()
            if trial.had_enough():
                break
        if not trial.findings:
            storms.look_at_everything()
        rig.abandon()
        rigs.tell_starts(trial, rig)


faults.run(power_cut, "what was acknowledged outlives a power cut",
           short_times=16, long_times=1000, controls=["segment_sync", "catalogue_sync"])
