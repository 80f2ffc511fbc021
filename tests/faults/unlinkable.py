#!/usr/bin/env python3
"""Who has the disk and no key cannot tell from the catalogue's keys how many documents a child has,
nor which decree is shared by which brothers and sisters.

In a real vault each child has another number of documents, and some share decrees.  Its LMDB file is
read by its layout alone, and the rows' keys are attacked as somebody would who knows FORMAT.md: any
five bytes that two keys have in common join two rows; any public value may be the key of a name that
ought to be secret; bits that are not even say something.  And two vaults with the same totals, in
which other children have the documents and share the decrees, have the same keys to the number.
"""
import collections
import hashlib
import itertools
import math

import faults
import harness
import lmdb_map

ROWS = ("dossiers", "links", "objects", "places", "locations", "imprints", "idempotency")
WINDOW = 5        # bytes that two keys share by chance once in ten thousand vaults like the short form's
ORDINALS = 64
SIGMAS = 6


def keys_of(vault):
    """Every key that the catalogue holds, by table."""
    found = collections.defaultdict(set)
    for _, _, kind, table, key in lmdb_map.map_of((vault.vault / "catalogue.mdb").read_bytes()):
        if kind == "key" and table in ROWS:
            found[table].add(key)
    return found


def named(key, *parts):
    """keyed_name() of FORMAT.md §8."""
    hashed = hashlib.blake2b(digest_size=16, key=key, person=b"custode/name/v1".ljust(16, b"\0"))
    for part in parts:
        hashed.update(len(part).to_bytes(4, "big") + part)
    return hashed.digest()


class Family:
    """A vault in which child number n has documents[n] of its own and `decrees` say who shares."""

    def __init__(self, documents, decrees):
        self.vault = vault = harness.staffed_vault()
        self.children = [vault.open_dossier("anna", "Prova", f"Figlio {number}")
                         for number in range(len(documents))]
        for number, of_its_own in enumerate(documents):
            for which in range(of_its_own):
                self.file(number, f"documento {number} {which}", ())
        for which, (first, *others) in enumerate(decrees):
            self.file(first, f"decreto {which}", others)
        vault.stop()
        self.keys = keys_of(vault)

    def file(self, child, text, others):
        metadata = {"file_name": "atto.pdf", "type": "altro",
                    "also": [self.children[other] for other in others]}
        filed = self.vault.put("anna", self.children[child], text.encode().ljust(64), metadata)
        harness.same(filed.status, 201, filed.body)

    def totals(self):
        return {table: collections.Counter(map(len, self.keys[table])) for table in ROWS}


def joined(keys):
    """Pairs of rows whose keys have a window in common, as (table, table): how many."""
    seen, found = collections.defaultdict(set), collections.Counter()
    for table, key in sorted((table, key) for table in keys for key in keys[table]):
        for at in range(len(key) - WINDOW + 1):
            seen[key[at:at + WINDOW]].add((table, key))
    pairs = {pair for rows in seen.values() if len(rows) > 1
             for pair in itertools.combinations(sorted(rows), 2)}
    for (table, _), (other, _) in pairs:
        found[(table, other)] += 1
    return found


def guessed(keys, public):
    """How many links are named under one of the public values instead of a child's secret."""
    guesses = {named(key.ljust(32, b"\0")[:32], b"link", ordinal.to_bytes(4, "big"))
               for key in public for ordinal in range(ORDINALS)}
    return len(guesses & keys["links"])


def unevenness(keys):
    """How many standard deviations the bits that are set lie from a half."""
    text = b"".join(sorted(keys))
    bits = 8 * len(text)
    return abs(sum(byte.bit_count() for byte in text) - bits / 2) / (math.sqrt(bits) / 2)


def attack(trial, family):
    keys = family.keys
    trial.count("keys that were looked at", sum(map(len, keys.values())))
    for (table, other), number in joined(keys).items():
        trial.finding(f"{number} keys of {table} and {other} have {WINDOW} bytes in common")
    public = {key for table in ROWS for key in keys[table]} | {b""}
    if number := guessed(keys, public):
        trial.finding(f"{number} links are named under a public value")
    for table in ROWS:
        trial.demand(unevenness(keys[table]) < SIGMAS,
                     f"the bits of {table}'s keys are {unevenness(keys[table]):.1f} deviations from even")


def check_the_attack():
    """The attacker is worth something: told apart are names that anybody could have made."""
    entry = bytes(range(16))
    weak = {"links": {named(entry.ljust(32, b"\0"), b"link", (3).to_bytes(4, "big"))}}
    harness.same((guessed(weak, {entry}), guessed(weak, {entry[::-1]})), (1, 0), "the guess")
    harness.demand(unevenness({bytes(16)}) > SIGMAS, "sixteen zeroes are uneven")


def unlinkable(trial):
    check_the_attack()
    size = trial.times
    many = [number % 12 for number in range(size)]
    shared = [(number, (number + 1) % size, (number + 2) % size) for number in range(0, size, 3)]
    first = Family(many, shared)
    attack(trial, first)
    if trial.control:
        return
    even = [sum(many) // size] * size
    even[0] += sum(many) - sum(even)
    second = Family(even, [(0, 1, 2)] * len(shared))
    attack(trial, second)
    for table in ROWS:
        mine, other = first.totals()[table], second.totals()[table]
        trial.demand(mine == other, f"{table}: {mine} and {other}, although the totals are the same")
        trial.count(f"keys of {table} in each vault", sum(mine.values()))
    first.vault.verify()


faults.run(unlinkable, "the catalogue's keys join no child with its documents, and no two children",
           short_times=12, long_times=120, controls=("blind_names",))
