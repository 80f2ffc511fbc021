#!/usr/bin/env python3
"""No nonce and no salt of a real vault occurs twice, and no process draws another's.

Without a key: every sealed record shows its nonce, every container its salt.  The tables are walked
as FORMAT.md says, the LMDB file and the segments byte by byte without our code; a nonce may stand
beside one ciphertext only (a wrap lies in the event that made it and in its row: the same record).
"""
import contextlib
import struct

import faults
import lmdb_map
import tampering

RECORD, WRAP = 72, 104
WRAPPED = ("dossiers", "links")  # rows that begin with a wrapped key
YEARS = ("accounts",)            # rows that begin with the year of their key


class Seen:
    """Nonce or salt → what it was met with."""

    def __init__(self, trial):
        self.trial = trial
        self.records, self.salts = {}, {}

    def record(self, sealed, where):
        if not self.trial.demand(len(sealed) >= RECORD, f"{where} is no record"):
            return
        nonce = sealed[:24]
        before = self.records.setdefault(nonce, (bytes(sealed), where))
        if before[0] != sealed:
            self.trial.finding(f"one nonce for two records: {before[1]} and {where}")
        self.trial.demand(any(nonce), f"{where} has a nonce of zeroes")

    def salt(self, head, where):
        before = self.salts.setdefault(bytes(head[:24]), where)
        self.trial.demand(before == where, f"one salt for two containers: {before} and {where}")

    def both(self):
        """Where the bytes differ in length, the shorter must not begin the longer either."""
        shared = set(self.records) & set(self.salts)
        self.trial.demand(not shared, f"{len(shared)} salts are nonces too")


def field(value, at):
    size = struct.unpack_from(">I", value, at)[0]
    return value[at + 4:at + 4 + size], at + 4 + size


def wraps(seen, many, where):
    for at in range(0, len(many), WRAP):
        seen.record(many[at:at + WRAP], f"{where} wrap {at // WRAP}")


def event(seen, key, value):
    where = f"event {struct.unpack('>Q', key)[0]}"
    header, at = field(value, 3)
    payload, at = field(value, at)
    envelope, at = field(value, at)
    seen.record(header, f"header of {where}")
    seen.record(payload, f"payload of {where}")
    wraps(seen, envelope, where)


def row(seen, table, key, value):
    where = f"row {key.hex()} of {table}"
    if table == "journal":
        return event(seen, key, value)
    if table in WRAPPED:
        if any(value[:WRAP]):  # a tombstone has none
            seen.record(value[:WRAP], f"{where}, wrap")
        value = value[WRAP:]
    seen.record(value[2:] if table in YEARS else value, where)


def catalogue(seen, file):
    data = file.read_bytes()
    for begin, end, kind, table, key in lmdb_map.map_of(data):
        if kind == "value":
            row(seen, table, key, data[begin:end])
            seen.trial.count(f"rows of {table}")


def keyring(seen, folder):
    for file in folder.glob("keyring.*"):
        data = file.read_bytes()
        size, first = (168, 8) if file.suffix == ".log" else (128, 128)
        entries = data if file.suffix == ".log" else data[:-32]
        for at in range(first, len(entries) - 127, size):
            seen.record(entries[at + 24:at + 128], f"{file.name} at {at}")
            seen.trial.count("keys of the keyring")
    for file in folder.glob("epoch.*"):
        seen.record(file.read_bytes(), file.name)
    for line in (folder / "vault.toml").read_text().splitlines():
        if line.startswith("wrapped"):
            seen.record(bytes.fromhex(line.split('"')[1]), "vault.toml")


def segments(seen, folder):
    for file in sorted((folder / "segments").iterdir()):
        data = file.read_bytes()
        at = 0
        while data[at:at + 4] == b"CsFr":
            ordinal, = struct.unpack_from(">I", data, at + 12)
            length, = struct.unpack_from(">I", data, at + 32)
            if ordinal == 0:
                seen.salt(data[at + 40:at + 96], f"container {data[at + 16:at + 32].hex()}")
                seen.trial.count("containers")
            at += 40 + length
        if data[-36:-32] == b"CsEn":
            frames_end, = struct.unpack_from(">Q", data, len(data) - 20)
            seen.record(data[frames_end:-36], f"index of {file.name}")


def busy_vault(trial):
    """A vault that has lived: restarts, an epoch switch, documents, searches, failed logins."""
    vault = tampering.filled_vault()
    for day in range(trial.times):
        vault.serve()
        vault.login("anna")
        with contextlib.closing(vault.connection()) as connection:
            for number in range(20):
                vault.put("anna", vault.dossiers[number % 3],
                          tampering.bytes_of(300 * number + 1, f"{day}/{number}"),
                          connection=connection)
        vault.stop()
        if day % 5 == 0:
            vault.custoded("rekey", vault.vault, "--keyfile", vault.keyfile)
        yield vault


def uniqueness(trial):
    seen = Seen(trial)
    for vault in busy_vault(trial):  # as it was each day: rows that were replaced count too
        catalogue(seen, vault.vault / "catalogue.mdb")
        keyring(seen, vault.vault)
        segments(seen, vault.vault)
        if trial.had_enough():
            break
    seen.both()
    trial.count("nonces, each of one record", len(seen.records))
    trial.count("salts, each of one container", len(seen.salts))
    drawn = tampering.once("fork-random", 50, 200)
    trial.count("draws of 24 bytes by 51 processes forked from one", drawn["drawn"])
    trial.demand(drawn["distinct"] == drawn["drawn"], f"forked processes drew the same: {drawn}")


faults.run(uniqueness, "no nonce and no salt occurs twice", short_times=2, long_times=50,
           controls=("fresh_nonce",))
