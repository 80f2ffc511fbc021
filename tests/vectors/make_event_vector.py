#!/usr/bin/env python3
"""Writes event_v1.txt from archive/FORMAT.md alone, not from our C++: one whole journal event, a
document.filed, with every key and nonce fixed, and its leaf in the tree.

Run it only when a new format version is made: the file is frozen, and FORMAT.md prints it.
"""
import hashlib
import struct
from pathlib import Path

from make_sealing_vectors import field, seal_record

VAULT = bytes(range(0x10, 0x20))
YEAR_ID, DOSSIER, OBJECT = bytes(range(0x20, 0x30)), bytes(range(0x30, 0x40)), bytes(range(0x50, 0x60))
YEAR_KEY, D_KEY, O_KEY = bytes([0xA1] * 32), bytes([0xD1] * 32), bytes([0x0C] * 32)
SEQUENCE, ACTION = 7, 30
STATEMENT = ('{"bytes":300000,"document":"50515253-5455-4657-9859-5a5b5c5d5e5f",'
             '"impronta":"' + "ab" * 32 + '","time":"2026-11-23T08:15:00.000Z","what":"document.filed"}')
PAYLOAD = b'{"document":{},"idempotency":"","rule":"access.archivist.filing"}'


def context(table, key, kind, key_id):
    return {"vault": VAULT, "table": table.encode(), "key": key, "type": kind, "version": 1,
            "key_id": key_id, "epoch": 0}


def derive(key, label, info=b""):
    return hashlib.blake2b(field(label) + field(info), key=key, digest_size=32,
                           person=b"custode/kdf/v1").digest()


def header():
    out = struct.pack(">Qq", SEQUENCE, 1795421700000) + bytes(16) + struct.pack(">q", 123456)
    out += struct.pack(">H", ACTION) + bytes([0xAC] * 16) + bytes(16)
    out += b"\x01" + field(b"")                # permitted, no purpose
    out += b"\x01" + DOSSIER                   # subject: a dossier
    out += b"\x03" + b"\x00"                   # payload under O_x; no counters
    return out + bytes(256 - len(out))


def padded(payload):
    out = field(payload)
    return out + bytes(-len(out) % 64)


def main():
    sequence = struct.pack(">Q", SEQUENCE)
    nonces = [bytes([n] * 24) for n in (1, 2, 3)]
    sealed_header = seal_record(YEAR_KEY, context("journal.header", sequence, 0, YEAR_ID), nonces[0],
                                header())
    sealed_payload = seal_record(derive(O_KEY, b"object records"),
                                 context("journal.payload", sequence, ACTION, DOSSIER), nonces[1],
                                 padded(PAYLOAD))
    wrap = seal_record(D_KEY, context("wrap", b"object", 0, DOSSIER), nonces[2], O_KEY)
    salt = bytes(range(32))
    statement = hashlib.sha256(salt + STATEMENT.encode()).digest()
    content = bytes([0xEE] * 32)
    event = (b"\x01" + struct.pack(">H", 2026) + field(sealed_header) + field(sealed_payload)
             + field(wrap) + statement + content)
    entry = b"".join(hashlib.sha256(part).digest() for part in (sealed_header, sealed_payload, wrap))
    entry += statement + content
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    lines = [("vault", VAULT), ("year key id", YEAR_ID), ("year key", YEAR_KEY), ("dossier", DOSSIER),
             ("dossier key", D_KEY), ("object key", O_KEY), ("sequence", sequence),
             ("payload", PAYLOAD), ("salt", salt), ("statement", STATEMENT.encode()),
             ("event", event), ("leaf entry", entry), ("leaf", leaf)]
    text = "".join(f"{name} = {value.hex()}\n" for name, value in lines)
    Path(__file__).with_name("event_v1.txt").write_text(text)


main()
