#!/usr/bin/env python3
"""Random logs of the product, judged by it and by tests/independent/verify.py, which shares no line.

Every inclusion and consistency proof, checkpoint, receipt and tile that the product makes is accepted
by both; everything altered (a hash turned, left out, put in, moved; another index, size, root, leaf;
a byte of a receipt, a note or a tile) is judged alike by both, and refused.
"""
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "independent"))

import faults
import harness
import verify

PROGRAM = harness.BIN.parent / "tests" / "custode-proofs"
SIZES_A_LOG, RECEIPTS_A_LOG, TILES_A_LOG = 30, 3, 3
SHORT, LONG = 25, 2_000

verify.ed25519_holds = functools.lru_cache(maxsize=4096)(verify.ed25519_holds)


class Log:
    """The product's side: one process, one log in a folder of its own."""

    def __init__(self, folder):
        self.tiles = pathlib.Path(folder) / "tiles"
        self.process = subprocess.Popen([PROGRAM, self.tiles], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.leaves, self.roots = [], {}

    def ask(self, **asked):
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        harness.demand(line, f"custode-proofs ended at {asked!r:.300}")
        return json.loads(line)

    def judge(self, **judged):
        return self.ask(judge=judged)["holds"]

    def root(self, size):
        """Ours, from the leaves: RFC 6962's definition."""
        if size not in self.roots:
            self.roots[size] = verify.root_of(self.leaves[:size])
        return self.roots[size]

    def close(self):
        self.process.stdin.close()
        harness.same(self.process.wait(60), 0, "custode-proofs")


def accepts(function, *arguments):
    """What the second opinion says: whether it holds."""
    try:
        return function(*arguments)
    except verify.Broken:
        return False


def included(index, size, leaf, path, root):
    def judge():
        return index < size and verify.root_by_inclusion(index, size, leaf, path) == root
    return accepts(judge)


def consistent(old_size, old_root, new_size, new_root, path):
    def judge():
        if old_size > new_size:
            return False
        if old_size == 0:
            return not path and old_root == verify.sha256() and (new_size or new_root == old_root)
        return verify.roots_by_consistency(old_size, new_size, path, old_root) == (old_root, new_root)
    return bool(accepts(judge))


def altered_path(dice, path):
    """One thing done to a list of hashes."""
    path = list(path)
    at = dice.randrange(len(path) + 1)
    kind = dice.randrange(4)
    if kind == 0 or not path:
        path.insert(at, dice.randbytes(32))
    elif kind == 1:
        del path[at % len(path)]
    elif kind == 2:
        path[at % len(path)] = turned(dice, path[at % len(path)])
    else:
        other = dice.randrange(len(path))
        path[at % len(path)], path[other] = path[other], path[at % len(path)]
    return path


def turned(dice, data):
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1:]


def hexes(path):
    return [item.hex() for item in path]


def inclusion(trial, log, size):
    dice, index = trial.dice, trial.dice.randrange(size)
    path = [bytes.fromhex(item) for item in log.ask(inclusion=[index, size])["path"]]
    true = (index, size, log.leaves[index], path, log.root(size))
    compare(trial, log, true, True)
    for part in range(5):
        forged = list(true)
        forged[part] = altered(dice, true[part])
        # One root may have one path at two sizes: of numbers only agreement is asked.
        compare(trial, log, tuple(forged), None if part < 2 or forged == list(true) else False)


def consistency(trial, log, size):
    dice, old = trial.dice, trial.dice.randrange(size + 1)
    path = [bytes.fromhex(item) for item in log.ask(consistency=[old, size])["path"]]
    true = (old, log.root(old), size, log.root(size), path)
    compare(trial, log, true, True)
    for part in range(5):
        forged = list(true)
        forged[part] = altered(dice, true[part])
        # Everything continues the empty log, whatever is claimed of the newer one.
        of_nothing = forged[0] == 0 and forged[1] == verify.sha256() and not forged[4]
        number = isinstance(true[part], int) or of_nothing or forged == list(true)
        compare(trial, log, tuple(forged), None if number else False)


def altered(dice, part):
    if isinstance(part, list):
        return altered_path(dice, part)
    if isinstance(part, int):
        return max(0, part + dice.choice((-2, -1, 1, 2, part or 1)))
    return turned(dice, part)


def compare(trial, log, judged, wanted):
    """Both opinions of one proof, which must be alike, and `wanted` where that is known."""
    if isinstance(judged[1], int):
        ours, names = included(*judged), ("index", "size", "leaf", "path", "root")
    else:
        ours, names = consistent(*judged), ("old_size", "old_root", "new_size", "new_root", "path")
    sent = {name: hexes(part) if isinstance(part, list) else part.hex()
            if isinstance(part, bytes) else part for name, part in zip(names, judged)}
    theirs = log.judge(**sent)
    trial.count("true proofs" if wanted else "altered proofs")
    trial.demand(ours == theirs, f"the product says {theirs}, the second opinion {ours}: {sent}")
    trial.demand(wanted in (None, theirs), f"{theirs} is said of a proof that is {wanted}: {sent}")


def signed(trial, log, key):
    """Checkpoints and receipts: the same bytes for both, true and with one byte changed."""
    note = log.ask(checkpoint=True)["note"]
    both(trial, log, "note", note, lambda data: verify.open_checkpoint(data, key))
    for _ in range(RECEIPTS_A_LOG):
        index = trial.dice.randrange(len(log.leaves))
        receipt = log.ask(receipt=[index, statement(index), salt(index)])["receipt"]
        both(trial, log, "receipt", receipt, lambda data: check_receipt(data, key))


def check_receipt(data, key):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return verify.check_receipt(file.name, key)


def both(trial, log, kind, text, second_opinion):
    def opinions(data):
        return log.judge(**{kind: data.decode()}), bool(accepts(second_opinion, data))
    trial.demand(opinions(text.encode()) == (True, True), f"a true {kind} is refused: {text}")
    trial.count(f"true {kind}s")
    for _ in range(12):
        data = turned(trial.dice, text.encode())
        if not is_text(data):
            continue
        theirs, ours = opinions(data)
        trial.count(f"altered {kind}s")
        trial.demand(not theirs and not ours,
                     f"an altered {kind} holds for {'the product' if theirs else 'the second '}: {data}")


def is_text(data):
    """What cannot be sent as JSON is not compared: it is no UTF-8."""
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


def tiles(trial, log, key):
    log.ask(publish=True)
    size, _ = verify.open_checkpoint((log.tiles / "checkpoint").read_bytes(), key)
    trial.demand(bool(accepts(verify.check_tiles, log.tiles, key)) and size == len(log.leaves),
                 f"the tiles of {len(log.leaves)} entries do not hold")
    trial.count("folders of tiles")
    files = sorted(file for file in (log.tiles / "tile").rglob("*") if file.is_file()
                   and ".p" not in file.parent.name)
    for file in trial.dice.sample(files, min(TILES_A_LOG, len(files))):
        data = file.read_bytes()
        file.write_bytes(turned(trial.dice, data))
        refused = not accepts(verify.check_tiles, log.tiles, key)
        mended = log.ask(rebuilt=True)["tiles"]
        trial.demand(refused and mended and file.read_bytes() == data,
                     f"a turned bit in {file.name}: refused {refused}, {mended} mended")
        trial.count("altered tiles")


def statement(index):
    return json.dumps({"document": index, "what": "document.filed"}, separators=(",", ":"))


def salt(index):
    return verify.sha256(b"salt", str(index).encode()).hex()


def entry(dice, index):
    parts = dice.randbytes(96)
    return (parts + verify.sha256(bytes.fromhex(salt(index)), statement(index).encode())
            + dice.randbytes(32))


def a_size(dice):
    """Small logs, borders of powers of two and of tiles, and now and then a large one."""
    border = 1 << dice.randrange(1, 11)
    return max(1, dice.choice((dice.randrange(1, 40), border + dice.randrange(-2, 3),
                               256 * dice.randrange(1, 6) + dice.randrange(-2, 3),
                               dice.randrange(1, 1500))))


def one_log(trial, folder):
    log = Log(folder)
    size = 1 << 16 | 300 if not trial.short and trial.dice.random() < 0.01 else a_size(trial.dice)
    entries = [entry(trial.dice, index) for index in range(size)]
    log.leaves = [verify.leaf_hash(data) for data in entries]
    for first in range(0, size, 500):
        grown = log.ask(grow=hexes(entries[first:first + 500]))
    trial.demand(grown == {"size": size, "root": log.root(size).hex()}, f"the root of {size}")
    for _ in range(SIZES_A_LOG if size < 10_000 else 3):
        at = trial.dice.randrange(1, size + 1)
        inclusion(trial, log, at)
        consistency(trial, log, at)
        trial.count("sizes")
    key = log.ask(checkpoint=True)["key"]
    signed(trial, log, key)
    tiles(trial, log, key)
    log.close()


def second_opinion(trial):
    if not PROGRAM.exists():
        raise faults.Skip("custode-proofs is not built")
    if trial.control == "lenient":
        os.environ.pop("CUSTODE_WITHOUT")     # this control is a fault of the second opinion
        strict = verify.demand
        verify.demand = lambda holds, why: None if "too long" in why else strict(holds, why)
    for _ in range(trial.times):
        if trial.had_enough():
            break
        with tempfile.TemporaryDirectory(prefix="custode-opinion-") as folder:
            one_log(trial, folder)
        trial.count("logs")


if __name__ == "__main__":
    faults.run(second_opinion, "two implementations judge every proof alike", SHORT, LONG,
               ["lenient"])
