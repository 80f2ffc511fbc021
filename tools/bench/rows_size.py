"""What the same costs in a small vault and in a large one; unsealing and searching the large one."""
import base64
import hashlib
import json
import random
import time

from report import Figure, below
from world import METADATA, PURPOSE, BenchVault, Documents, median, person, scratch, sync_disk

PAGE = "bytes=65536-131071"
BATCH = 20_000


def fill(vault, count):
    """So many dossiers with a small document in each; their ids."""
    dossiers = []
    for first in range(0, count, BATCH):
        dossiers += vault.dossiers(min(BATCH, count - first), first, connections=64)
    for first in range(0, count, BATCH):
        some = dossiers[first:first + BATCH]
        vault.load([small_document(one, i) for i, one in enumerate(some)], 64)
    return dossiers


def small_document(dossier, number):
    """A request that files a few bytes of its own: equal ones would be told of each other."""
    text = f"{dossier} {number} " * 5
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"method": "POST", "target": f"/api/v1/dossiers/{dossier}/documents", "status": 201,
            "text": text, "headers": {
                "Custode-Metadata": METADATA, "Content-Digest": f"sha-256=:{digest}:",
                "Idempotency-Key": hashlib.sha256(b"fill" + text.encode()).hexdigest()}}


def misspelt(name, dice):
    """One slip of a hand: two letters swapped, one left out, one doubled, or another one."""
    at = dice.randrange(1, len(name) - 1)
    return dice.choice((name[:at] + name[at + 1] + name[at] + name[at + 2:], name[:at] + name[at + 1:],
                        name[:at] + name[at] + name[at:], name[:at] + "x" + name[at + 1:]))


def searches(count, among, seed):
    dice = random.Random(seed)
    for _ in range(count):
        names = person(dice.randrange(among))["person"]["designations"][0]
        wrong = misspelt(names["surname"].lower(), dice)
        yield names["surname"], {"method": "POST", "target": "/api/v1/searches", "keep": True,
                                 "headers": {"Content-Type": "application/json"},
                                 "text": json.dumps({"query": f"{wrong} {names['name']}",
                                                     "in": "dossiers"})}


def costs(vault, settings, documents, dossiers, salt):
    """Seconds of each thing that people do, in this vault."""
    some = dossiers[:10] + dossiers[-10:]
    sync_disk()
    filed = vault.file_all(documents, some, 4, salt=salt)
    vault.again()  # what is read next is under no disclosure yet
    sync_disk()
    read = vault.load(vault.reading(filed["ids"]), 4)
    pages = [{**one, "status": 206, "headers": {**one["headers"], "Range": PAGE}}
             for one in vault.reading(filed["ids"])]
    page = vault.load(pages, 1)
    shown = vault.load([{"method": "GET", "target": f"/api/v1/dossiers/{one}",
                         "headers": {"Custode-Purpose": PURPOSE}} for one in some * 25], 4)
    listed = vault.load([{"method": "GET", "target": f"/api/v1/dossiers/{one}/documents"}
                         for one in some * 5], 4)
    return {f"filing {len(documents.files)} documents": filed["seconds"],
            "filing one, p50": filed["whole"]["p50"],
            "reading them back": read["seconds"],
            "a page of one, p50": page["whole"]["p50"],
            "showing a dossier, p50": shown["whole"]["p50"],
            "listing a dossier, p50": listed["whole"]["p50"]}


def unseal_seconds(vault):
    vault.stop()
    start = time.monotonic()
    vault.serve()
    while vault.probe("/readyz").status != 200:
        time.sleep(0.002)
    seconds = time.monotonic() - start
    vault.login("anna")
    return seconds


def searching(vault, settings, count):
    wanted, plan = zip(*searches(settings.searches, count, seed=7))
    done = vault.load(list(plan), 1)
    found = sum(name in done["kept"].get(str(i), "") for i, name in enumerate(wanted))
    return done["whole"], found / len(wanted)


def size(settings):
    small_count, large_count = settings.sizes
    rounds = {small_count: [], large_count: []}
    with scratch("documents") as folder, BenchVault() as small, BenchVault() as large:
        vaults = {small_count: small, large_count: large}
        dossiers = {count: fill(vault, count) for count, vault in vaults.items()}
        for turn in range(settings.repeat + 1):
            documents = Documents(folder / f"round-{turn}", settings.size_documents, 300_000,
                                  seed=100 + turn)
            for count, vault in vaults.items():
                rounds[count].append(costs(vault, settings, documents, dossiers[count], f"{turn}"))
        unsealed = [unseal_seconds(large) for _ in range(settings.repeat)]
        times, found = searching(large, settings, large_count)
    for what in rounds[small_count][0]:
        # The first round warms both up and is not counted.
        theirs, ours = (median([one[what] for one in rounds[count][1:]])
                        for count in (small_count, large_count))
        yield Figure("size", f"{what}, with {large_count:,} dossiers and documents", ours, "s",
                     f"with {small_count:,}", theirs, ours / theirs, "< 1.3×", ours / theirs < 1.3)
    yield below("size", f"unseal to ready with {large_count:,} dossiers", median(unsealed), "s", 5)
    yield below("size", f"search p95 over {large_count:,} dossiers, names misspelt", times["p95"],
                "s", 0.020, p50_ms=1000 * times["p50"], found=f"{100 * found:.0f} %")


ROWS = {"size": size}
