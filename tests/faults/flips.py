#!/usr/bin/env python3
"""One bit flipped anywhere in a vault: it is named, or nothing ever reads it; nothing is served.

Every file of two real vaults (one of them with holders) is mapped byte by byte: what it is for, by
which name its damage must be called, or why it is dead.  Each flip is then looked at three times:
by custode-verify's checks without keys, by `custoded verify`, and by reading everything that can
be read, which must be what it was or be refused by name, and what the bit has nothing to do with
must be as before; some are put before the real daemon and asked for over HTTPS.  Half of the flips
fall anywhere, half are spread over the kinds of bytes.
"""
import bisect
import dataclasses
import http.client
import re
import shutil
import struct

import faults
import lmdb_map
import tampering

LOOKS = ["offline", "verify", "read"]
ENTRY = 162  # of a bundle: length and leaf


@dataclasses.dataclass
class Kind:
    """What a run of bytes is for."""
    label: str
    names: str = ""            # a pattern that what is told of a flip must match; "" when dead
    touches: str = r".*"       # the items that may differ, all refused
    may_end: bool = False      # whether a reader may die of it (LMDB believes its file)
    may_pass: bool = False     # whether it may also go unnoticed, when nothing differs


def catalogue(data):
    for begin, end, kind, table, key in lmdb_map.map_of(data):
        label = f"catalogue: {kind}"
        if kind in lmdb_map.DEAD:
            yield begin, end, Kind(label)
        elif kind == "former last page":
            yield begin, end, Kind(label, r"catalogue", may_pass=True)
        elif kind == "key":
            yield begin, end, Kind(label, rf"catalogue\.mdb|table {table}\b|event \d+",
                                   may_end=True)
        elif kind != "value":
            yield begin, end, Kind(label, r"catalogue\.mdb", may_end=True)
        else:
            yield begin, end, value(label, table, key)


def value(label, table, key):
    label += f" of {table}"
    if table == "journal":
        number = struct.unpack(">Q", key)[0]
        # Of the newest event the year is asked at unsealing, of each filing the digest at reading.
        return Kind(label, rf"event {number}\b", r"event \d+|receipt .*")
    if table == "head":
        return Kind(label, r"vault\.head_damaged")
    return Kind(label, rf"table {table}\b", r"(document|content|receipt|found|event|dossier) .*")


def segment(name, data):
    number = int(name[-10:-4])
    footer = data[-36:-32] == b"CsEn"
    frames_end = struct.unpack(">Q", data[-20:-12])[0] if footer else len(data)
    at = 0
    here = rf"segment {number}\b.*segments/{name[-10:]}|segments/{name[-10:]}.*segment {number}\b"
    while at < frames_end:
        length = struct.unpack(">I", data[at + 32:at + 36])[0]
        yield at, at + 40, Kind("segment: head of a frame", rf"segment {number}\b", "nothing")
        yield at + 40, at + 40 + length, Kind(
            "segment: content" + (" of a closed one" if footer else ""),
            r"document [^:]+: .*object", r"content .*")
        at += 40 + length
    if footer:
        yield frames_end, len(data), Kind("segment: index and footer", here, "content .*")


def whole(label, names, touches=r".*"):
    return lambda data: [(0, len(data), Kind(label, names, touches))]


def tiles(name, data, published):
    """Only what belongs to the published size is asked for; partial tiles of others lie idle."""
    short = name.removeprefix("vault/tiles/")
    partial = re.fullmatch(r"tile/(\w+)/([x\d/]+)\.p/(\d+)", short)
    if partial:
        level = 0 if partial[1] == "entries" else int(partial[1])
        index = int(partial[2].replace("x", "").replace("/", ""))
        complete = published >> (8 * level)
        if (complete >> 8, complete & 255) != (index, int(partial[3])):
            return [(0, len(data), Kind("tile of an earlier size: nobody asks for it"))]
    if partial and partial[1] == "entries" or short.startswith("tile/entries/"):
        # An entry is the leaf of one event: it is called by that event's number, or by its file.
        first = 256 * int(re.search(r"/([x\d/]+)(\.p/\d+)?$", short[4:])[1].replace("x", "")
                          .replace("/", ""))
        return [(at, at + ENTRY, Kind("tiles: entries", rf"event {first + at // ENTRY}\b|"
                                                        + re.escape(short), "nothing"))
                for at in range(0, len(data), ENTRY)]
    return [(0, len(data), Kind("tiles", re.escape(short), "nothing"))]


def kinds_of(name, data, published):
    if name.startswith("vault/segments/"):
        return segment(name, data)
    if name.startswith("vault/tiles/") and name != "vault/tiles/checkpoint":
        return tiles(name, data, published)
    for pattern, kinds in {
            r"vault/catalogue\.mdb": catalogue,
            r"vault/catalogue\.mdb-lock": lambda data: [
                (0, len(data), Kind("LMDB's lock table: made anew when nobody has it open"))],
            r"vault/vault\.toml": whole("vault.toml", r"header\.damaged|vault\.newer_format|"
                                                      r"unseal\.wrong_key"),
            r"vault/keyring\.1(\.log)?": whole("keyring", r"keyring\.damaged"),
            r"vault/epoch\.1": whole("epoch secret", r"epoch.s secret"),
            r"vault/identity\.pub": whole("identity.pub", r"identity\.pub", "key shown .*"),
            r"vault/tiles/checkpoint": whole("checkpoint", r"checkpoint", "nothing"),
            r"device/holder\d": whole("holder", r"holder.*holder\d", "nothing"),
            r"device/keyfile": whole("keyfile", r"unseal\.wrong_key")}.items():
        if re.fullmatch(pattern, name):
            return kinds(data)
    raise faults.harness.Unexpected(f"nobody said what {name} is for")


class Bytes:
    """All bytes of a vault's files in a row, each with its kind."""

    def __init__(self, vault):
        self.runs, self.ends, self.kinds = [], [], {}
        checkpoint = (vault.folder / "vault/tiles/checkpoint").read_text()
        for file in tampering.files_of(vault):
            data = file.read_bytes()
            if not data:
                continue
            name = str(file.relative_to(vault.folder))
            for begin, end, kind in kinds_of(name, data, int(checkpoint.split("\n")[1])):
                self.kinds.setdefault(kind.label, []).append(len(self.runs))
                self.runs.append((name, begin, end, kind))
                self.ends.append((self.ends[-1] if self.ends else 0) + end - begin)

    def anywhere(self, dice):
        place = dice.randrange(self.ends[-1])
        number = bisect.bisect_right(self.ends, place)
        name, begin, end, kind = self.runs[number]
        return name, end - (self.ends[number] - place), kind

    def of_any_kind(self, dice):
        name, begin, end, kind = self.runs[dice.choice(self.kinds[dice.choice(list(self.kinds))])]
        return name, dice.randrange(begin, end), kind


def judge(kind, seen):
    """What is wrong with how a flip was met, or nothing."""
    told = tampering.told_of(seen, LOOKS)
    if not kind.names:
        return f"dead, and yet: {told}" if told else None
    if not told:
        return None if kind.may_pass else "silently accepted"
    if any("escaped" in seen[look] for look in LOOKS):
        return f"an answer that is none: {told}"
    if "died" in seen["offline"] or "died" in seen["verify"]:
        return f"a verifier ended: {told}"
    if "died" in seen["read"] and not kind.may_end:
        return f"a reader ended: {told}"
    if not re.search(kind.names, told):
        return f"not called {kind.names}: {told}"
    for item, how in seen["read"].get("differs", {}).items():
        if not how.startswith("!") or how.startswith("!!"):
            return f"served otherwise: {item}: {how} ({told})"
        if not re.fullmatch(kind.touches, item):
            return f"others are affected: {item}: {how} ({told})"
    return None


def flip(trial, helper, place):
    name, at, kind = place
    bit = trial.dice.randrange(8)
    seen = helper.ask({"edits": [{"file": name, "flip": [at, bit]}], "looks": LOOKS})
    wrong = judge(kind, seen)
    if wrong:
        trial.finding(f"{name} byte {at} bit {bit} ({kind.label}): {wrong[:1500]}")
    trial.count("flips of dead bytes, without a trace" if not kind.names else
                "flips after which a reader ended" if "died" in seen["read"] else
                "flips that stopped the unsealing" if "refused" in seen["read"] else
                "flips named while everything else was read")
    trial.count(f"    {kind.label}")


def ask_for_everything(vault):
    """What anna sees over HTTPS: lists, documents and their bodies, or why not."""
    paths = ["/documents?limit=200", "/dossiers?limit=200"]
    for document in vault.documents:
        paths += [f"/documents/{document}", f"/documents/{document}/content"]
    answers = {}
    for path in paths:
        try:
            answer = vault.call("GET", path, "anna", headers={"Custode-Purpose": "verifica"})
            answers[path] = answer.body if answer.status == 200 else f"!{answer.code}"
        except (OSError, http.client.HTTPException):
            answers[path] = "!cut off"  # the damage lay behind the first chunk
    return answers


def served(trial, vault, places):
    """The same through custoded: it does not start, or answers as before or with a refusal."""
    kept = vault.folder / "kept"
    shutil.copytree(vault.vault, kept)
    before = None
    for number in range(2 + trial.times // 100):
        name, at, kind = ("", 0, None) if before is None else places.of_any_kind(trial.dice)
        if name:
            file = vault.folder / name
            was, mode = file.read_bytes(), file.stat().st_mode
            file.chmod(0o600)
            file.write_bytes(was[:at] + bytes([was[at] ^ 1 << trial.dice.randrange(8)])
                             + was[at + 1:])
            file.chmod(mode)
        answers = answers_of(trial, vault)
        if before is None:
            before = answers
        for path, answer in (answers or {}).items():
            trial.demand(answer == before[path] or str(answer).startswith("!"),
                         f"{name} byte {at} ({kind and kind.label}): {path} was served otherwise")
        if name.startswith("device/"):
            file.write_bytes(was)
        shutil.rmtree(vault.vault)
        shutil.copytree(kept, vault.vault)
        trial.count("flips before the real daemon")


def answers_of(trial, vault):
    try:
        vault.serve()
        vault.login("anna")
        return ask_for_everything(vault)
    except faults.harness.Unexpected:
        trial.count("    that kept it from starting, or ended it")
        return None
    finally:
        if vault.process:
            vault.kill()


def flips(trial):
    vaults = [tampering.filled_vault(), tampering.filled_vault(holders=3, documents=2)]
    for share, vault in zip((0.8, 0.2), vaults):
        with tampering.Helper("look", vault.folder) as helper:
            clean = helper.ask({"edits": [], "looks": LOOKS})
            told = tampering.told_of(clean, LOOKS)
            trial.demand(not told, f"an intact vault is not: {told}")
            places = Bytes(vault)
            trial.count("bytes of the vaults", places.ends[-1])
            for number in range(round(trial.times * share)):
                flip(trial, helper, places.anywhere(trial.dice) if number % 2 == 0
                     else places.of_any_kind(trial.dice))
                if trial.had_enough():
                    return
        if share > 0.5 and not trial.control:
            served(trial, vault, places)


faults.run(flips, "a flipped bit is named, or nothing ever reads it",
           short_times=160, long_times=20_000, controls=("page_check",))
