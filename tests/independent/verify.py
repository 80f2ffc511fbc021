#!/usr/bin/env python3
"""The second opinion: checks what Custode gives away without a line of Custode's code.

Needs Python 3.11 and the openssl command, nothing else.  Written from RFC 6962 and the C2SP
specifications (signed-note, tlog-checkpoint, tlog-tiles), as recursive definitions where the
product is iterative.  Prints one line; exit 0 when it holds, 1 when it does not, 2 for wrong usage.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

NOTE_BYTES_MAX = 64 * 1024
RECEIPT_BYTES_MAX = 256 * 1024
PATH_MAX = 64
WIDTH = 256
ENTRY_BYTES = 160
ED25519 = b"\x01"
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, before the 32 bytes of the key


class Broken(Exception):
    """What was given does not hold; the message says why."""


def demand(holds, why):
    if not holds:
        raise Broken(why)


# --- the tree: RFC 6962, section 2.1 --------------------------------------------------------------

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(entry):
    return sha256(b"\x00", entry)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    """The largest power of two smaller than size."""
    return 1 << (size - 1).bit_length() - 1


def root_of(hashes):
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node_hash(root_of(hashes[:k]), root_of(hashes[k:]))


def root_by_inclusion(index, size, leaf, path):
    if size == 1:
        demand(not path, "the proof is too long")
        return leaf
    demand(path, "the proof is too short")
    k = split(size)
    if index < k:
        return node_hash(root_by_inclusion(index, k, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_inclusion(index - k, size - k, leaf, path[:-1]))


def roots_by_consistency(old, new, path, known):
    """The roots of both trees; `known` is the old root while the old tree is the whole left part."""
    if old == new:
        demand(len(path) == (0 if known else 1), "the proof is of another length")
        return (known, known) if known else (path[0], path[0])
    demand(path, "the proof is too short")
    k = split(new)
    if old <= k:
        old_root, new_root = roots_by_consistency(old, k, path[:-1], known)
        return old_root, node_hash(new_root, path[-1])
    old_root, new_root = roots_by_consistency(old - k, new - k, path[:-1], None)
    return node_hash(path[-1], old_root), node_hash(path[-1], new_root)


# --- signed notes and checkpoints -----------------------------------------------------------------

def from_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Broken(f"{what} is no base64") from None
    demand(base64.b64encode(data).decode() == text, f"{what} has a second spelling")
    return data


def from_hex32(text, what):
    demand(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), f"{what} is no digest")
    return bytes.fromhex(text)


def parse_key(text):
    """Name, id and public key of "name+hash8+base64(0x01 || key)"."""
    fields = text.split("+", 2)
    demand(len(fields) == 3 and fields[0], "the key is no verifier key")
    typed = from_base64(fields[2], "the key")
    demand(len(typed) == 33 and typed[:1] == ED25519, "the key is not of Ed25519")
    key_id = sha256(fields[0].encode(), b"\n", typed)[:4]
    demand(key_id.hex() == fields[1], "the key's id is not its own")
    return fields[0], key_id, typed[1:]


def ed25519_holds(public, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            path = os.path.join(folder, name)
            with open(path, "wb") as stream:
                stream.write(data)
            return path
        run = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
             "-inkey", put("key", ED25519_SPKI + public), "-in", put("message", message),
             "-sigfile", put("signature", signature)],
            capture_output=True, check=False, timeout=60)
    return run.returncode == 0 and b"Verified Successfully" in run.stdout


def open_checkpoint(note, key):
    """Size and root that the log `key` signed."""
    name, key_id, public = parse_key(key)
    demand(len(note) <= NOTE_BYTES_MAX, "the checkpoint is too long")
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken("the checkpoint is no UTF-8") from None
    demand(not re.search("[\x00-\x09\x0b-\x1f]", text), "the checkpoint has control characters")
    body, gap, signatures = text.rpartition("\n\n")
    demand(gap and signatures.endswith("\n"), "the checkpoint is no signed note")
    body += "\n"
    signed = 0
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        demand(match, "a signature line is malformed")
        blob = from_base64(match[2], "a signature")
        if match[1] == name and blob[:4] == key_id:
            demand(ed25519_holds(public, body.encode(), blob[4:]), "the signature does not hold")
            signed += 1
    demand(signed == 1, "the log has not signed the checkpoint, or more than once")
    lines = body.split("\n")
    demand(len(lines) == 4 and lines[3] == "", "the checkpoint has not three lines")
    demand(lines[0] == name, "the checkpoint is of another log than its key")
    demand(re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]), "the size is no number")
    root = from_base64(lines[2], "the root")
    demand(len(root) == 32, "the root is no SHA-256")
    return int(lines[1]), root


# --- the four questions ---------------------------------------------------------------------------

def read(path, bytes_max):
    try:
        with open(path, "rb") as stream:
            data = stream.read(bytes_max + 1)
    except OSError as failure:
        raise Broken(f"cannot read {path}: {failure.strerror}") from None
    demand(len(data) <= bytes_max, f"{path} is too long")
    return data


def members(pairs):
    demand(len({name for name, _ in pairs}) == len(pairs), "a member stands twice in the receipt")
    return dict(pairs)


def check_receipt(path, key):
    data = read(path, RECEIPT_BYTES_MAX)
    try:
        receipt = json.loads(data.decode("utf-8"), object_pairs_hook=members)
    except (ValueError, RecursionError):
        raise Broken("the receipt is no JSON") from None
    demand(isinstance(receipt, dict) and sorted(receipt) == [
        "checkpoint", "index", "key", "leaf", "proof", "salt", "statement", "version"],
        "the receipt has other members")
    leaf, proof, index = receipt["leaf"], receipt["proof"], receipt["index"]
    demand(type(receipt["version"]) is int and receipt["version"] == 1, "another version")
    demand(type(index) is int and 0 <= index < 1 << 64, "the index is no number")
    demand(isinstance(leaf, dict) and sorted(leaf) == ["content", "envelope", "header", "payload"],
           "the leaf has other members")
    demand(isinstance(proof, list) and len(proof) <= PATH_MAX, "the proof is no list")
    for name in ("checkpoint", "key", "statement"):
        demand(isinstance(receipt[name], str), f"the {name} is no text")
    if key is not None:
        demand(receipt["key"] == key, "the receipt names another log key than expected")
    size, root = open_checkpoint(receipt["checkpoint"].encode(), key or receipt["key"])
    demand(index < size, "the entry lies outside the tree")
    statement = sha256(from_hex32(receipt["salt"], "the salt"), receipt["statement"].encode())
    parts = {name: from_hex32(leaf[name], name) for name in leaf}
    entry = (parts["header"] + parts["payload"] + parts["envelope"] + statement + parts["content"])
    path_hashes = [from_hex32(item, "an element of the proof") for item in proof]
    demand(root_by_inclusion(index, size, leaf_hash(entry), path_hashes) == root,
           "the statement is not what the journal holds at this place")
    warning = "" if key else " (log key taken from the receipt itself)"
    return f"entry {index} of {size}{warning}: {receipt['statement']}"


def check_checkpoint(path, key):
    size, root = open_checkpoint(read(path, NOTE_BYTES_MAX), key)
    return f"{size} entries, root {root.hex()}"


def check_consistency(old, new, proof, key):
    old_size, old_root = open_checkpoint(read(old, NOTE_BYTES_MAX), key)
    new_size, new_root = open_checkpoint(read(new, NOTE_BYTES_MAX), key)
    lines = read(proof, NOTE_BYTES_MAX).decode("ascii", "replace").split("\n")
    demand(lines.pop() == "" and len(lines) <= PATH_MAX + 1, "the proof is no list of digests")
    path = [from_hex32(line, "an element of the proof") for line in lines]
    demand(old_size <= new_size, "the newer tree is smaller")
    if old_size == 0:
        demand(not path and old_root == sha256(), "the empty tree has one root and no proof")
    else:
        roots = roots_by_consistency(old_size, new_size, path, old_root)
        demand(roots == (old_root, new_root), "the older tree is not the past of the newer")
    return f"{old_size} entries are the past of {new_size}"


def tile_name(index):
    digits = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        digits = f"x{index % 1000:03d}/{digits}"
    return digits


def read_tile(folder, kind, index, width, item_bytes):
    """A tile or bundle of `width` items; the full one, cut, when the partial is gone."""
    path = os.path.join(folder, "tile", kind, tile_name(index))
    partial = os.path.join(path + ".p", str(width))
    if width < WIDTH and os.path.exists(partial):
        data, expected = read(partial, WIDTH * item_bytes), width * item_bytes
    else:
        data, expected = read(path, WIDTH * item_bytes), WIDTH * item_bytes
    demand(len(data) == expected, f"tile {kind}/{tile_name(index)} is of another length")
    return [data[i:i + item_bytes] for i in range(0, width * item_bytes, item_bytes)]


def check_tiles(folder, key):
    size, root = open_checkpoint(read(os.path.join(folder, "checkpoint"), NOTE_BYTES_MAX), key)
    hashes = []
    for first in range(0, size, WIDTH):
        width = min(WIDTH, size - first)
        for item in read_tile(folder, "entries", first // WIDTH, width, 2 + ENTRY_BYTES):
            demand(item[:2] == ENTRY_BYTES.to_bytes(2, "big"), "an entry is of another length")
            hashes.append(leaf_hash(item[2:]))
    demand(root_of(hashes) == root, "the entries do not give the signed root")
    level, count = 0, 0
    while hashes:  # each level of tiles from the one below, computed and compared with the disk
        above = []
        for first in range(0, len(hashes), WIDTH):
            computed = hashes[first:first + WIDTH]
            stored = read_tile(folder, str(level), first // WIDTH, len(computed), 32)
            demand(stored == computed, f"tile {level}/{tile_name(first // WIDTH)} is not its entries'")
            count += 1
            if len(computed) == WIDTH:
                above.append(root_of(computed))
        level, hashes = level + 1, above
    return f"{size} entries in {count} tiles of {level} levels, root {root.hex()}"


def key_text(argument):
    if os.path.exists(argument):
        return read(argument, NOTE_BYTES_MAX).decode("utf-8", "replace").strip()
    return argument


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, arguments in [("receipt", ["file"]), ("checkpoint", ["file"]), ("tiles", ["folder"]),
                            ("consistency", ["old", "new", "proof"])]:
        one = verbs.add_parser(verb)
        for argument in arguments:
            one.add_argument(argument)
        one.add_argument("--key", required=verb != "receipt", type=key_text,
                         help="the log's verifier key, or a file that holds it")
    given = vars(parser.parse_args())
    check = {"receipt": check_receipt, "checkpoint": check_checkpoint, "tiles": check_tiles,
             "consistency": check_consistency}[given.pop("verb")]
    key = given.pop("key")
    try:
        print("holds:", check(*given.values(), key))
    except Broken as broken:
        print("does not hold:", broken)
        sys.exit(1)


if __name__ == "__main__":
    main()
