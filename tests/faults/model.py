#!/usr/bin/env python3
"""Random actions of a whole office against a real vault and an in-memory model of it.

People open dossiers, file, file again, refile, assign, grant until a day, revoke, read, list, search,
export; accounts come, go and are locked; the vault is sealed, restarted and killed with SIGKILL in
the middle of an action; the clock jumps by hours and years both ways.  The model, written from
API.md and the table of policies/README.md, foretells each answer, who sees what, and every event
of the journal.  After a kill the state must be one that the acknowledged actions, and a first part of
the one that was under way, allow.

    model.py --times 20000 --seed 7      so many actions
    model.py --minutes 60                one vault after another until the time is up
    model.py --replay actions.json       the actions that a finding printed, once more
"""
import json
import os
import pathlib
import random
import sys
import time

sys.dont_write_bytecode = True

import faults
from modelling.dice import PASSWORDS, STAFF, Dice
from modelling.driver import CLOCK, READER, Disagreement, Driver
from harness import PASSWORD, Unexpected

ACTIONS_A_VAULT = 1_000
SHRINKING = 120        # seconds spent on finding a shorter list
SHORT, LONG = 600, 20_000


def staffed(trial):
    """A vault with its people, signed in; its first actions are not up for discussion."""
    driver = Driver(trial.count, trial.control)
    driver.do({"n": 0, "verb": "login", "by": "admin", "password": PASSWORD})
    for name, role, unit in STAFF:
        driver.do({"n": 0, "verb": "create", "by": "admin", "name": name, "role": role,
                   "unit": unit, "password": PASSWORD})
    return driver


def sign_in(driver, action, done):
    """Most who act have signed in; the sign-in is an action like the others."""
    by = action.get("by") or action.get("act", {}).get("by")
    account = driver.town.accounts.get(by)
    if action["verb"] == "login" or not account or driver.town.sealed:
        return
    if by not in driver.town.sessions:
        login = {"n": action["n"], "verb": "login", "by": by, "password": account.password}
        done.append(login)
        driver.do(login)
    if account.must_change and by in driver.town.sessions and action["n"] % 2:
        own = {"n": action["n"], "verb": "own-password", "by": by,
               "password": next(word for word in PASSWORDS if word != account.password)}
        done.append(own)
        driver.do(own)


def whole_life(trial, seed, actions, done):
    """One vault from its making to its last audit; `done` is what was tried, for a replay."""
    random_actions = random.Random(seed)
    with staffed(trial) as driver:
        weights = {"export": 0} if trial.short else {}
        if trial.control == "commit_before_ack":
            weights["kill-after"] = 30      # where that guard is wanted
        dice = Dice(random_actions, driver.town, bool(CLOCK), weights)
        for _ in range(actions):
            action = dice.next()
            if random_actions.random() < 0.9:
                sign_in(driver, action, done)
            done.append(action)
            driver.do(action)
        driver.audit()


def replay(trial, actions):
    """What goes wrong with these actions, or nothing."""
    try:
        with staffed(trial) as driver:
            for action in actions:
                driver.do(action)
            driver.audit()
    except (Disagreement, Unexpected) as wrong:
        return str(wrong)
    return None


def shrunk(trial, actions):
    """A shorter list that goes wrong as well, as far as the time allows."""
    quiet = faults.Trial(trial.name, trial.short, trial.seed, 0, trial.control)
    deadline = time.monotonic() + SHRINKING
    piece = len(actions) // 2
    while piece >= 1 and time.monotonic() < deadline:
        at = 0
        while at < len(actions) and time.monotonic() < deadline:
            shorter = actions[:at] + actions[at + piece:]
            if shorter and replay(quiet, shorter):
                actions = shorter
            else:
                at += piece
        piece //= 2
    return actions


def tell(trial, seed, number, actions, wrong):
    trial.finding(f"vault {number} (seed {seed}), action {len(actions)} "
                  f"{json.dumps(actions[-1]) if actions else ''}: {wrong}")
    if trial.control:
        return
    shorter = shrunk(trial, actions)
    file = pathlib.Path(f"model-{seed}.json")
    file.write_text("[\n" + ",\n".join(map(json.dumps, shorter)) + "\n]\n")
    print(f"           {len(actions)} actions, shortened to {len(shorter)}: {file.resolve()}")
    for action in shorter[-30:]:
        print(f"           {json.dumps(action)}")


def model(trial, minutes=None):
    if not CLOCK:
        trial.count("runs without clock jumps (no libfaketime, or sanitizers)")
    if not READER.exists():
        trial.count("runs without a look into the journal (custode-journal is not built)")
    deadline = time.monotonic() + 60 * minutes if minutes else None
    left, number = trial.times, 0
    while (time.monotonic() < deadline if deadline else left > 0) and not trial.had_enough():
        actions, seed, done = min(left, ACTIONS_A_VAULT), trial.seed + number, []
        try:
            whole_life(trial, seed, actions, done)
        except (Disagreement, Unexpected) as wrong:
            tell(trial, seed, number, done, str(wrong))
        trial.count("vaults")
        number += 1
        left -= 0 if deadline else actions


def replay_file(trial, file):
    wrong = replay(trial, json.loads(pathlib.Path(file).read_text()))
    trial.demand(not wrong, f"{file}: {wrong}")


def argument(name):
    """Takes an argument of ours out of those that faults.run() reads."""
    if name not in sys.argv[:-1]:
        return None
    at = sys.argv.index(name)
    value = sys.argv[at + 1]
    del sys.argv[at:at + 2]
    return value


if __name__ == "__main__":
    minutes, file = argument("--minutes"), argument("--replay")
    def harness_of(trial):
        if trial.control == "model":
            del os.environ["CUSTODE_WITHOUT"]   # this control is a fault of the model's own
        if file:
            return replay_file(trial, file)
        return model(trial, float(minutes) if minutes else None)
    faults.run(harness_of, "an office does what a model of it foretells", SHORT, LONG,
               ["model", "commit_before_ack"])
