#!/usr/bin/env python3
"""In an emergency one dossier is seen by who has no other right to it, and others review that."""
import uuid

from harness import demand, run_scenarios, same, scenario, staffed_vault

REASON = "al pronto soccorso, ore 2:10, chiamata della Questura"

vault = staffed_vault()
vault.account("notte", "emergency-unit", "pronto-intervento-minori")
vault.account("giulia", "social-worker", "municipio-3")
vault.account("bruno", "archivist", "municipio-4")
vault.account("garante", "dpo")
dossier = vault.open_dossier("anna", "Notturni")
other = vault.open_dossier("anna", "Altri")
content = b"provvedimento ex art. 403"
document = vault.file("anna", dossier, vault.document("403.txt", content)).json["id"]
vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia")
kept = {}


def surfaces(of, paper):
    """What must stay shut whatever glass is broken: everything that changes, lists, leaves."""
    return {
        "assign": ("POST", f"/dossiers/{of}/assignments", {"account": "notte"}, {}),
        "grant": ("POST", "/accounts/notte/grants", {"dossier": of, "until": "2099-01-01"}, {}),
        "conflict": ("POST", f"/dossiers/{of}/conflicts", {"account": "giulia", "reason": "x"}, {}),
        "correct": ("POST", f"/dossiers/{of}/corrections",
                    {"reason": "x", "source": "x", "person": {}}, {}),
        "export": ("POST", f"/dossiers/{of}/exports",
                   {"kind": "court", "purpose": "difesa", "recipient": "Tribunale"}, {}),
        "file": ("POST", f"/dossiers/{of}/documents", b"bytes", vault.filing_headers(b"bytes")),
        "proof": ("GET", f"/documents/{paper}/proof", None, {}),
        "correct document": ("POST", f"/documents/{paper}/corrections",
                             {"reason": "x", "changes": {"subject": "x"}}, {}),
        "refile": ("POST", f"/documents/{paper}/refile", {"from": of, "to": other, "reason": "x"},
                   {}),
        "history": ("GET", f"/dossiers/{of}/history", None, {}),
    }


def seeing(of, paper):
    return {
        "show": ("GET", f"/dossiers/{of}", None, {}),
        "documents": ("GET", f"/dossiers/{of}/documents", None, {}),
        "document": ("GET", f"/documents/{paper}", None, {}),
        "read": ("GET", f"/documents/{paper}/content", None, {}),
    }


def call(user, request):
    method, path, body, headers = request
    return vault.call(method, path, user, body, headers)


def reviews(user):
    return vault.custode(user, "review", "list").json["items"]


def break_glass(user, of, code="ricovero", reason=REASON, exit=0):
    return vault.custode(user, "break-glass", of, "--code", code, "--reason", reason, exit=exit)


def close(user, which, verdict, reason="esaminato", exit=0):
    return vault.custode(user, "review", "close", which, "--verdict", verdict, "--reason", reason,
                         exit=exit)


@scenario
def before_it_the_emergency_unit_sees_nothing():
    missing = {**surfaces(str(uuid.uuid4()), str(uuid.uuid4())),
               **seeing(str(uuid.uuid4()), str(uuid.uuid4()))}
    for name, request in {**surfaces(dossier, document), **seeing(dossier, document)}.items():
        same(call("notte", request).without_its_own(),
             call("notte", missing[name]).without_its_own(), name)


@scenario
def it_takes_the_role_a_code_of_the_list_and_words():
    for user in ("anna", "giulia", "bruno", "garante", "admin"):
        same(break_glass(user, dossier, exit=3).code, "not_found", user)
    same(break_glass("notte", dossier, code="curiosita", exit=2).code, "break_glass.code")
    same(break_glass("notte", dossier, reason="  ", exit=2).code, "reason.missing")
    same(break_glass("notte", dossier, reason="x" * 1001, exit=2).code, "reason.invalid")
    same(break_glass("notte", str(uuid.uuid4()), exit=3).code, "not_found")
    for body in ({"code": "403"}, {"code": ["403"], "reason": "x"}, {"reason": "x"},
                 {"code": "403", "reason": "x", "minutes": 600}):
        same(vault.call("POST", f"/dossiers/{dossier}/break-glass", "notte", body).status, 400, body)
    same(reviews("anna"), [], "nothing was opened")


@scenario
def it_opens_one_dossier_to_be_seen_and_not_changed():
    opened = break_glass("notte", dossier).json
    same((opened["dossier"], opened["minutes"]), (dossier, 120), "what was opened")
    kept["first"] = opened["id"]
    same([call("notte", request).status for request in seeing(dossier, document).values()],
         [200] * 4, "it is seen")
    same(call("notte", seeing(dossier, document)["read"]).body, content, "and read")
    nothing = surfaces(str(uuid.uuid4()), str(uuid.uuid4()))
    for name, request in surfaces(dossier, document).items():
        same(call("notte", request).without_its_own(), call("notte", nothing[name]).without_its_own(),
             name)
    for name, request in seeing(other, document).items():
        if name in ("show", "documents"):
            same(call("notte", request).status, 404, f"another dossier: {name}")
    same(call("giulia", surfaces(dossier, document)["history"]).status, 404, "no new right for others")


@scenario
def those_who_keep_it_are_told_at_once_and_nobody_else():
    for user in ("anna", "giulia", "garante"):
        items = reviews(user)
        same([(item["id"], item["dossier"], item["account"], item["purpose"], item["reason"],
               item["running"], item["state"], item["overdue"]) for item in items],
             [(kept["first"], dossier, "notte", "ricovero", REASON, True, "unreviewed", False)], user)
    same(reviews("bruno"), [], "another unit's archivist")
    for user in ("notte", "admin"):
        same(vault.call("GET", "/reviews", user).status, 404, user)
    shown = vault.custode("anna", "dossier", "show", dossier).json
    demand(REASON not in str(shown), "the reason is for those who review it")


@scenario
def somebody_else_reviews_it_and_only_then_it_leaves_the_list():
    same(close("giulia", kept["first"], "justified", exit=3).code, "not_found", "told, no judge")
    same(close("bruno", kept["first"], "justified", exit=3).code, "not_found")
    same(close("notte", kept["first"], "justified", exit=3).code, "not_found")
    same(close("anna", kept["first"], "maybe", exit=2).code, "review.verdict")
    same(close("anna", kept["first"], "justified", " ", exit=2).code, "reason.missing")
    same(close("anna", kept["first"], "incident-closed", exit=4).code, "review.state")
    same(close("anna", str(uuid.uuid4()), "justified", exit=3).code, "not_found")
    same(close("anna", kept["first"], "justified").json["state"], "closed")
    same(reviews("garante"), [], "it is off the list")
    same(close("anna", kept["first"], "justified", exit=3).code, "not_found", "once")
    same(call("notte", seeing(dossier, document)["show"]).status, 404, "and shut again")


@scenario
def what_was_not_justified_stays_as_an_incident_until_that_is_closed():
    which = break_glass("notte", dossier, "altro", "curiosità").json["id"]
    same(close("garante", which, "not-justified", "nessuna emergenza").json["state"], "incident")
    item = reviews("anna")[0]
    same((item["state"], item["reviewer"], item["review"]),
         ("incident", "garante", "nessuna emergenza"))
    same(close("anna", which, "justified", exit=4).code, "review.state", "no second judgement")
    same(close("anna", which, "incident-closed", "richiamo scritto").json["state"], "closed")
    same(reviews("anna"), [], "closed")


@scenario
def nobody_reviews_their_own_whatever_else_they_are():
    vault.custode("admin", "account", "grant", "notte", "--role", "coordinator", "--unit",
                  "municipio-3")
    vault.custode("admin", "account", "grant", "notte", "--role", "dpo")
    vault.login("notte")
    which = break_glass("notte", dossier).json["id"]
    same(close("notte", which, "justified", exit=4).code, "review.own")
    same(len(reviews("notte")), 1, "it stays on the list")
    close("anna", which, "justified")
    for role in ("coordinator", "dpo"):
        vault.custode("admin", "account", "revoke", "notte", "--role", role)
    vault.login("notte")


@scenario
def a_conflict_of_interest_is_not_opened_by_any_emergency():
    running = break_glass("notte", dossier).json["id"]
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "notte", "--reason", "parente")
    for name, request in seeing(dossier, document).items():
        same(call("notte", request).status, 404, f"shut while it runs: {name}")
    nothing = vault.call("POST", f"/dossiers/{uuid.uuid4()}/break-glass", "notte",
                         {"code": "403", "reason": "x"})
    same(vault.call("POST", f"/dossiers/{dossier}/break-glass", "notte",
                    {"code": "403", "reason": "x"}).without_its_own(), nothing.without_its_own(),
         "as if it did not exist")
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "notte", "--reason", "errore",
                  "--remove")
    close("anna", running, "justified")


@scenario
def it_outlives_a_restart_of_the_daemon_and_the_tables_are_the_journals():
    running = break_glass("notte", dossier).json["id"]
    vault.stop()
    vault.verify()
    vault.rebuild()
    vault.serve()
    for user in ("notte", "anna", "garante"):
        vault.login(user)
    same(call("notte", seeing(dossier, document)["show"]).status, 200, "the same machine still runs")
    same([item["id"] for item in reviews("garante")], [running], "still to be reviewed")


@scenario
def every_look_of_it_is_in_the_history():
    seen = vault.custode("garante", "dossier", "history", dossier).json["items"]
    night = [(item["what"], item["purpose"]) for item in seen if item["account"] == "notte"]
    for one in (("break-glass", "ricovero"), ("break-glass", "altro"), ("dossier.show", "emergenza"),
                ("document.content", "emergenza")):
        demand(one in night, f"{one} is not among {night}")
    offices = {office for item in seen if item["account"] == "notte" for office in item["offices"]}
    demand("pronto-intervento-minori" in offices, offices)


if __name__ == "__main__":
    with vault:
        run_scenarios()
