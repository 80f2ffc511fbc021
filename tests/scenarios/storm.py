#!/usr/bin/env python3
"""kill -9 of the daemon while four connections file documents, again and again.

    CUSTODE_STORM_KILLS  how many kills (200; 15 under sanitizers)
    CUSTODE_STORM_SEED   the seed of an earlier run, to see it again

After every kill the vault is unsealed again and asked for each document whose filing was answered
in that round; at the end for all of them, byte for byte.
"""
import concurrent.futures
import os
import random
import threading
import time

from harness import (IS_SANITIZED, Unexpected, bytes_of, demand, run_scenarios, same, scenario,
                     sha256, staffed_vault)

KILLS = int(os.environ.get("CUSTODE_STORM_KILLS", "15" if IS_SANITIZED else "200"))
SEED = int(os.environ.get("CUSTODE_STORM_SEED", str(random.SystemRandom().randrange(1 << 32))))
CONNECTIONS = 4
SIZES = (20, 700, 9_000, 65_504, 131_009, 400_000)  # small ones, and frames of several chunks

vault = staffed_vault()
dossier = vault.open_dossier("anna", "Tempesta")
acknowledged = {}  # document id → (SHA-256, bytes)
attempted = {}     # SHA-256 → request key, for what was sent and never answered
lock = threading.Lock()
dice = random.Random(SEED)


def storm(number, token, stop):
    """Files documents over one connection until the daemon dies under it."""
    own = random.Random(SEED * 1_000_003 + number)
    connection = vault.connection()
    count = 0
    while not stop.is_set():
        content = bytes_of(own.choice(SIZES), f"{SEED}/{number}/{count}")
        count += 1
        key = sha256(b"key" + content)
        with lock:
            attempted[sha256(content)] = (key, len(content), number, count)
        try:
            answer = vault.call("POST", f"/dossiers/{dossier}/documents", body=content, token=token,
                                headers=vault.filing_headers(content, key=key),
                                connection=connection)
        except OSError:
            return
        except Exception as cut:
            if isinstance(cut, (Unexpected, AssertionError)):
                raise
            return  # http.client's own names for an answer that was cut
        same(answer.status, 201, answer.body)
        filed = answer.json
        same(filed["sha256"], sha256(content), "what was acknowledged")
        with lock:
            acknowledged[filed["id"]] = (filed["sha256"], len(content))
            del attempted[filed["sha256"]]


def listed():
    items = vault.all_documents("anna")
    same(len({item["id"] for item in items}), len(items), "each document is listed once")
    return {item["id"]: (item["sha256"], item["bytes"]) for item in items}


def missing_of(promised, present):
    """Acknowledged documents that are not there, or not as they were acknowledged."""
    return {name for name, facts in promised.items() if present.get(name) != facts}


def check_whole(documents):
    """Reads each document over a few connections; its digest must be its own."""
    def read(names):
        connection = vault.connection()
        for name in names:
            answer = vault.call("GET", f"/documents/{name}/content", "anna",
                                headers={"Custode-Purpose": "verifica"}, connection=connection)
            same((answer.status, sha256(answer.body), len(answer.body)),
                 (200, *documents[name]), f"document {name}")
    names = sorted(documents)
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(read, (names[i::CONNECTIONS] for i in range(CONNECTIONS))))


def restart():
    if dice.random() < 0.1:  # some kills come while the vault is being unsealed
        vault.spawn("--quiet")
        time.sleep(dice.uniform(0.0, 0.15))
        vault.kill()
    vault.serve("--quiet")
    vault.login("anna")


@scenario
def whatever_was_acknowledged_outlives_every_kill():
    print(f"           seed {SEED}, {KILLS} kills")
    for number in range(KILLS):
        before = set(acknowledged)
        stop = threading.Event()
        token = vault.token("anna")
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            storms = [pool.submit(storm, number * CONNECTIONS + i, token, stop)
                      for i in range(CONNECTIONS)]
            # So many answers first, however slow the machine or the sanitizer; then any moment.
            enough = len(before) + dice.choice((0, 1, 2, 4, 8))
            vault.wait(lambda: len(acknowledged) >= enough or any(one.done() for one in storms),
                       "the storm files something")
            time.sleep(dice.uniform(0.0, 0.05))
            vault.kill()
            stop.set()
            for one in storms:
                one.result()
        restart()
        fresh = {name: acknowledged[name] for name in set(acknowledged) - before}
        for name, facts in fresh.items():
            answer = vault.call("GET", f"/documents/{name}", "anna")
            same((answer.status, (answer.json["sha256"], answer.json["bytes"])), (200, facts),
                 f"kill {number + 1}: document {name}")
    print(f"           {len(acknowledged)} acknowledged, {len(attempted)} cut")
    demand(len(acknowledged) > KILLS, "the storm filed something between the kills")


@scenario
def nothing_is_half_visible():
    present = listed()
    same(missing_of(acknowledged, present), set(), "acknowledged documents that are missing")
    unanswered = {facts[0] for name, facts in present.items() if name not in acknowledged}
    demand(unanswered <= set(attempted), "whatever else is listed was sent, and never answered")
    check_whole(present)


@scenario
def a_request_repeated_after_the_cut_files_once():
    before = listed()
    for digest, (key, size, number, count) in sorted(attempted.items()):
        own = random.Random(SEED * 1_000_003 + number)
        sizes = [own.choice(SIZES) for _ in range(count)]
        content = bytes_of(sizes[-1], f"{SEED}/{number}/{count - 1}")
        same((sha256(content), len(content)), (digest, size), "the same bytes again")
        answer = vault.put("anna", dossier, content, key=key)
        was_there = digest in {facts[0] for facts in before.values()}
        same(answer.status, 200 if was_there else 201, answer.body)
        acknowledged[answer.json["id"]] = (digest, size)
    present = listed()
    same(present, acknowledged, "all that was sent, once")


@scenario
def a_batch_resumes_after_a_kill_without_duplicates():
    folder = vault.folder / "batch"
    folder.mkdir()
    for i in range(60):
        (folder / f"{i:03}.bin").write_bytes(bytes_of(150_000, f"{SEED}/batch/{i}"))
    target = vault.open_dossier("anna", "Ripresa")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(vault.file, "anna", target, folder, exit=None)
        deadline = time.monotonic() + 60
        while not vault.call("GET", f"/dossiers/{target}/documents", "anna").json["items"]:
            demand(time.monotonic() < deadline, "the batch begins")
        vault.kill()
        demand(first.result().exit != 0, "the batch was interrupted")
    restart()
    resumed = vault.file("anna", target, folder).json["items"]
    same(len(resumed), 60, "files of the batch")
    demand(any(item.get("already_filed") for item in resumed), "some were filed by the first run")
    documents = [item for item in vault.all_documents("anna") if item["dossier"] == target]
    same(sorted(item["sha256"] for item in documents),
         sorted(sha256(file.read_bytes()) for file in folder.iterdir()), "each file once")
    same({item["id"] for item in resumed}, {item["id"] for item in documents}, "the same ids")


@scenario
def the_checker_sees_a_document_that_was_never_filed():
    invented = {"00000000-0000-4000-8000-000000000000": (sha256(b"mai archiviato"), 14)}
    same(missing_of({**acknowledged, **invented}, listed()), set(invented), "the invented one")
    some = next(iter(acknowledged))
    same(missing_of({some: (sha256(b"altro"), 5)}, listed()), {some}, "one with other bytes")
    try:
        check_whole({some: (sha256(b"altro"), 5)})
    except Unexpected:
        return
    raise Unexpected("other bytes were taken for whole")


@scenario
def the_vault_is_whole_after_the_storm():
    vault.stop()
    report = vault.verify()
    same(report["documents"], len(acknowledged) + 60, "documents that were verified")
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
