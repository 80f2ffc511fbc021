#!/usr/bin/env python3
"""Kill, EIO and ENOSPC at every system call by which an operation changes the vault's files.

The calls of each operation are counted first, by strace; then there is one run for each call and
each way to fail, from the same prepared vault.  By hand all of them, in the short form a sample.
"""
import faults
import harness
import operations
import rig as rigs
from injector import check_strace, name_of
from recording import record, run_operation

WAYS = {"kill": "signal=KILL", "EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}
ATTEMPTS = 5  # to meet a call again: random ids move pages about


def go_on(rig, operation, done):
    """After an error the daemon goes on: the same daemon does what it refused."""
    if rig.process is None:
        return
    harness.demand(rig.is_alive(), f"the daemon ended with {rig.process.returncode}")
    rig.renew()
    if operation.signed_in:
        operations.until_done(rig, lambda rig: rig.sign_in())
    if not done:
        operations.until_done(rig, operation.act)


def one(trial, rig, name, call, way):
    operation = operations.ALL[name]
    for _ in range(ATTEMPTS):
        strace, done = run_operation(rig, operation, call, WAYS[way])
        if strace.has_struck(soon=not done):
            break
        rig.abandon()
    else:
        trial.count("calls not met again: " + name_of(call))
        return
    if way != "kill":
        go_on(rig, operation, done)
    if rig.process:
        rig.kill() if way == "kill" or trial.dice.random() < 0.5 else operations.end(rig)
    strace.end()
    kept = set(rig.kept_book.promised)
    rig.restart()
    rig.check_book(read=lambda document: document not in kept)
    operation.again(rig)
    rig.check_book(read=lambda document: document not in kept)
    rig.stop()
    rig.check_offline(rebuild=trial.dice.random() < 0.2)
    operation.check(rig)
    trial.count(f"{way} at a system call")


def cases_of(trial, rig):
    cases = []
    for name, operation in operations.ALL.items():
        calls = record(rig, operation)
        trial.count("system calls that change files", len(calls))
        print(f"           {name}: {len(calls)} calls", flush=True)
        cases += [(name, call, way) for call in calls for way in WAYS]
    return cases


def chosen(trial, cases):
    if trial.only:
        return [case for case in cases if trial.only in describe(case)]
    if trial.control:
        return [case for case in cases if case[1].file == "catalogue.mdb" and case[2] != "kill"
                and case[0] == "assigning"]
    if trial.times >= len(cases):
        return cases
    return trial.dice.sample(cases, trial.times)


def describe(case):
    name, call, way = case
    return f"{name}: {way} at {name_of(call)}"


def syscalls(trial):
    check_strace()
    with rigs.Rig(operations.SETTINGS, disk=rigs.fast_place()) as rig:
        operations.prepare(rig)
        for case in chosen(trial, cases_of(trial, rig)):
            try:
                one(trial, rig, *case)
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"{describe(case)}: {broken}")
                rig.abandon()
            if trial.had_enough():
                break
        rigs.tell_starts(trial, rig)


faults.run(syscalls, "whatever call fails, nothing acknowledged is lost and it can be done again",
           short_times=28, long_times=100_000, controls=["commit_before_ack"])
