"""A page as a poor scanner sees it: grey paper, noise, a little skew, dark words."""
import random
import struct
import zlib

WIDTH, HEIGHT = 420, 594  # A4 at 50 dpi: small on purpose


def png(lines, seed):
    chance = random.Random(seed)
    rows = [bytearray(chance.randrange(222, 246) for _ in range(WIDTH)) for _ in range(HEIGHT)]
    for number in range(lines):
        draw_line(rows, 60 + number * 14, chance)
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    resolution = struct.pack(">IIB", 1969, 1969, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"pHYs", resolution) +
            chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def draw_line(rows, top, chance):
    at = 44
    end = chance.randrange(300, 376)
    while at < end:
        word = chance.randrange(12, 46)
        for x in range(at, min(at + word, end)):
            skew = x // 140
            for y in range(top + skew, top + skew + 5):
                if chance.random() < 0.72:
                    rows[y][x] = chance.randrange(30, 90)
        at += word + 7


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))
