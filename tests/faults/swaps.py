#!/usr/bin/env python3
"""Whatever is cut, lengthened, moved or exchanged in a vault does not pass for what it was not.

Records and chunks by the hundred thousand, each opened in the place of another that differs from it
in one part of its context or a few.
"""
import faults
import tampering


def sealed_pairs(trial):
    """Each round: 100,000 pairs of records, 10,000 of chunks and containers."""
    for number in range(trial.times):
        told = tampering.once("swap-sealed", trial.seed + number, 100_000, 10_000)
        for kind, result in told.items():
            trial.count(f"pairs of {kind} exchanged", result["tried"])
            for opened in result["opened"]:
                trial.finding(opened)


def swaps(trial):
    sealed_pairs(trial)


faults.run(swaps, "a record, chunk or container in the place of another does not open",
           short_times=1, long_times=100, controls=("record_context", "object_context"))
