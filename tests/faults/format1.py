"""Format 1 as archive/FORMAT.md §8 states it, from the page and not from our C++."""
import hashlib
import hmac
import struct

SUITE = b"\0\1"
ROUNDS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
          (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
SIGMA = struct.unpack("<4I", b"expand 32-byte k")


def field(data):
    return struct.pack(">I", len(data)) + data


def record_keys(key, nonce24, vault, table, row, type, key_id):
    """Key and commitment of a record of version 1 outside the keyring, and its associated data."""
    aad = (SUITE + field(vault) + field(table) + field(row) + struct.pack(">II", type, 1)
           + field(key_id) + bytes(4))
    both = hashlib.blake2b(nonce24 + aad, key=key, digest_size=64,
                           person=b"custode/rec/v1").digest()
    return both[:32], both[32:], aad


def object_keys(key, salt24, vault, object):
    """Key, base nonce and commitment of an original's container."""
    info = (field(b"custode/object/v1") + SUITE + field(salt24) + field(vault) + field(object)
            + b"\0\0\0\1" + field(b"original"))
    derived = hkdf_expand(key, info, 76)
    return derived[:32], derived[32:44], derived[44:]


def hkdf_expand(prk, info, size):
    out, block, number = b"", b"", 1
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([number]), hashlib.sha512).digest()
        out, number = out + block, number + 1
    return out[:size]


def _rotate(value, count):
    return ((value << count) | (value >> (32 - count))) & 0xFFFFFFFF


def _twenty_rounds(key, sixteen):
    before = list(SIGMA + struct.unpack("<8I", key) + struct.unpack("<4I", sixteen))
    s = list(before)
    for _ in range(10):
        for a, b, c, d in ROUNDS:
            for x, y, z, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[x] = (s[x] + s[y]) & 0xFFFFFFFF
                s[z] = _rotate(s[z] ^ s[x], count)
    return before, s


def hchacha20(key, nonce16):
    _, s = _twenty_rounds(key, nonce16)
    return struct.pack("<8I", *(s[:4] + s[12:]))


def poly1305_key(key, nonce12):
    """r, clamped, and s: the first half of block 0 of the key stream (RFC 8439 §2.6)."""
    before, after = _twenty_rounds(key, bytes(4) + nonce12)
    block = struct.pack("<8I", *((a + b) & 0xFFFFFFFF for a, b in zip(before[:8], after[:8])))
    r = int.from_bytes(block[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    return r, int.from_bytes(block[16:], "little")
