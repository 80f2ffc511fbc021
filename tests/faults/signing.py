#!/usr/bin/env python3
"""A bit that flips between computing a leaf and signing the root is never signed for ever.

A public log died of one such bit.  Here it flips in the row of the newest event, after leaf and
root were computed and before the row is committed, at every byte of the row in turn.
"""
import shutil

import faults
import tampering


def signing(trial):
    vault = tampering.filled_vault(documents=2)
    kept = vault.folder / "kept"
    shutil.copytree(vault.vault, kept)
    with tampering.Helper("sign-flipped", vault.folder) as helper:
        row_bytes, number = 1, 0
        while number < trial.times:
            # Through the row in steps that meet every part of it, from a place of the dice.
            at = (trial.seed + number * 37) % row_bytes
            answer = helper.ask({"at": at, "bit": trial.dice.randrange(8)})
            row_bytes, number = answer["row_bytes"], number + 1
            trial.count("flips before the signature")
            trial.demand(not answer["signed"] and "refused" in answer,
                         f"byte {at} of the event's row flipped, and it was signed: {answer}")
            if "refused" in answer:
                trial.count(f"refused as {answer['refused']}")
            shutil.rmtree(vault.vault)
            shutil.copytree(kept, vault.vault)
            if trial.had_enough():
                return


faults.run(signing, "what flips between computing and signing is not signed",
           short_times=60, long_times=5_000, controls=("second_reading",))
