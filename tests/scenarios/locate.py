#!/usr/bin/env python3
"""The mail room finds whose dossier there is and files into it, and reads none of it."""
import base64

from harness import demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("bruno", "archivist", "municipio-5")
vault.account("marta", "mail-room", "amministrativa")
vault.account("pia", "emergency-unit", "pronto-intervento-minori")
vault.account("dario", "access-desk", "amministrativa")
vault.account("giulia", "social-worker")
there = vault.open_dossier("bruno", "Valdesi", "Elsa", "municipio-5", "--born", "2014-03-12")
vault.file("bruno", there, vault.document("atto.txt", b"gia' archiviato"), "--subject", "segreto")
PURPOSE = {"Custode-Purpose": "archiviazione"}


def locate(user, query, headers=PURPOSE):
    return vault.call("POST", "/locations", user, {"query": query}, headers)


@scenario
def whoever_has_to_know_whose_dossier_there_is_finds_it_in_any_unit():
    for user in ("marta", "anna", "pia", "dario"):
        for query in ("Valdesi Elsa", "valdesi 12/03/2014"):
            items = locate(user, query).json["items"]
            same([item["id"] for item in items], [there], f"{user} looks for {query}")
            same(sorted(items[0]), ["birth", "code", "designation", "id", "unit"], "what is shown")
            same(items[0]["unit"], "municipio-5", "whose it is")
    found = vault.custode("marta", "locate", "valdesi", "--purpose", "archiviazione").json
    same([item["id"] for item in found["items"]], [there], "custode locate")


@scenario
def who_has_not_to_know_gets_no_answer_and_nobody_looks_without_a_purpose():
    same(locate("giulia", "Valdesi").status, 404, "a social worker")
    same(locate("admin", "Valdesi").status, 404, "the administrator")
    same(locate("marta", "Valdesi", {}).code, "purpose.missing", "no purpose")
    same(locate("marta", "Val").code, "query.empty", "three letters are not a name")
    same(locate("marta", "v" * 201).code, "query.too_long", "too long")


@scenario
def to_locate_is_not_to_read():
    for user in ("marta", "pia", "dario"):
        for path in (f"/dossiers/{there}", f"/dossiers/{there}/documents", "/documents"):
            demand(vault.call("GET", path, user).status == 404
                   or vault.call("GET", path, user).json["items"] == [], f"{user} {path}")


@scenario
def the_mail_room_files_into_what_it_located_and_is_told_nothing_of_what_is_there():
    filed = vault.put("marta", there, b"arrivato oggi")
    same(filed.status, 201, "it is filed")
    same(vault.call("GET", f"/documents/{filed.json['id']}", "marta").status, 404, "and not read")
    same(vault.get("bruno", filed.json["id"]), b"arrivato oggi", "who may, reads it")
    again = vault.put("marta", there, b"gia' archiviato")
    same((again.code, "document" in again.json), ("document.duplicate", False), "a duplicate")
    own = vault.put("bruno", there, b"gia' archiviato")
    same((own.code, "document" in own.json), ("document.duplicate", True), "to the archivist")
    for user in ("pia", "dario", "giulia"):
        same(vault.put(user, there, b"altro").status, 404, f"{user} files nothing")


@scenario
def a_conflict_of_interest_hides_it_from_who_is_involved():
    vault.custode("bruno", "dossier", "conflict", there, "--of", "marta", "--reason", "zia")
    same(locate("marta", "Valdesi").json, {"items": [], "more": False}, "not found")
    same(vault.put("marta", there, b"un altro").status, 404, "nor filed into")
    vault.custode("bruno", "dossier", "conflict", there, "--of", "marta", "--remove", "--reason",
                  "errore")


@scenario
def nobody_reads_the_town_off_by_guessing():
    answers = [locate("pia", f"cognome{i}").status for i in range(25)]
    demand(answers[0] == 200 and 429 in answers and set(answers) == {200, 429}, answers)
    same(locate("pia", "Valdesi").code, "locate.too_many", "the next")
    same(locate("dario", "Valdesi").status, 200, "the others look on")


@scenario
def each_look_is_in_the_journal_and_none_in_clear():
    vault.stop()
    vault.verify()
    log = vault.log.read_text()
    demand("aldesi" not in log and base64.b64encode(b"Valdesi").decode() not in log, "the log")


if __name__ == "__main__":
    with vault:
        run_scenarios()
