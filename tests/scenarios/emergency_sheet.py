#!/usr/bin/env python3
"""One page of what protects a child tonight: kept by the day, read by the night without breaking glass."""
import json
import uuid

from harness import demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("notte", "emergency-unit", "pronto-intervento-minori")
vault.account("giulia", "social-worker", "municipio-3")
vault.account("bruno", "archivist", "municipio-4")
vault.account("garante", "dpo")
dossier = vault.open_dossier("anna", "Schedati", "Lia")
other = vault.open_dossier("anna", "Altri")
decree = vault.file("anna", dossier, vault.document("decreto.txt", b"divieto")).json["id"]
elsewhere = vault.file("anna", other, vault.document("altro.txt", b"altro")).json["id"]
vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia")

SHEET = {
    "responsibility": [{"text": "Comune, tutore provvisorio", "source": decree}],
    "measures": [{"text": "incontri con il padre sospesi", "source": decree, "until": "2099-01-01"}],
    "dangers": [{"text": "il padre", "source": decree}],
    "health": [{"text": "allergia alla penicillina", "said_by": "la pediatra"}],
    "contacts": [{"text": "PM di turno 02 000000", "said_by": "Procura minori"}],
}


def put(user, sheet, of=None):
    return vault.call("PUT", f"/dossiers/{of or dossier}/emergency-sheet", user, sheet)


def get(user, of=None):
    return vault.call("GET", f"/dossiers/{of or dossier}/emergency-sheet", user)


@scenario
def a_dossier_without_one_still_says_who_the_child_is_and_who_answers():
    shown = vault.custode("notte", "emergency", "show", dossier).json
    same((shown["sheet"], shown["unit"], shown["assigned"]), (None, "municipio-3", ["giulia"]))
    demand("Schedati" in shown["designation"], shown)


@scenario
def who_works_on_the_dossier_writes_it_and_the_night_reads_it():
    file = vault.folder / "scheda.json"
    file.write_text(json.dumps(SHEET))
    vault.custode("giulia", "emergency", "write", dossier, "--file", file)
    for user in ("notte", "giulia", "anna"):
        sheet = vault.custode(user, "emergency", "show", dossier).json["sheet"]
        same({name: sheet[name] for name in SHEET}, SHEET, user)
        same(sheet["validated_by"], "giulia", "who vouches for it")
    same(vault.call("GET", f"/dossiers/{dossier}", "notte").status, 404, "no glass was broken")


@scenario
def nobody_else_writes_or_reads_it():
    nothing = str(uuid.uuid4())
    for user in ("bruno", "garante", "admin"):
        same(get(user).without_its_own(), get(user, nothing).without_its_own(), f"{user} reads")
    for user in ("notte", "bruno", "garante", "admin"):
        same(put(user, SHEET).without_its_own(), put(user, SHEET, nothing).without_its_own(),
             f"{user} writes")
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "notte", "--reason", "parente")
    same(get("notte").status, 404, "nor whoever must stay out")
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "notte", "--reason", "errore",
                  "--remove")


@scenario
def it_is_one_page_with_its_sources():
    line = {"text": "x" * 240, "said_by": "a"}
    for bad, code in (
            ({**SHEET, "measures": [{"text": "divieto", "said_by": "si dice"}]}, "field.invalid"),
            ({**SHEET, "health": [{"text": "asma"}]}, "field.invalid"),
            ({**SHEET, "health": [{"text": "asma", "source": elsewhere}]}, "sheet.source"),
            ({**SHEET, "health": [{"text": "asma", "source": str(uuid.uuid4())}]}, "sheet.source"),
            ({**SHEET, "address": "via segreta"}, "field.unknown"),
            ({**SHEET, "validated_by": "anna"}, "field.unknown"),
            ({**SHEET, "contacts": [line] * 9}, "field.invalid"),
            ({**SHEET, "contacts": [line] * 8, "health": [line] * 8}, "sheet.too_long"),
            ({**SHEET, "health": "asma"}, "field.invalid"),
            ({**SHEET, "health": [{"text": "riga\u202enascosta", "said_by": "a"}]},
             "field.invalid")):
        answer = put("anna", bad)
        same((answer.status, answer.code), (400, code), str(bad)[:200])
    same(vault.custode("notte", "emergency", "show", dossier).json["sheet"]["health"],
         SHEET["health"], "nothing was written")


@scenario
def every_look_at_it_is_journaled_and_told_to_who_asks():
    seen = vault.custode("anna", "dossier", "history", dossier).json["items"]
    looks = [item for item in seen
             if item["account"] == "notte" and item["what"] == "emergency.sheet"]
    demand(len(looks) >= 3, looks)
    same({(item["purpose"], tuple(item["offices"])) for item in looks},
         {("emergenza", ("pronto-intervento-minori",))}, "why, and from where")


@scenario
def it_outlives_a_restart_and_comes_back_from_the_journal():
    put("anna", {**SHEET, "health": []})
    vault.stop()
    vault.verify()
    vault.rebuild()
    vault.serve()
    vault.login("notte")
    sheet = vault.custode("notte", "emergency", "show", dossier).json["sheet"]
    same(("health" in sheet, sheet["validated_by"]), (False, "anna"), "the last one written")


if __name__ == "__main__":
    with vault:
        run_scenarios()
