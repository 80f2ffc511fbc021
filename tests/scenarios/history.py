#!/usr/bin/env python3
"""Who saw what of a dossier, when and why, and who could have: out of the journal, for those who may ask."""
import base64
import datetime
import time
import uuid

from harness import demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("berta", "archivist", "municipio-3")
vault.account("bruno", "archivist", "municipio-4")
vault.account("giulia", "social-worker", "municipio-3")
vault.account("luca", "legal-office")
vault.account("garante", "dpo")
dossier = vault.open_dossier("anna", "Storici")
sibling = vault.open_dossier("anna", "Storici", "Gemello")
content = b"decreto dei due fratelli"
document = vault.file("anna", dossier, vault.document("decreto.txt", content), "--also",
                      sibling).json["id"]
moments = {}


def now():
    time.sleep(0.002)  # events and moments are told apart to the millisecond
    text = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(0.002)
    return text.replace("+00:00", "Z")


def history(user, *more, exit=0):
    return vault.custode(user, "dossier", "history", dossier, *more, exit=exit)


def seen(user="anna"):
    return history(user).json["items"]


def by(account, items):
    return [(item["what"], item["purpose"]) for item in items if item["account"] == account]


def readers(user, at=None):
    answer = vault.custode(user, "dossier", "readers", dossier,
                           *(("--at", at) if at else ())).json
    return {item["account"]: item["may"] for item in answer["items"]}


@scenario
def every_surface_leaves_its_line():
    vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia")
    vault.custode("giulia", "dossier", "show", dossier)
    vault.custode("giulia", "dossier", "list")
    vault.custode("giulia", "search", "storici")
    vault.custode("giulia", "list", dossier)
    vault.get("giulia", document)
    vault.custode("berta", "search", "decreto", "--in", "documents")
    vault.custode("admin", "account", "list")
    vault.custode("anna", "account", "grant", "luca", "--dossier", dossier, "--until", "2099-01-01")
    vault.custode("luca", "export", "court", dossier, "-o", vault.folder / "fascicolo.zip",
                  "--purpose", "difesa", "--recipient", "Tribunale")
    items = seen()
    same({what for what, _ in by("giulia", items)},
         {"dossier.show", "dossier.list", "search.dossiers", "document.list", "document.content"},
         "giulia's looks")
    demand(("export", "difesa") in by("luca", items), by("luca", items))
    same(by("admin", items), [], "an administrator saw nothing of it")
    read = [item for item in items if item["what"] == "document.content"][0]
    same((read["document"], read["offices"], read["through_another"]),
         (document, ["municipio-3"], False), "which, from where")
    same([item["time"] for item in items], sorted(item["time"] for item in items), "in order")


@scenario
def looks_at_another_child_are_not_in_it_but_those_at_the_shared_decree_are():
    before = len(seen())
    vault.custode("berta", "dossier", "show", sibling)
    same([item for item in seen()[before:] if item["account"] == "berta"], [], "another child")
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "berta", "--reason", "parente")
    vault.get("berta", document)
    last = [item for item in seen() if item["account"] == "berta"][-1]
    same((last["what"], last["through_another"]), ("document.content", True), "the decree of both")


@scenario
def only_who_keeps_the_dossier_and_the_dpo_may_ask():
    nothing = str(uuid.uuid4())
    for user in ("berta", "bruno", "giulia", "luca", "admin"):
        for path in ("history", "history?for_subject=1", "readers"):
            there = vault.call("GET", f"/dossiers/{dossier}/{path}", user)
            same(there.without_its_own(),
                 vault.call("GET", f"/dossiers/{nothing}/{path}", user).without_its_own(),
                 f"{user}: {path}")
    same(len(seen("garante")) > 0, True, "the DPO")
    for path in (f"/dossiers/{dossier}", f"/dossiers/{dossier}/documents", f"/documents/{document}"):
        same(vault.call("GET", path, "garante").status, 404, f"and no content: {path}")


@scenario
def asking_is_itself_in_the_history():
    history("garante")
    same(by("garante", seen())[-1][0], "dossier.history")
    readers("garante")
    history("garante", "--for-subject")
    same([what for what, _ in by("garante", seen())[-2:]],
         ["dossier.readers", "dossier.history.subject"])


@scenario
def the_person_concerned_gets_offices_times_and_purposes_only():
    items = history("anna", "--for-subject").json["items"]
    same({tuple(sorted(item)) for item in items}, {("offices", "purpose", "time")}, "nothing else")
    demand({"offices": ["municipio-3"], "purpose": "verifica"} in
           [{key: item[key] for key in ("offices", "purpose")} for item in items], "a reading")
    for name in ("giulia", "anna", "luca", document):
        demand(name not in str(items), f"{name} is not named")


@scenario
def pages_and_bad_cursors_hold():
    whole = vault.call("GET", f"/dossiers/{dossier}/history?limit=200", "anna").json["items"]
    paged, cursor = [], ""
    while len(paged) < len(whole):
        page = vault.call("GET", f"/dossiers/{dossier}/history?limit=3"
                          + (f"&cursor={cursor}" if cursor else ""), "anna").json
        demand(len(page["items"]) <= 3, "as many as asked for")
        paged += page["items"]
        cursor = page["next"]
    same(paged[:len(whole)], whole, "page by page the same")
    for bad in ("x", "-1", "99999999999999999999", "1.5"):
        same(vault.call("GET", f"/dossiers/{dossier}/history?cursor={bad}", "anna").status, 400, bad)
    past = base64.urlsafe_b64encode(b"99999999").rstrip(b"=").decode()
    same(vault.call("GET", f"/dossiers/{dossier}/history?cursor={past}", "anna").json["items"], [],
         "past the end")


@scenario
def who_could_see_it_then_is_recomputed_from_the_journal():
    moments["before"] = now()
    vault.custode("anna", "account", "revoke", "luca", "--dossier", dossier)
    vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia", "--remove")
    vault.custode("admin", "account", "create", "nuova", "--role", "archivist", "--unit",
                  "municipio-3", "--password-file", vault.password_file)
    vault.custode("admin", "account", "disable", "anna")
    moments["after"] = now()
    vault.custode("admin", "account", "enable", "anna")
    vault.login("anna")
    then, later, today = (readers("anna", moments["before"]), readers("garante", moments["after"]),
                          readers("garante"))
    same(set(then), {"anna", "giulia", "luca", "garante"}, "then")
    same(set(later), {"nuova", "garante"}, "later, and anna was disabled")
    same(set(today), {"anna", "nuova", "garante"}, "now")
    same(then["garante"], ["dossier.history"], "the DPO sees no content")
    demand("document.read" in then["giulia"] and "export.court" in then["luca"], then)
    demand("berta" not in then, "who must stay out")
    same(vault.call("GET", f"/dossiers/{dossier}/readers", "anna").json["same_rules"], True,
         "by the rules of that time")


@scenario
def a_time_in_which_it_was_not_and_bad_times_are_refused():
    for bad in ("2020-01-01T00:00:00.000Z", "ieri", "2026-11-23", "2026-13-01T00:00:00.000Z"):
        same(vault.call("GET", f"/dossiers/{dossier}/readers?at={bad}", "anna").status, 400, bad)


@scenario
def the_journal_is_whole():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
