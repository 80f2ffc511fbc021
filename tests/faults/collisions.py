#!/usr/bin/env python3
"""One ciphertext that Poly1305 accepts under several keys: records and objects open under one only.

ChaCha20-Poly1305 does not commit to its key: whoever chooses the ciphertext can solve the tag's
polynomial for two of its blocks so that two (or more) keys find the tag right (Len, Grubbs,
Ristenpart 2021).  Here the equations are solved, without our code, for keys as FORMAT.md derives
them; the commitments are then those of one key, of the other, or of nobody.
"""
import types

import faults
import format1
import tampering

P = (1 << 130) - 5
HIGH = 1 << 128  # what Poly1305 sets above each whole block
BLOCKS = 6       # of the ciphertext, before the blocks that are solved for
KEYS = (2, 2, 3)


def padded(data):
    return data + bytes(-len(data) % 16)


def blocks_of(data):
    return [int.from_bytes(data[at:at + 16], "little") + HIGH for at in range(0, len(data), 16)]


def solve(rows, wanted):
    """The unknowns of a linear system modulo P, or None when it has no single solution."""
    rows = [list(row) + [value] for row, value in zip(rows, wanted)]
    for i in range(len(rows)):
        pivot = next((j for j in range(i, len(rows)) if rows[j][i] % P), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        inverse = pow(rows[i][i], -1, P)
        rows[i] = [value * inverse % P for value in rows[i]]
        for j, row in enumerate(rows):
            if j != i:
                rows[j] = [(a - row[i] * b) % P for a, b in zip(row, rows[i])]
    return [row[-1] for row in rows]


def collide(dice, parties):
    """A body (ciphertext and tag) that every (poly key, associated data) of `parties` accepts."""
    count = len(parties)
    while True:
        free = dice.randbytes(16 * BLOCKS)
        size = 16 * (BLOCKS + count)
        tag = dice.getrandbits(128)
        rows, wanted = [], []
        for (r, s), aad in parties:
            known = (blocks_of(padded(aad)) + blocks_of(free) + [0] * count
                     + blocks_of(len(aad).to_bytes(8, "little") + size.to_bytes(8, "little")))
            total = sum(block * pow(r, len(known) - i, P) for i, block in enumerate(known)) % P
            # The unknown blocks stand just before the lengths: x·r^(count+1) + … + z·r^2.
            rows.append([pow(r, count + 1 - i, P) for i in range(count)])
            # The tag is taken modulo 2^128: up to four residues modulo P give it.
            carry = dice.randrange(4) << 128
            wanted.append(((tag - s) % HIGH + carry - total) % P)
        found = solve(rows, wanted)
        if found and all(HIGH <= value < 2 * HIGH for value in found):
            blocks = b"".join((value - HIGH).to_bytes(16, "little") for value in found)
            return free + blocks + tag.to_bytes(16, "little")


def record_party(key, place, nonce):
    inner, commitment, aad = format1.record_keys(key, nonce, **place)
    subkey = format1.hchacha20(inner, nonce[:16])
    return types.SimpleNamespace(
        mac=(format1.poly1305_key(subkey, bytes(4) + nonce[16:]), aad), commitment=commitment)


def object_party(key, place, salt):
    inner, base, commitment = format1.object_keys(key, salt, **place)
    return types.SimpleNamespace(mac=(format1.poly1305_key(inner, base), b""),
                                 commitment=commitment)


def asked(place, key, sealed, **more):
    text = {name: value.hex() if name != "table" else value.decode() for name, value in
            place.items() if isinstance(value, bytes)}
    return {**text, "type": place.get("type", 0), "key": key.hex(), "sealed": sealed.hex(), **more}


def attempt(trial, helper, kind, count):
    dice = trial.dice
    keys = [dice.randbytes(32) for _ in range(count)]
    head = dice.randbytes(24)
    place = {"vault": dice.randbytes(16)}
    if kind == "record":
        place |= {"table": b"links", "row": dice.randbytes(16), "type": 0,
                  "key_id": dice.randbytes(16)}
        parties = [record_party(key, place, head) for key in keys]
        backends = [{}]
    else:
        place["object"] = dice.randbytes(16)
        parties = [object_party(key, place, head) for key in keys]
        backends = [{"backend": "openssl"}, {"backend": "libsodium"}]
    body = collide(dice, [party.mac for party in parties])
    for backend in backends:
        for owner, commitment in enumerate([party.commitment for party in parties]
                                           + [dice.randbytes(32)]):
            opened = [i for i, key in enumerate(keys) if "plain" in helper.ask(
                asked(place, key, head + commitment + body, **backend))]
            trial.count(f"{kind}s tried under {count} keys each")
            # The owner of the commitment opens it: the tag is right, so the others were refused
            # for the commitment and for nothing else.
            wanted = [owner] if owner < count else []
            trial.demand(opened == wanted, f"{kind} with the commitment of key {owner} opened "
                                           f"under keys {opened} {backend or ''}")


def collisions(trial):
    with tampering.Helper("open") as helper:
        for number in range(trial.times):
            for kind in ("record", "object"):
                attempt(trial, helper, kind, KEYS[number % len(KEYS)])
                if trial.had_enough():
                    return


faults.run(collisions, "a ciphertext made to open under several keys opens under one at most",
           short_times=12, long_times=2_000, controls=("record_commitment", "object_commitment"))
