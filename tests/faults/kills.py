#!/usr/bin/env python3
"""kill -9 under load, as often as one likes: tests/scenarios/storm.py is what CI runs of it.

In memory, where kill -9 is what it is on a disk, so that a blow costs a start and a login.
"""
import faults
import harness
import load
import operations
import rig as rigs

LOAD_SECONDS = 0.15


def kills(trial):
    with rigs.Rig(operations.SETTINGS, disk=rigs.fast_place()) as rig:
        operations.prepare(rig)
        rig.attacked = True
        storms = load.Storms(trial, rig, rig.kill, lambda: None, LOAD_SECONDS)
        for number in range(trial.times):
            try:
                storms.one(number)
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"load {number}: {broken}")
                storms.give_up()
            if trial.had_enough():
                break
        if not trial.findings:
            storms.look_at_everything()
        rig.abandon()
        rigs.tell_starts(trial, rig)


faults.run(kills, "what was acknowledged outlives kill -9", short_times=20, long_times=10_000)
