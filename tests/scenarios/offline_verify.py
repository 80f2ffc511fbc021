#!/usr/bin/env python3
"""custode-verify without keys: green on what the vault made, and each tampering is named."""
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile
import zipfile

from harness import (BIN, RunningVault, bytes_of, demand, run, run_scenarios, same, scenario,
                     staffed_vault)

SEGMENT_BYTES = 400_000  # so that a few documents close segments
# How the row of an event begins: version, year, length of its sealed header (256 bytes and some).
EVENT_ROW = re.compile(b"\x01" + re.escape(datetime.date.today().year.to_bytes(2, "big"))
                       + b"\0\0\x01[^\0]", re.DOTALL)

vault = RunningVault()
vault.config.write_text(vault.config.read_text()
                        + f"segment_bytes_max = {SEGMENT_BYTES}\nupkeep_seconds = 1\n")
vault.serve()
vault.login("admin")
vault.account("anna", "archivist", "municipio-3")
work = pathlib.Path(tempfile.mkdtemp(prefix="custode-verify-", dir=vault.folder))


def verify(path, *options, exit=0, language="it"):
    """Runs it in an environment without anything of the vault's people."""
    return run([BIN / "custode-verify", path, "--json", *options], exit,
               environment={"PATH": os.environ["PATH"], "CUSTODE_LANG": language})


def codes(result):
    return {finding["code"] for finding in result.json["findings"]}


def places(result, code):
    return [finding["where"] for finding in result.json["findings"] if finding["code"] == code]


def figures(result):
    return result.json["figures"]


def state_of(folder):
    """Every file with its bytes and times: a verifier changes none of it."""
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size,
                                            hashlib.sha256(path.read_bytes()).hexdigest()
                                            if path.is_file() else None)
            for path in sorted(folder.rglob("*"))}


@contextlib.contextmanager
def altered():
    """A copy of the stopped vault to be tampered with."""
    copy = work / "altered"
    shutil.copytree(vault.vault, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def rewrite(path, change):
    """Changes a file's bytes in place, whatever its mode; `change` must change something."""
    before = path.read_bytes()
    after = change(before)
    demand(after != before, f"{path.name} was not altered")
    path.chmod(0o600)
    path.write_bytes(after)


def flipped(at):
    def flip(content):
        place = at if at >= 0 else len(content) + at
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]
    return flip


def one(folder, pattern):
    found = sorted(folder.glob(pattern))
    demand(found, f"there is no {pattern}")
    return found[0]


def newest(folder, what):
    """The partial file of the published size; those of earlier sizes lie beside it, unread."""
    return max((folder / "tiles/tile" / what / "000.p").iterdir(), key=lambda path: int(path.name))


def segments(folder):
    return sorted((folder / "segments").iterdir())


@scenario
def a_vault_that_is_served_is_left_alone():
    same(verify(vault.vault, exit=4).code, "store.in_use", "code")


@scenario
def documents_are_filed_and_segments_are_closed():
    vault.dossier = vault.open_dossier("anna", "Verifica")
    vault.receipt = work / "ricevuta.json"
    for number, size in enumerate((1, 30_000, 65_505, 200_000, 300_000, 120_000, 250_000, 90)):
        document = vault.document(f"{number}.bin", bytes_of(size, number))
        answer = vault.file("anna", vault.dossier, document).json
        vault.receipt.write_text(json.dumps(answer["receipt"], ensure_ascii=False))
    closed = lambda: sum(not path.stat().st_mode & 0o200 for path in segments(vault.vault))
    vault.wait(lambda: closed() >= 2, "two segments are closed")
    vault.early = work / "yesterday"


@scenario
def a_checkpoint_is_kept_by_a_client():
    vault.login("anna")
    vault.pins = vault.home("anna") / "pins.json"
    vault.stop()
    shutil.copytree(vault.vault, vault.early)


@scenario
def a_stopped_vault_is_intact_and_untouched():
    before = state_of(vault.vault)
    result = verify(vault.vault, "--checkpoint", vault.pins)
    same(state_of(vault.vault), before, "the vault after its verification")
    told = result.json
    same((told["kind"], told["valid"], told["findings"], told["kept_checked"], told["key_trusted"]),
         ("vault", True, [], True, False), "verdict")
    same(figures(result)["objects"], 8, "objects")
    same(figures(result)["events"], told["checkpoint"]["size"], "events")
    same(figures(result)["events_stored"], told["checkpoint"]["size"], "events stored")
    same(figures(result)["segments"], len(segments(vault.vault)), "segments")
    vault.key = told["key"]
    demand(verify(vault.vault, "--key", vault.key).json["key_trusted"], "a given key is trusted")


@scenario
def a_read_only_copy_is_intact_too():
    with altered() as copy:
        for path in [*copy.rglob("*"), copy]:
            path.chmod(0o500 if path.is_dir() else 0o400)
        try:
            verify(copy)
        finally:
            for path in [copy, *copy.rglob("*")]:
                if path.is_dir():
                    path.chmod(0o700)


@scenario
def the_tiles_alone_are_intact_with_their_key():
    copy = work / "tiles"
    shutil.copytree(vault.vault / "tiles", copy)
    same(verify(copy, "--key", vault.key).json["kind"], "tiles", "kind")
    same(verify(copy, exit=2).code, "key.needed", "code")
    verify(vault.vault / "tiles")  # where the key lies beside it


@scenario
def a_flipped_byte_in_a_document_is_named():
    with altered() as copy:
        rewrite(segments(copy)[-1], flipped(45))  # past the head of its first frame
        result = verify(copy, exit=7)
        same(codes(result), {"content.missing", "blob.unknown"}, "codes")
        same(places(result, "blob.unknown"), ["segments/" + segments(copy)[-1].name], "place")


@scenario
def a_flipped_byte_in_a_closed_segment_is_named():
    for at in (45, -50, -1):  # a document, the sealed index, the footer
        with altered() as copy:
            first = segments(copy)[0]
            rewrite(first, flipped(at))
            result = verify(copy, exit=7)
            demand("segments/" + first.name in
                   [finding["where"] for finding in result.json["findings"]], str(result.json))


@scenario
def a_truncated_segment_is_named():
    for which in (0, -1):
        with altered() as copy:
            rewrite(segments(copy)[which], lambda content: content[:-41])
            result = verify(copy, exit=7)
            demand("content.missing" in codes(result), str(codes(result)))
            demand("segments/" + segments(copy)[which].name in json.dumps(result.json), "place")


@scenario
def a_lost_segment_is_named():
    with altered() as copy:
        segments(copy)[0].unlink()
        demand("content.missing" in codes(verify(copy, exit=7)), "its contents are missed")


@scenario
def a_flipped_byte_in_a_hash_tile_is_named():
    with altered() as copy:
        tile = newest(copy, "0")
        rewrite(tile, flipped(33))
        result = verify(copy, exit=7)
        same(codes(result), {"tile.changed"}, "codes")
        same(places(result, "tile.changed"), [f"tiles/tile/0/000.p/{tile.name}"], "place")


@scenario
def a_flipped_byte_in_an_entry_is_named():
    with altered() as copy:
        rewrite(newest(copy, "entries"), flipped(2 + 162 * 3 + 40))
        result = verify(copy, exit=7)
        same(codes(result), {"tile.changed", "tree.root", "event.changed"}, "codes")
        same(places(result, "event.changed"), ["event 3"], "place")


@scenario
def a_lost_bundle_is_named():
    with altered() as copy:
        newest(copy, "entries").unlink()
        demand("bundle.missing" in codes(verify(copy, exit=7)), "bundle.missing")


@scenario
def an_altered_checkpoint_is_named():
    def longer(content):
        lines = content.split(b"\n")
        lines[1] = str(int(lines[1]) + 1).encode()
        return b"\n".join(lines)
    for change in (longer, flipped(-10)):
        with altered() as copy:
            rewrite(copy / "tiles" / "checkpoint", change)
            same(places(verify(copy, exit=7), "checkpoint.bad"), ["tiles/checkpoint"], "place")


@scenario
def a_flipped_byte_in_an_event_row_is_named():
    with altered() as copy:
        def change(content):
            at = EVENT_ROW.search(content).end()
            sealed = content[at:at + 32]
            return content.replace(sealed, flipped(8)(sealed))  # in older pages as well
        rewrite(copy / "catalogue.mdb", change)
        result = verify(copy, exit=7)
        same(codes(result), {"event.changed"}, "codes")
        demand("header" in result.json["findings"][0]["message"], "which part")


@scenario
def a_ruined_catalogue_is_a_finding_and_no_crash():
    def noise(content):
        return content[:8192] + bytes_of(len(content) - 8192)
    for change in (noise, lambda content: content[:len(content) // 2], lambda content: b"",
                   lambda content: bytes(len(content))):
        with altered() as copy:
            rewrite(copy / "catalogue.mdb", change)
            demand(any(code.startswith(("catalogue.", "event."))
                       for code in codes(verify(copy, exit=7))), "the catalogue is named")


@scenario
def another_key_is_named():
    other = verify(vault.vault).json["key"].split("+")[0]
    stranger = other + "+" + vault.key.split("+")[1] + "+" + vault.key.split("+")[2][:-4] + "AAA="
    same(verify(vault.vault, "--key", stranger, exit=2).code, "key.malformed", "a broken key")
    with staffed_vault() as neighbour:
        key = (neighbour.vault / "identity.pub").read_text().strip()
        pins = neighbour.home("admin") / "pins.json"
        result = verify(vault.vault, "--key", key, exit=7)
        demand({"key.other", "checkpoint.bad"} <= codes(result), str(codes(result)))
        same(codes(verify(vault.vault, "--checkpoint", pins, exit=7)), {"kept.other"}, "codes")
        with altered() as copy:
            (copy / "identity.pub").write_text(key + "\n")
            demand({"key.other_vault", "checkpoint.bad"} <= codes(verify(copy, exit=7)), "own key")


@scenario
def a_receipt_holds_and_its_every_field_is_bound():
    result = verify(vault.receipt, "--key", vault.key)
    same((result.json["kind"], result.json["valid"]), ("receipt", True), "verdict")
    receipt = json.loads(vault.receipt.read_text())
    for field, value in {"index": receipt["index"] + 1, "salt": "00" * 32,
                         "statement": receipt["statement"].replace('"bytes":90', '"bytes":91'),
                         "proof": receipt["proof"][:-1],
                         "leaf": {**receipt["leaf"], "content": "11" * 32},
                         "checkpoint": receipt["checkpoint"].replace("\n", "\n0", 1)}.items():
        demand(value != receipt[field], f"{field} was not altered")
        changed = work / "changed.json"
        changed.write_text(json.dumps({**receipt, field: value}, ensure_ascii=False))
        same(codes(verify(changed, exit=7)), {"receipt.bad"}, field)
    changed.write_text(json.dumps({**receipt, "more": 1}, ensure_ascii=False))
    same(codes(verify(changed, exit=7)), {"receipt.malformed"}, "a foreign member")


@scenario
def an_export_holds_zipped_and_unpacked():
    vault.serve()
    vault.login("admin")
    vault.login("anna")
    vault.account("legale", "legal-office", "avvocatura")
    vault.custode("anna", "account", "grant", "legale", "--dossier", vault.dossier, "--until",
                  "2099-12-31")
    vault.zip = work / "export.zip"
    vault.custode("legale", "export", "court", vault.dossier, "-o", vault.zip, "--purpose",
                  "avvocatura", "--recipient", "Tribunale per i minorenni")
    told = verify(vault.zip, "--key", vault.key).json
    same((told["kind"], told["valid"], told["figures"]["receipts"]), ("export", True, 8), "verdict")
    with zipfile.ZipFile(vault.zip) as archive:
        archive.extractall(work / "bag")
    bag = next((work / "bag").iterdir())
    verify(bag, "--key", vault.key)
    original = one(bag, "data/**/*.bin")
    rewrite(original, flipped(0))
    result = verify(bag, exit=7)
    demand("file.changed" in codes(result), str(codes(result)))
    demand(any(place.endswith(original.name) for place in places(result, "file.changed")), "named")
    rewrite(original, flipped(0))
    (bag / "data" / "altro.txt").write_text("in più")
    same(codes(verify(bag, exit=7)), {"file.not_listed", "bag.totals"}, "codes")


@scenario
def events_newer_than_the_tiles_are_counted_and_kept_promises_hold():
    vault.stop()
    vault.config.write_text(vault.config.read_text().replace("upkeep_seconds = 1",
                                                             "upkeep_seconds = 3600"))
    vault.serve()
    vault.login("anna")
    vault.file("anna", vault.dossier, vault.document("dopo.bin", bytes_of(5_000, "later")))
    vault.login("anna")  # pins a checkpoint that was never published
    vault.kill()
    result = verify(vault.vault, "--checkpoint", vault.pins)
    later = [note for note in result.json["notes"] if note["code"] == "events.later"]
    same(len(later), 1, "notes of later events")
    demand(figures(result)["events_stored"] > figures(result)["events"], "later events")
    same(figures(result)["objects"], 9, "objects, the latest included")
    same(result.json["kept_checked"], True, "the kept checkpoint, which lies beyond the tiles")


@scenario
def yesterdays_copy_is_betrayed_by_what_a_client_kept():
    verify(vault.early)
    result = verify(vault.early, "--checkpoint", vault.pins, exit=7)
    same(codes(result), {"history.shrunk"}, "codes")


@scenario
def yesterdays_catalogue_beside_todays_tiles_is_named():
    with altered() as copy:
        # The tiles of today cover more than the copied catalogue holds.
        shutil.copytree(vault.early, work / "mixed")
        vault.serve()
        vault.stop()
        shutil.rmtree(work / "mixed" / "tiles")
        shutil.copytree(vault.vault / "tiles", work / "mixed" / "tiles")
        demand("event.missing" in codes(verify(work / "mixed", exit=7)), "event.missing")


@scenario
def what_is_no_work_of_ours_is_refused():
    same(verify(work / "nothing", exit=3).code, "path.missing", "code")
    (work / "empty").mkdir()
    same(verify(work / "empty", exit=2).code, "path.unknown", "code")
    same(verify(vault.vault, "--checkpoint", work / "nothing", exit=3).code, "kept.missing", "code")
    same(verify(vault.vault, "--checkpoint", vault.keyfile, exit=2).code, "kept.malformed", "code")
    for arguments in (["--json"], [work, "--nonsense", "--json"], [work, "--json", "--key"]):
        run([BIN / "custode-verify", *arguments], 2, environment={"PATH": os.environ["PATH"]})


@scenario
def every_path_that_is_named_is_checked():
    environment = {"PATH": os.environ["PATH"]}
    program = [BIN / "custode-verify", "--json"]
    told = run([*program, vault.vault, vault.vault / "tiles"], environment=environment)
    same([json.loads(line)["valid"] for line in told.out.splitlines()], [True, True], "verdicts")
    told = run([*program, work / "nothing", vault.vault], 3, environment=environment)
    same((told.code, told.json["valid"]), ("path.missing", True), "one is missing")


@scenario
def it_speaks_italian_and_english():
    for language, intact in (("it", "INTEGRO"), ("en", "INTACT")):
        told = run([BIN / "custode-verify", vault.vault],
                   environment={"PATH": os.environ["PATH"], "CUSTODE_LANG": language})
        demand(intact in told.out.decode().splitlines()[0], told.out.decode())
        for line in told.out.decode().splitlines():
            demand("{" not in line, line)
        helped = run([BIN / "custode-verify", "--help"],
                     environment={"PATH": os.environ["PATH"], "CUSTODE_LANG": language})
        demand("7" in helped.out.decode(), "exit codes in the help")


with vault:
    run_scenarios()
