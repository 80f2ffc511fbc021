#!/usr/bin/env python3
"""Writes the first seeds of the binary formats from archive/FORMAT.md alone, not from our C++.

    python3 tests/fuzz/make_seeds.py        fills tests/fuzz/corpus; safe to repeat

A seed shows a fuzzer what a sound input looks like; what it finds from there and is worth keeping
is added to the corpus beside them.  All of it is invented here: no file of anybody.
"""
import base64
import hashlib
import json
import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
ID = bytes(range(16))


def seed(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def field(data):
    return struct.pack(">I", len(data)) + data


def digest(size, person, data):
    return hashlib.blake2b(data, digest_size=size, person=person).digest()


# --- what lies on disk ----------------------------------------------------------------------------

def keyring_entry(number, state=1, kind=1, year=0, body=bytes([0xDD] * 104)):
    return bytes([number]) + ID[1:] + bytes([state, kind]) + struct.pack(">HI", year, 0) + body


def keyring_head(count, epoch=1):
    return (b"CSTDKEYR" + struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">IIQ", epoch, count, 9)
            + bytes([0xAB] * 32) + bytes(52))


def keyrings():
    dossier, year = keyring_entry(1), keyring_entry(2, kind=3, year=2026)
    gone = keyring_entry(3, state=2, body=struct.pack(">Q", 77) + bytes(96))
    seed("keyring", "empty", b"\0" + keyring_head(0))
    seed("keyring", "three-entries", b"\3" + keyring_head(3) + dossier + year + gone)
    seed("keyring", "with-log", b"\1" + keyring_head(1) + dossier + year + keyring_entry(4))
    seed("keyring", "torn-log", b"\1" + keyring_head(1) + dossier + year + keyring_entry(4)[:50])
    seed("keyring", "tombstone-in-log", b"\0" + keyring_head(0) + gone)
    seed("keyring", "twice", b"\2" + keyring_head(2) + dossier + dossier)
    seed("keyring", "old-epoch", b"\0" + keyring_head(0, epoch=0))
    seed("keyring", "head", keyring_head(2))
    seed("keyring", "entry", dossier)
    seed("keyring", "entry-of-year", year)
    seed("keyring", "entry-destroyed", gone)


def holders():
    def cell(epoch, index, threshold, count):
        checked = (b"CSTDHOLD" + struct.pack(">HH", 1, 1) + ID
                   + struct.pack(">IBBBB", epoch, index, threshold, count, 0) + bytes([0x5A] * 32)
                   + bytes(44))
        return checked + digest(16, b"custode/hold/v1", checked)
    seed("holder", "two-of-three", cell(1, 2, 2, 3))
    seed("holder", "two-of-two", cell(7, 1, 2, 2))
    seed("holder", "five-of-eight", cell(2, 8, 5, 8))
    seed("holder", "other-threshold", cell(2, 1, 3, 3))
    seed("holder", "padding", cell(1, 2, 2, 3)[:100] + b"\1" + bytes(11))
    seed("holder", "empty", bytes(128))


def headers():
    def toml(**with_):
        text = ("# Custode vault header: clear text, no secret, authenticated at unseal.  "
                "Do not edit.\n"
                'format = 1\nsuite = 1\nvault = "00010203-0405-4607-8809-0a0b0c0d0e0f"\n'
                f'created = 1795421700000\n\n[epoch]\nnumber = 3\nsecret = "{"e0" * 32}"\n')
        for i in range(with_.get("holders", 0)):
            text += f'\n[[epoch.holder]]\npath = "/media/h{i}/\\"x\\"/è"\nshare = "{"0a" * 32}"\n'
        for i in range(with_.get("former", 0)):
            text += f'\n[[epoch.former]]\npath = "/media/old{i}"\n'
        if "keyfile" in with_:
            text += f'\n[keyfile]\nwrapped = "{"11" * 104}"\n'
        if "passphrase" in with_:
            text += (f'\n[passphrase]\nsalt = "{"22" * 16}"\nmemory_kib = 262144\npasses = 4\n'
                     f'wrapped = "{"33" * 104}"\n')
        if "shares" in with_:
            text += (f'\n[shares]\nceremony = "2026-11"\nid = "01020304"\nthreshold = 2\n'
                     f'root = "{"44" * 32}"\n')
            for i in range(with_["shares"]):
                text += f'\n[[shares.share]]\ncommitment = "{i:02x}{"55" * 31}"\n'
        return text + f'\n[authentication]\nmac = "{"66" * 32}"\n'
    seed("header", "keyfile", toml(keyfile=1))
    seed("header", "passphrase", toml(passphrase=1))
    seed("header", "shares", toml(shares=3))
    seed("header", "holders", toml(keyfile=1, holders=3, former=2))
    seed("header", "everything", toml(keyfile=1, passphrase=1, shares=2, holders=2))
    seed("header", "newer-format", toml(keyfile=1).replace("format = 1", "format = 2"))
    seed("header", "newer-suite", toml(keyfile=1).replace("suite = 1", "suite = 2"))
    seed("header", "other-order", toml(keyfile=1).replace("format = 1\nsuite = 1", "suite = 1\nformat = 1"))
    seed("header", "no-threshold", toml(shares=2).replace("threshold = 2", "threshold = 3"))
    seed("header", "wild-cost", toml(passphrase=1).replace("262144", "4294967296"))
    seed("header", "not-tables", toml(keyfile=1).replace("[[epoch", "holder = [1]\n[[epoch"))
    seed("header", "no-toml", "[epoch\n")


def events():
    lines = dict(line.split(" = ", 1) for line in (VECTORS / "event_v1.txt").read_text().splitlines()
                 if " = " in line)
    seed("event", "whole", bytes.fromhex(lines["event"]))
    header = (struct.pack(">QQ", 7, 1795421700000) + ID + struct.pack(">QH", 123456, 40)
              + bytes([0xAC] * 16) + bytes(16) + b"\1" + field(b"gestione-caso") + b"\2" + ID + b"\3")
    counters = b"\2" + b"".join(struct.pack(">I", 2026) + field(series) + struct.pack(">Q", 12)
                                for series in (b"VII.11", b"dossiers"))
    seed("event", "header", header + b"\0")
    seed("event", "header-with-counters", header + counters)
    seed("event", "header-unknown-outcome", header.replace(b"\1\0\0\0\x0d", b"\9\0\0\0\x0d"))
    payload = field(b'{"rule":"access.archivist.read"}')
    seed("event", "payload", payload + bytes(-len(payload) % 64))
    seed("event", "payload-short-padding", payload + bytes(5))
    row = struct.pack(">Q", 3) + bytes([0x77] * 32)
    seed("event", "head-row", b"\1" + struct.pack(">Q", 99) + bytes([0xEE] * 32)
         + struct.pack(">H", 2) + row + row)
    seed("event", "nothing", b"\1" + bytes(2 + 12 + 64))
    seed("event", "two-wraps", b"\1\7\xea" + field(b"") + field(b"") + field(bytes(208)) + bytes(64))


def tables():
    extent = struct.pack(">IQQ", 1, 40, 65520)
    seed("rows", "extents", struct.pack(">I", 2) + extent + extent)
    seed("rows", "no-extents", struct.pack(">I", 0))
    seed("rows", "nothing", b"")
    seed("rows", "place", ID + struct.pack(">I", 1) + ID + struct.pack(">I", 5))
    seed("rows", "wrapped", bytes([0xDD] * 104) + bytes(80))
    seed("rows", "tombstone", bytes(104) + bytes(74))


def segments():
    seed("segment", "frame", b"CsFr" + struct.pack(">III", 1, 7, 3) + ID + struct.pack(">I", 65520))
    seed("segment", "empty-frame", b"CsFr" + struct.pack(">III", 1, 7, 3) + ID + bytes(4))
    seed("segment", "footer", b"CsEn" + struct.pack(">IIIQQ", 1, 7, 0, 1000, 77))
    seed("segment", "footer-huge-index", b"CsEn" + struct.pack(">IIIQQ", 1, 7, 0, 1000, 1 << 31))
    lines = b"".join(ID + struct.pack(">II", i, 65520 - i) for i in range(3))
    seed("segment", "index", b"CsIx" + struct.pack(">III", 1, 7, 3) + lines)
    seed("segment", "index-of-another", b"CsIx" + struct.pack(">III", 1, 8, 3) + lines)


# --- what is shown to others ----------------------------------------------------------------------

def words_of(data):
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    def word(value):
        return (consonants[value >> 12] + vowels[value >> 10 & 3] + consonants[value >> 6 & 15]
                + vowels[value >> 4 & 3] + consonants[value & 15])
    return " ".join(word(value) for value, in struct.iter_unpack(">H", data))


def shares():
    def words(version=1, threshold=2, count=3, index=1):
        checked = bytes([version, threshold, count, index]) + b"\1\2\3\4" + bytes([0x42] * 32)
        return words_of(checked + digest(32, b"custode/share/v1", checked)[:4])
    seed("share", "printed", words())
    seed("share", "shouted", words(threshold=3, count=32, index=32).upper().replace(" ", "\r\n"))
    seed("share", "newer", words(version=2))
    seed("share", "misfit", words(index=4))
    seed("share", "cut", words()[:60])
    seed("share", "numbers", bytes([2, 3, 1]) + b"\1\2\3\4" + bytes([0x42] * 32) + bytes(range(200)))


def trees():
    def true(size, index, old, edits=b"", rest=b"\0\0\0\1\1"):
        return bytes([0, size - 1, index, old]) + (edits or b"\0\0") + rest
    seed("proof", "whole", true(1, 0, 0))
    seed("proof", "seven", true(7, 3, 4))
    seed("proof", "sixty-four", true(64, 63, 32))
    seed("proof", "edited", true(70, 42, 13, b"\1\3\2\7\1\2\0"))
    seed("proof", "claimed", true(33, 32, 16, b"\0\0", b"\1\2\4\0\0"))
    seed("proof", "invented", b"\1" + struct.pack(">QQ", 5, 1 << 63) + bytes([0x10] * 32) + b"\x3f"
         + bytes(range(256)) * 8)
    seed("proof", "invented-small", b"\1" + struct.pack(">QQ", 2, 3) + bytes([0x10] * 32) + b"\1"
         + bytes([0x20] * 32))
    seed("tile", "one", b"\0" + bytes([0xAA] * 32))
    seed("tile", "four", b"\3" + bytes(range(128)))
    seed("tile", "bundle", b"\1" + (b"\0\xa0" + bytes([0xBB] * 160)) * 2)
    seed("tile", "bundle-wrong-length", b"\0\0\xa1" + bytes([0xBB] * 160))
    seed("tile", "entry", b"\x7f" + bytes(range(160)))


def sealed():
    def context(table, key, key_id):
        return bytes([len(table)]) + table + bytes([len(key)]) + key + bytes([len(key_id)]) + key_id
    here = context(b"links", ID, b"entry") + ID + bytes([30, 1, 0])
    moved = context(b"link", b"s" + ID, b"entry") + ID + bytes([30, 1, 0])
    seed("record", "same-context", bytes(24) + here + here + b"\0\7" + b"plaintext")
    seed("record", "moved-border", bytes(24) + here + moved + b"\0\x50" + b"plaintext")
    seed("record", "empty", bytes(24) + bytes(22) + bytes(22) + b"\1\0")
    for shape in (0, 1, 2, 3, 64):
        seed("object", f"shape-{shape}",
             bytes([shape]) + struct.pack(">HHHH", 5, 900, 4000, 1) + bytes(24) + ID + b"seed")
    seed("object", "whole-chunk", b"\1\0\0\xff\xdf\x20\0\0\0" + bytes(24) + ID)


def bags():
    seed("bag", "declaration", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    seed("bag", "old-declaration", "BagIt-Version: 0.97\r\nTag-File-Character-Encoding: UTF-16\r\n")
    seed("bag", "manifest", f"{'0a' * 32}  data/uno.pdf\n{'0b' * 32} *./data/due%0A.pdf\n")
    seed("bag", "manifest-md5", f"{'0A' * 16}  data/uno.pdf\n{'0a' * 16}  data/uno.pdf\nnonsense\n")
    seed("bag", "manifest-sha512", f"{'0c' * 64}\tdata/tre.pdf\n")
    seed("bag", "manifest-name", "tagmanifest-sha256.txt")
    seed("bag", "info", "Bag-Software-Agent: x\n  more\nPayload-Oxum: 300.2\nPayload-Oxum: 1.1\n")
    seed("bag", "oxum", "18446744073709551615.1")
    seed("bag", "utf-16", "Sì: 🗎\n".encode("utf-16"))
    seed("bag", "utf-16-be", b"\xfe\xff" + "Sì: 🗎\n".encode("utf-16-be"))
    seed("bag", "utf-16-torn", b"\xff\xfe\x3d\xd8\n")


# --- what a network sends -------------------------------------------------------------------------

def requests():
    seed("target", "plain", "/api/v1/dossiers/50515253-5455-4657-9859-5a5b5c5d5e5f/documents?limit=50")
    seed("target", "encoded", "/a%C3%A8/%21b!?q=+x%2b%20y&r=&s")
    seed("target", "root", "/?a=b")
    seed("target", "dots", "/a/../b")
    seed("target", "hidden", "/a%2e%2E/%2f")
    seed("target", "twice", "/?a=1&a=2")
    seed("target", "absolute", "https://example/")
    seed("target", "c1", "/%C2%85")
    for name, text in {"range": "bytes=0-99", "open": "bytes=5-", "last": "bytes=-10",
                       "none": "bytes=-0", "several": "bytes=0-1,3-4", "backwards": "bytes=9-1",
                       "huge": "bytes=0-999999999999999999", "unit": "lines=1-2"}.items():
        seed("target", "range-" + name, text)
    seed("request_values", "digest",
         "sha-256=:" + base64.b64encode(bytes(range(32))).decode() + ":")
    metadata = json.dumps({"file_name": "decreto.pdf", "type": "decreto", "also": [], "pages": 2})
    encoded = base64.urlsafe_b64encode(metadata.encode()).rstrip(b"=").decode()
    seed("request_values", "metadata", encoded)
    seed("request_values", "metadata-inside", metadata)
    seed("request_values", "limit", "200")
    seed("request_values", "limit-out", "201")
    seed("request_values", "padded", encoded + "=")
    seed("request_values", "nested", "[" * 20)


def pins():
    note = (CORPUS / "checkpoint" / "log").read_text()
    key = (CORPUS / "checkpoint" / "verifier-key").read_text()
    whole = {"version": 1, "servers": {"https://vault:8443": key}, "logs": {key: note}}
    seed("pins", "whole", json.dumps(whole, ensure_ascii=False))
    seed("pins", "none", '{"logs":{},"servers":{}}')
    seed("pins", "other-note", json.dumps({**whole, "logs": {key: note.replace("70", "71")}}))
    seed("pins", "no-map", '{"logs":[],"servers":{}}')
    seed("pins", "no-key", '{"logs":{},"servers":{"a":"b"}}')


def problems():
    body = json.dumps({"type": "urn:custode:problem:document.duplicate", "code": "document.duplicate",
                       "status": 409, "title": "Il documento è già nel fascicolo", "detail": "…",
                       "hint": "Usi --again", "correlation": "7c0f", "document": None, "twins": [{}]})
    seed("problem", "ours", b"\3" + b"\0" + body.encode())
    seed("problem", "wait", b"\x08" + b"\x02" + b"30" + body.encode())
    seed("problem", "wait-for-ever", b"\x0a" + b"\x06" + b"999999" + b'{"code":"server.busy"}')
    seed("problem", "not-ours", b"\x09\0<html>")
    seed("problem", "deep", b"\x09\0" + b'{"code":' + b"[" * 64)
    seed("problem", "no-code", b"\x0b\0{}")
    seed("problem", "odd-status", b"\xff\0\x09\0{}")
    seed("problem", "json", '{"items":[{"a":1.5e3,"b":"\\u0000\\ud83d\\ude00"}],"next":null}')


# --- what people write ----------------------------------------------------------------------------

def papers():
    person = {"designations": [{"surname": "Inventati", "name": "Celeste"}]}
    full = {"designations": [{"surname": "D'Amico", "name": "Anna Maria", "from": "2012-03-04"},
                             {"text": "neonata, 12/03/2026", "until": "2012-03-03", "source": "s"}],
            "aliases": [{"surname": "Ameko"}], "sex": "female", "msna": "yes",
            "birth": {"precision": "estimated", "year_from": 2008, "year_to": 2010, "place": "Ivi"},
            "citizenships": ["ITA"],
            "tax_codes": [{"kind": "definitive", "code": "NVNCST14E43F205Q", "as_found": True}],
            "external_ids": [{"system": "SISA", "value": "123", "source": "s"}]}
    seed("people", "least", json.dumps(person))
    seed("people", "full", json.dumps(full))
    seed("people", "day", json.dumps({**person, "birth": {"precision": "day", "day": "2014-05-03"}}))
    seed("people", "year", json.dumps({**person, "birth": {"precision": "year", "year_from": 2014}}))
    for name, changed in {"name": {"designation": {"surname": "Rossi", "name": "Ada"}},
                          "birth": {"birth": {"precision": "day", "day": "2014-05-03"}},
                          "rest": {"aliases": [], "sex": "male", "citizenships": [], "msna": "no",
                                   "external_ids": [], "tax_code": full["tax_codes"][0]}}.items():
        seed("people", "correction-" + name,
             json.dumps({"reason": "r", "source": "s", "person": changed}))
    uuid = "50515253-5455-4657-9859-5a5b5c5d5e5f"
    seed("people", "account", json.dumps(
        {"id": uuid, "name": "anna", "created": "2026-11-23T08:15:00.000Z", "state": "active",
         "roles": [{"role": "archivist", "unit": "municipio-3", "until": "2027-01-01"}]}))
    seed("people", "dossier", json.dumps(
        {"id": uuid, "code": "2026/VII.11/000001", "person": full, "unit": "municipio-3",
         "opened": "2026-11-23", "state": "closed", "closed": "2026-12-01",
         "classification": "VII.11", "assigned": [uuid],
         "grants": [{"account": uuid, "until": "2027-01-01", "reason": "r"}]}))
    seed("people", "code", "2026/VII.11/000001")
    seed("people", "twice", '{"a":1,"a":2}')
    for name, text in {"name": "d'amico annamaria", "birth": "celeste 3 maggio 2014",
                       "day": "03/05/2014", "iso": "2014-05-03 inventati", "code": "2026/VII.11/000001",
                       "tax": "NVNCST14E43F205Q", "number": "R.G.V.G. 567/2025", "bare": "567/25",
                       "greek": "Ωμέγα 😀 ß ﬁ"}.items():
        seed("search_query", name, text)
    seed("elenco", "comma", "file,fascicolo,tipo\nuno.pdf,2026/VII.11/000001,decreto\n")
    seed("elenco", "semicolon", "\ufefffile;cognome;nome;nascita;data\r\n\"a;\"\"b\"\".pdf\";Rossi;"
         "Ada;03/05/2014;2026-01-02\r\n")
    seed("elenco", "outside", "file\n../x\n")
    seed("elenco", "twice", "file\nx\nx\n")
    seed("elenco", "open-quote", "file\n\"x\n")
    seed("config", "all", 'listen = "0.0.0.0:8443"\nmonitor = ""\nbody = "Comune"\nhosts = ["a"]\n'
         "allow_any_file_system = true\nsegment_bytes_max = 1048576\nupkeep_seconds = 5\n[limits]\n"
         "connections = 10\nconnections_per_address = 5\nthreads = 3\n")
    seed("config", "unknown", "misspelt = 1\n")
    seed("config", "types", "listen = 1\n")
    seed("config", "list", "hosts = [1]\n")
    seed("config", "zero", "[limits]\nthreads = 0\n")
    seed("config", "no-toml", "= =\n")


def main():
    for make in (keyrings, holders, headers, events, tables, segments, shares, trees, sealed, bags,
                 requests, pins, problems, papers):
        make()


if __name__ == "__main__":
    main()
