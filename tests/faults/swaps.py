#!/usr/bin/env python3
"""Whatever is cut, lengthened, moved or exchanged in a vault does not pass for what it was not.

Records and chunks by the hundred thousand, each opened in the place of another that differs from it
in one part of its context or a few.  Then in a real vault: rows put under other keys and into other
tables, or taken away, chunks and frames exchanged within the segments, every file cut and
lengthened.
"""
import re
import struct

import faults
import lmdb_map
import tampering

TABLES = ("journal", "head", "accounts", "dossiers", "links", "objects", "places", "locations",
          "idempotency", "imprints", "segments", "counters", "proposals",
          "sheets")
LOOKS = ["offline", "verify", "read"]
CHUNK = 65_520
# What may be added at an end without a trace: LMDB never looks past its last page, the tail of an
# open segment and a torn entry of the keyring's log are dropped, as FORMAT.md says; nobody asks for
# tiles of an earlier size, and LMDB makes its lock table anew.
LENGTHENED = re.compile(r"vault/(catalogue\.mdb(-lock)?|segments/.*|keyring\.\d+\.log|lock|"
                        r"tiles/tile/.*\.p/\d+)")


def sealed_pairs(trial):
    """Each round: 100,000 pairs of records, 10,000 of chunks and containers."""
    for number in range(trial.times):
        told = tampering.once("swap-sealed", trial.seed + number, 100_000, 10_000)
        for kind, result in told.items():
            trial.count(f"pairs of {kind} exchanged", result["tried"])
            for opened in result["opened"]:
                trial.finding(opened)


def judged(trial, helper, what, edits, silent=False):
    """Named, or, where that is said, without a trace; in no case served as something else."""
    seen = helper.ask({"edits": edits, "looks": LOOKS})
    told = tampering.told_of(seen, LOOKS)
    trial.count("changes of a real vault")
    trial.demand(told or silent, f"{what}: nobody says anything")
    for look in LOOKS:
        trial.demand("died" not in seen[look] and "escaped" not in seen[look],
                     f"{what}: {look} ended: {seen[look]}")
    for item, how in seen["read"].get("differs", {}).items():
        trial.demand(how[:1] == "!" and how[:2] != "!!" or how == "absent" and told,
                     f"{what}: served otherwise: {item}: {how}")


def row_edit(table, key, value):
    return {"row": [TABLES.index(table), key.hex()], "value": value.hex()}


def rows(trial, helper, vault):
    """Each row in the place of another, of its table and of another, and each taken away."""
    data = (vault.vault / "catalogue.mdb").read_bytes()
    rows = [(table, key, data[begin:end]) for begin, end, kind, table, key
            in lmdb_map.map_of(data) if kind == "value"]
    of_table = {table: [row for row in rows if row[0] == table] for table in TABLES}
    for table, mine in of_table.items():
        for _ in range(min(len(mine), 2 + trial.times)):
            _, key, value = trial.dice.choice(mine)
            _, other_key, other = trial.dice.choice(mine)
            _, _, strange = trial.dice.choice(rows)
            name = f"row {key.hex()} of {table}"
            if key != other_key:
                judged(trial, helper, f"{name} exchanged with {other_key.hex()}",
                       [row_edit(table, key, other), row_edit(table, other_key, value)])
            if strange != value:
                judged(trial, helper, f"{name} replaced by one of anywhere",
                       [row_edit(table, key, strange)])
            judged(trial, helper, f"{name} taken away", [{"row": [TABLES.index(table), key.hex()]}])
            if trial.had_enough():
                return


def frames(data):
    at, end = 0, struct.unpack(">Q", data[-20:-12])[0] if data[-36:-32] == b"CsEn" else len(data)
    while at < end:
        length, = struct.unpack_from(">I", data, at + 32)
        yield at + 40, length
        at += 40 + length


def chunks(trial, helper, vault):
    """Pieces of equal length exchanged: full chunks, and heads of containers with their frames."""
    places = []
    for file in sorted((vault.vault / "segments").iterdir()):
        data = file.read_bytes()
        for begin, length in frames(data):
            for at in range(begin, begin + length - CHUNK + 1, CHUNK):
                places.append((f"vault/segments/{file.name}", at, data[at:at + CHUNK].hex()))
    for _ in range(6 * trial.times):
        one, other = trial.dice.sample(places, 2)
        judged(trial, helper, f"{one[:2]} exchanged with {other[:2]}",
               [{"file": one[0], "put": [one[1], other[2]]},
                {"file": other[0], "put": [other[1], one[2]]}])


def ends(trial, helper, vault):
    for file in tampering.files_of(vault):
        name, size = str(file.relative_to(vault.folder)), file.stat().st_size
        more = trial.dice.randbytes(trial.dice.choice((1, 36, 128, 4096)))
        idle = re.fullmatch(LENGTHENED, name)
        judged(trial, helper, f"{name} lengthened by {len(more)}",
               [{"file": name, "append": more.hex()}], silent=idle)
        for cut in sorted({size - 1, size // 2, 0} if size > 1 else ()):
            # The catalogue's last pages may be free; the lock table and old tiles are nobody's.
            judged(trial, helper, f"{name} cut to {cut}", [{"file": name, "cut": cut}],
                   silent=re.fullmatch(r"vault/(catalogue\.mdb-lock|tiles/tile/.*\.p/\d+)", name)
                   or name == "vault/catalogue.mdb" and cut == size - 1)


def in_a_vault(trial):
    vault = tampering.filled_vault()
    with tampering.Helper("look", vault.folder) as helper:
        for exchange in (rows, chunks, ends):
            exchange(trial, helper, vault)
            if trial.had_enough():
                return


def swaps(trial):
    sealed_pairs(trial)
    if not trial.control:  # a real vault has its sums as well; the pairs are what the guards hold
        in_a_vault(trial)


faults.run(swaps, "what is cut, moved or exchanged does not pass for what it was not",
           short_times=1, long_times=50, controls=("record_context", "object_context"))
