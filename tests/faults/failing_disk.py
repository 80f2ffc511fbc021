#!/usr/bin/env python3
"""A catalogue cut short under the daemon, readers that never end, a slow disk, the wrong disk."""
import concurrent.futures
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

import faults
import foreign_reader
import fuse
import harness
import operations
import rig as rigs
from harness import bytes_of, demand, same
from injector import Call, Strace, check_strace

PAGE = 4096
BUS_STATUS, BUS_LINE = 7, b"(SIGBUS)"
SLOW_SECONDS = 2.0
FILINGS = 8
COMMITS = 250
UPKEEP_ROUNDS = 10
GROWTH_MAX = COMMITS * 2 * PAGE  # of that many commits when the pages they free are used again


def begin(rig):
    operations.Operation().settle(rig)
    rig.serve()
    rig.sign_in()


# --- a catalogue that loses its end ---------------------------------------------------------------


def cut_short(trial, rig, number):
    """Ended cleanly with the reason, or answered with a no; never with other bytes."""
    begin(rig)
    catalogue = rig.vault / "catalogue.mdb"
    whole = catalogue.read_bytes()
    kept = trial.dice.choice((0, 1, 2, 5)) if number % 2 else trial.dice.randrange(len(whole) // PAGE)
    os.truncate(catalogue, kept * PAGE)
    for act in (lambda: rig.check_book(), lambda: rig.sign_in(), lambda: rig.open_case("Terzo"),
                lambda: rig.file_document(bytes_of(5_000, number))):
        with contextlib.suppress(rigs.Cut, rigs.Refused):
            act()
        if not rig.is_alive():
            break
        rig.renew()
    if rig.is_alive():
        rig.kill()
        trial.count("cut short, and told so in answers")
    else:
        same(rig.gone(), BUS_STATUS, "status after SIGBUS")
        demand(BUS_LINE in rig.log.read_bytes(), "the log says what happened")
        trial.count("cut short, and ended with the reason")
    rig.log.write_bytes(b"")
    found = rig.custoded("verify", rig.vault, "--keyfile", rig.keyfile, exit=None)
    if found.exit == 0:  # only pages that nothing stood on were cut: then all must be there
        trial.count("cut short where nothing stood")
        return rig.audit()
    demand(found.exit == BUS_STATUS, f"verify of what is left ended with {found.exit}")
    catalogue.write_bytes(whole)
    rig.book = rig.kept_book.copy()  # what was promised meanwhile went with the file
    return rig.audit()


# --- readers that do not end ----------------------------------------------------------------------


def growth(rig, commits):
    """How much the catalogue's file grows by small commits that free as many pages."""
    before = (rig.vault / "catalogue.mdb").stat().st_size
    for _ in range(commits):
        rig.search()
    return (rig.vault / "catalogue.mdb").stat().st_size - before


def readers(trial, rig):
    """Clients that stop reading pin nothing; a program that died while it read is forgotten."""
    begin(rig)
    rig.kill()
    rig.config.write_text(rig.settings + "upkeep_seconds = 1\n")
    rig.restart()
    large = rig.file_document(bytes_of(6_000_000, "slow readers"))
    stuck = [suspended(rig, large) for _ in range(8)]
    free = growth(rig, COMMITS)
    demand(free <= GROWTH_MAX, f"{COMMITS} commits beside 8 stuck clients: {free} bytes more")
    for one in stuck:
        one.close()
    foreign = foreign_reader.start(str(rig.vault / "catalogue.mdb"))
    try:
        foreign.send_signal(signal.SIGSTOP)
        pinned = growth(rig, COMMITS)
        demand(pinned > GROWTH_MAX, f"this would see a reader that pins pages: {pinned} bytes more")
    finally:
        foreign.kill()
        foreign.communicate()
    for _ in range(UPKEEP_ROUNDS):  # of the daemon's own upkeep, one a second
        after = growth(rig, COMMITS)
        if after <= GROWTH_MAX:
            break
        time.sleep(1)
    demand(after <= GROWTH_MAX, f"{COMMITS} commits after a reader died: {after} bytes more")
    trial.count("bytes grown beside stuck clients", free)
    trial.count("bytes grown beside a suspended foreign reader", pinned)
    trial.count("bytes grown after it died", after)
    rig.stop()
    rig.check_offline()


def suspended(rig, document):
    """A client that asked for a large document and never reads its answer."""
    wire = rig.connection()
    wire.connect()
    wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.request("GET", f"/api/v1/documents/{document}/content",
                 headers={"Authorization": "Bearer " + rig.token_of_anna,
                          "Custode-Purpose": "verifica"})
    return wire


# --- a disk that takes its time -------------------------------------------------------------------


def slow_disk(trial, rig):
    """Each fdatasync of the catalogue takes two seconds: filings wait together, others are served."""
    check_strace()
    begin(rig)
    document = min(rig.book.promised)
    rig.read_document(document)
    strace = Strace(rig.vault, rig.folder / "strace.log", Call("fdatasync", "catalogue.mdb", "1+"),
                    f"delay_enter={int(SLOW_SECONDS * 1e6)}")
    strace.attach(rig.process.pid)
    try:
        with concurrent.futures.ThreadPoolExecutor(FILINGS) as pool:
            filings = [pool.submit(rig.file_document, bytes_of(40_000, f"slow {i}"),
                                   wire=rig.connection()) for i in range(FILINGS)]
            slowest = served = 0
            while not all(one.done() for one in filings):
                asked = time.monotonic()
                rig.ask("GET", "/status", wanted=(200,))
                same(rig.probe("/healthz").status, 200, "/healthz")
                rig.read_document(document)  # opened already: no event, so no wait
                slowest = max(slowest, time.monotonic() - asked)
                served += not any(one.done() for one in filings)
            for one in filings:
                one.result()
    finally:
        strace.end()
    commits = strace.log.read_text().count("(DELAYED)")
    demand(0 < commits < FILINGS, f"{FILINGS} filings shared commits: {commits}")
    demand(served > 0, "others were served while all the filings waited")
    trial.count("others served while filings waited", served)
    trial.counts["ms of the slowest answer beside a slow disk"] = round(slowest * 1000)
    rig.renew()
    rig.check_book()
    rig.stop()
    rig.check_offline()


# --- the wrong place ------------------------------------------------------------------------------


def second_daemon(trial, rig):
    begin(rig)
    for verb in ("serve", "verify", "rebuild", "rekey"):
        more = ("--listen", "127.0.0.1:0", "--config", rig.config) if verb == "serve" else ()
        refused = rig.custoded(verb, rig.vault, "--keyfile", rig.keyfile, *more, exit=4)
        same(refused.code, "store.in_use", verb)
        trial.count("second programs refused")
    rig.check_book()
    rig.kill()
    rig.audit()  # the lock died with its holder


def refused_place(trial, rig, place, allowed):
    """A layered file system is refused, and taken only when that was asked for."""
    options = ("--keyfile", rig.keyfile, "--listen", "127.0.0.1:0")
    refused = rig.custoded("serve", place / "vault", *options, exit=1)
    same(refused.code, "store.file_system", f"a vault on {place}")
    trial.count("file systems refused")
    if not allowed:
        return
    refused = rig.custoded("init", place / "new", "--keyfile", rig.folder / "newkey",
                           "--admin-password-file", rig.password_file, exit=1)
    same(refused.code, "store.file_system", "a new vault there")
    demand(not (place / "new").exists(), "and nothing is left of it")
    rig.custoded("verify", place / "vault", "--keyfile", rig.keyfile)


def wrong_places(trial, rig):
    operations.Operation().settle(rig)
    if os.geteuid() != 0:
        raise faults.Skip("only root mounts the file systems that are to be refused")
    with overlay(rig) as place:
        refused_place(trial, rig, place, allowed=True)
    mounted = fuse.ReadOnly(rig.vault.parent)
    try:
        refused_place(trial, rig, mounted.root, allowed=False)
    finally:
        mounted.discard()


@contextlib.contextmanager
def overlay(rig):
    place = rig.vault.parent
    upper, work = (rig.fast / name for name in ("upper", "work"))
    root = rig.folder / "overlay"
    for folder in (upper, work, root):
        folder.mkdir()
    done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                           f"lowerdir={place},upperdir={upper},workdir={work}", root],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise faults.Skip(f"no overlay can be mounted: {done.stdout.decode().strip()}")
    try:
        yield root
    finally:
        subprocess.run(["umount", "--lazy", root], check=False)
        for folder in (upper, work):
            shutil.rmtree(folder, ignore_errors=True)


def failing_disk(trial):
    place = rigs.fast_place()
    with rigs.Rig(operations.SETTINGS, disk=place) as rig:
        rig.fast = rigs.fast_place() or rig.folder
        operations.prepare(rig)
        rig.attacked = True
        rounds = [("second daemon", second_daemon, ()), ("wrong places", wrong_places, ()),
                  ("readers", readers, ()), ("slow disk", slow_disk, ())]
        cuts = [(f"cut short {number}", cut_short, (number,)) for number in range(trial.times)]
        for name, act, arguments in cuts if trial.control else rounds + cuts:
            if trial.only and trial.only not in name:
                continue
            try:
                act(trial, rig, *arguments)
            except faults.Skip as reason:
                print(f"skipped    {name}: {reason}", flush=True)
                trial.count("parts skipped")
            except (harness.Unexpected, rigs.Cut, rigs.Refused) as broken:
                trial.finding(f"{name}: {broken}")
                rig.abandon()
            if trial.had_enough():
                break
        rigs.tell_starts(trial, rig)


faults.run(failing_disk, "a disk that fails, dawdles or is the wrong one is noticed and named",
           short_times=8, long_times=400, controls=["bus_guard"])
