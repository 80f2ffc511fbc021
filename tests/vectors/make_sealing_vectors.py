#!/usr/bin/env python3
"""Writes record_v1.txt and object_v1.txt from archive/FORMAT.md alone, not from our C++.

A second implementation (hashlib and python3-cryptography), so that the vectors prove the format
and not merely that the code agrees with itself.  Run it only when a new format version is made:
the files are frozen.
"""
import hashlib
import hmac
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SUITE = 1
CHUNK = 65504


def field(data):
    return struct.pack(">I", len(data)) + data


def rotate(value, count):
    return ((value << count) | (value >> (32 - count))) & 0xFFFFFFFF


def hchacha20(key, nonce16):
    s = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key)
             + struct.unpack("<4I", nonce16))

    def quarter(a, b, c, d):
        for x, y, z, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] = rotate(s[z] ^ s[x], count)

    for _ in range(10):
        for q in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                  (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(*q)
    return struct.pack("<8I", *(s[:4] + s[12:]))


def seal_record(key, context, nonce, plain):
    aad = (struct.pack(">H", SUITE) + field(context["vault"]) + field(context["table"])
           + field(context["key"]) + struct.pack(">II", context["type"], context["version"])
           + field(context["key_id"]) + struct.pack(">I", context["epoch"]))
    both = hashlib.blake2b(nonce + aad, key=key, digest_size=64, person=b"custode/rec/v1").digest()
    inner = ChaCha20Poly1305(hchacha20(both[:32], nonce[:16]))
    return nonce + both[32:] + inner.encrypt(bytes(4) + nonce[16:], plain, aad)


def hkdf_expand(prk, info, size):
    out, block, number = b"", b"", 1
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([number]), hashlib.sha512).digest()
        out, number = out + block, number + 1
    return out[:size]


def seal_object(key, salt, vault, name, version, media_class, plain):
    info = (field(b"custode/object/v1") + struct.pack(">H", SUITE) + field(salt) + field(vault)
            + field(name) + struct.pack(">I", version) + field(media_class))
    derived = hkdf_expand(key, info, 76)
    aead, base = ChaCha20Poly1305(derived[:32]), int.from_bytes(derived[32:44], "big")
    out = [salt, derived[44:]]
    for number in range(len(plain) // CHUNK + 1):
        chunk = plain[number * CHUNK:(number + 1) * CHUNK]
        out.append(aead.encrypt((base ^ number).to_bytes(12, "big"), chunk, None))
    return b"".join(out)


def main():
    here = Path(__file__).parent
    key, vault = bytes(range(32)), bytes(range(0x10, 0x20))
    context = {"vault": vault, "table": b"journal.header", "key": bytes(range(0xA0, 0xA8)),
               "type": 3, "version": 1, "key_id": bytes(range(0x20, 0x30)), "epoch": 0}
    lines = ["# key 00..1f, vault 10..1f, table journal.header, key a0..a7, type 3, version 1,",
             "# key id 20..2f, epoch 0, nonce 40..57, plaintext byte j = 31j+7 mod 256",
             "# plaintext bytes, sealed record"]
    for size in (0, 1, 32, 300):
        plain = bytes((31 * j + 7) % 256 for j in range(size))
        lines.append(f"{size} {seal_record(key, context, bytes(range(0x40, 0x58)), plain).hex()}")
    (here / "record_v1.txt").write_text("\n".join(lines) + "\n")

    lines = ["# key 00..1f, salt 80..97, vault 10..1f, object 30..3f, version 1, class original,",
             "# plaintext byte j = 31j+7 mod 256",
             "# plaintext bytes, container bytes, head, SHA-256 of the container"]
    for size in (0, 1, 65503, 65504, 65505, 197289):
        plain = bytes((31 * j + 7) % 256 for j in range(size))
        sealed = seal_object(key, bytes(range(0x80, 0x98)), vault, bytes(range(0x30, 0x40)), 1,
                             b"original", plain)
        lines.append(f"{size} {len(sealed)} {sealed[:56].hex()} {hashlib.sha256(sealed).hexdigest()}")
    (here / "object_v1.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
