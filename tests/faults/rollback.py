#!/usr/bin/env python3
"""Yesterday's files beside today's, histories that fork, a journal rewritten with a stolen key.

Every proper subset of the kinds of files is put back to yesterday's and looked at: somebody without
keys, `custoded verify`, whoever unseals, or a client by the checkpoint that it kept, must name it.
The whole set and a fork are shown to the real client over HTTPS.  And the journal is edited,
reordered and cut by somebody who can sign checkpoints: the first wrong event is named, or the
client's checkpoint refuses the rest.
"""
import contextlib
import itertools
import re
import shutil

import faults
import tampering
from harness import bytes_of, same

KINDS = {"header": r"vault\.toml", "keyring": r"keyring\.\d+", "keyring log": r"keyring\.\d+\.log",
         "epoch secret": r"epoch\.\d+", "catalogue": r"catalogue\.mdb",
         "segments": r"segments/.*", "tiles": r"tiles/.*"}
LOOKS = ["offline", "kept", "verify", "read"]
EDITS = ("header", "payload", "statement", "content", "swap", "remove", "repeat", "cut")


def listed(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def work(vault, day):
    vault.serve()
    vault.login("anna")
    dossier = vault.open_dossier("anna", f"Giorno {day}")
    for number in range(3):
        vault.put("anna", dossier, bytes_of(90_000, f"{day}/{number}"))
    vault.login("anna")
    vault.stop()
    (vault.vault / "reserve").unlink()


def put(vault, folder):
    shutil.rmtree(vault.vault)
    shutil.copytree(folder, vault.vault)


def kept_by_anna(vault):
    shutil.copy(vault.home("anna") / "pins.json", vault.folder / "pins.json")


def told_of(seen, looks):
    told = []
    for look in looks:
        answer = seen[look]
        told += answer.get("findings", []) + [f"{item} {how}" for item, how in
                                              answer.get("differs", {}).items() if how[:1] == "!"]
        told += [answer[part] for part in ("refused", "message") if part in answer]
    return " | ".join(told)


def put_back(yesterday, today, kinds):
    old, new = listed(yesterday), listed(today)
    is_of = lambda name: any(re.fullmatch(KINDS[kind], name) for kind in kinds)
    return ([{"file": f"vault/{name}", "remove": True} for name in new if is_of(name)]
            + [{"file": f"vault/{name}", "from": str(path)} for name, path in old.items()
               if is_of(name)])


def subset(trial, helper, yesterday, today, kinds):
    seen = helper.ask({"edits": put_back(yesterday, today, kinds), "looks": LOOKS})
    here = told_of(seen, ("offline", "verify", "read"))
    trial.count("sets of files put back to yesterday's")
    for look in LOOKS:
        trial.demand("died" not in seen[look] and "escaped" not in seen[look],
                     f"{kinds} of yesterday: {look} ended: {seen[look]}")
    if kinds == ("tiles",):
        # A copy for others that lags behind, as it does after every kill: nothing rests on it.
        trial.count("    the tiles alone: everything was read as it is today")
        trial.demand(seen["read"].get("differs") == {}, f"old tiles: {seen['read']}")
    elif here:
        trial.count("    named by the vault itself")
    else:
        trial.count("    named by a client's checkpoint alone: journal and tiles went together")
        trial.demand(told_of(seen, ("kept",)).startswith("history.shrunk"),
                     f"{kinds} of yesterday: nobody says anything: {seen['kept']}")
        trial.demand({"catalogue", "tiles"} <= set(kinds), f"{kinds} of yesterday: only a client")
    if "catalogue" in kinds and "tiles" not in kinds:
        trial.demand("refused" in seen["read"], f"{kinds} of yesterday: it was unsealed")


def subsets(trial, vault, yesterday, today):
    old, new = listed(yesterday), listed(today)
    differing = [kind for kind, pattern in KINDS.items() if
                 {name: path.read_bytes() for name, path in old.items() if re.fullmatch(pattern, name)}
                 != {name: path.read_bytes() for name, path in new.items() if re.fullmatch(pattern, name)}]
    with tampering.Helper("look", vault.folder) as helper:
        for size in range(1, len(differing)):
            for kinds in itertools.combinations(differing, size):
                subset(trial, helper, yesterday, today, kinds)
                if trial.had_enough():
                    return


def client_refuses(trial, vault, what, code):
    vault.serve()
    result = vault.custode("anna", "login", "--user", "anna", exit=None)
    trial.count(f"{what} met by the client")
    trial.demand(result.exit == 7 and result.code == code,
                 f"{what}: the client ended with {result.exit}: {result.err[-300:]}")
    vault.stop()


def whole_set(trial, vault, yesterday, today):
    put(vault, yesterday)
    client_refuses(trial, vault, "a vault put back whole", "history.shrunk")
    # A fork: from yesterday on, another and a longer day than the one that anna saw.
    put(vault, yesterday)
    vault.serve()
    vault.login("admin")
    with contextlib.closing(vault.connection()) as connection:
        for _ in range(60):
            vault.call("GET", "/accounts", "admin", connection=connection)
    vault.stop()
    client_refuses(trial, vault, "another history than the one it saw", "history.forked")
    put(vault, today)


def forged(trial, vault, today):
    """A stolen signing key: tiles and checkpoint fit the rewritten events without a flaw."""
    put(vault, today)
    (vault.vault / "reserve").unlink(missing_ok=True)
    with tampering.Helper("look", vault.folder) as helper:
        events = sum(item.startswith("event ") for item in helper.ask({"items": True}))
    for number in range(trial.times):
        edit = EDITS[number % len(EDITS)]
        at = trial.dice.randrange(1, events - 2)
        other = trial.dice.randrange(at + 1, events) if edit == "swap" else \
            trial.dice.randrange(1 << 16)
        same(tampering.once("forge", vault.folder, edit, at, other)["events"],
             events + {"remove": -1, "repeat": 1, "cut": at - events}.get(edit, 0), "events")
        with tampering.Helper("look", vault.folder) as helper:
            seen = helper.ask({"edits": [], "looks": LOOKS})
        wanted = at + 1 if edit == "repeat" else at
        verified = told_of(seen, ("verify", "read"))
        trial.count("journals rewritten with a stolen signing key")
        first = re.search(r"event (\d+)", verified)
        if first and int(first[1]) == wanted:
            trial.count("    whose first wrong event was named")
        trial.demand(verified, f"{edit} of event {at}: nobody with keys says anything")
        trial.demand(re.search(r"history\.(forked|shrunk)", told_of(seen, ("kept",))),
                     f"{edit} of event {at}: a client's checkpoint is content: {seen['kept']}")
        trial.demand(edit in ("statement", "content") or first and int(first[1]) == wanted,
                     f"{edit} of event {at}: not named first: {verified[:400]}")
        put(vault, today)
        if trial.had_enough():
            return


def rollback(trial):
    for with_switch in (False, True):
        vault = tampering.filled_vault(documents=2)
        work(vault, 1)
        yesterday, today = (vault.folder.parent / f"{vault.folder.name}-{day}" for day in (1, 2))
        try:
            shutil.copytree(vault.vault, yesterday)
            if with_switch:
                vault.custoded("rekey", vault.vault, "--keyfile", vault.keyfile)
            work(vault, 2)
            kept_by_anna(vault)
            shutil.copytree(vault.vault, today)
            subsets(trial, vault, yesterday, today)
            if not with_switch and not trial.had_enough():
                forged(trial, vault, today)
                whole_set(trial, vault, yesterday, today)
        finally:
            shutil.rmtree(yesterday, ignore_errors=True)
            shutil.rmtree(today, ignore_errors=True)
        if trial.had_enough():
            return


faults.run(rollback, "yesterday's files, forks and rewritten journals are named or refused",
           short_times=8, long_times=400, controls=("published_place",))
