#!/usr/bin/env python3
"""A conflict of interest keeps somebody out of one dossier, whatever their roles, on every surface."""
import uuid

from harness import demand, run_scenarios, same, scenario, staffed_vault

REASON = "zia paterna del minore"

vault = staffed_vault()
vault.account("berta", "archivist", "municipio-3")
vault.account("giulia", "social-worker")
vault.account("luca", "legal-office")
dossier = vault.open_dossier("anna", "Conflitti")
other = vault.open_dossier("anna", "Altrove")
content = b"relazione riservata"
document = vault.file("anna", dossier, vault.document("relazione.txt", content),
                      "--subject", "incontri protetti").json["id"]
vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia")


def surfaces(of, paper):
    """Every request that could tell whether a dossier or document exists: what it is told."""
    purpose = {"Custode-Purpose": "verifica"}
    return {
        "show": ("GET", f"/dossiers/{of}", None, {}),
        "documents": ("GET", f"/dossiers/{of}/documents", None, {}),
        "assign": ("POST", f"/dossiers/{of}/assignments", {"account": "giulia"}, {}),
        "unassign": ("DELETE", f"/dossiers/{of}/assignments/giulia", None, {}),
        "grant": ("POST", "/accounts/luca/grants", {"dossier": of, "until": "2099-01-01"}, {}),
        "revoke": ("DELETE", f"/accounts/luca/grants/{of}", None, {}),
        "conflict": ("POST", f"/dossiers/{of}/conflicts", {"account": "luca", "reason": "x"}, {}),
        "end": ("DELETE", f"/dossiers/{of}/conflicts/berta", None, {"Custode-Reason": "eA"}),
        "correct": ("POST", f"/dossiers/{of}/corrections",
                    {"reason": "x", "source": "x", "person": {}}, {}),
        "export": ("POST", f"/dossiers/{of}/exports",
                   {"kind": "court", "purpose": "difesa", "recipient": "Tribunale"}, {}),
        "file": ("POST", f"/dossiers/{of}/documents", b"bytes", vault.filing_headers(b"bytes")),
        "document": ("GET", f"/documents/{paper}", None, {}),
        "read": ("GET", f"/documents/{paper}/content", None, purpose),
        "range": ("GET", f"/documents/{paper}/content", None, {**purpose, "Range": "bytes=0-3"}),
        "proof": ("GET", f"/documents/{paper}/proof", None, {}),
        "correct document": ("POST", f"/documents/{paper}/corrections",
                             {"reason": "x", "changes": {"subject": "x"}}, {}),
        "refile": ("POST", f"/documents/{paper}/refile",
                   {"from": of, "to": other, "reason": "x"}, {}),
    }


def answers(user, of, paper):
    return {name: vault.call(method, path, user, body, headers)
            for name, (method, path, body, headers) in surfaces(of, paper).items()}


def sees(user):
    """What lists and searches show of it."""
    listed = [item["id"] for item in vault.custode(user, "dossier", "list").json["items"]]
    papers = [item["id"] for item in vault.all_documents(user)]
    found = [item["id"] for item in vault.custode(user, "search", "Conflitti").json["items"]]
    subjects = [item["id"] for item in
                vault.custode(user, "search", "incontri protetti", "--in", "documents").json["items"]]
    return (dossier in listed, document in papers, dossier in found, document in subjects)


@scenario
def before_it_is_said_colleagues_and_the_assigned_worker_read():
    for user in ("berta", "giulia"):
        same(sees(user), (True,) * 4, f"{user} sees it")
        same(vault.get(user, document), content, f"{user} reads it")


@scenario
def a_conflict_needs_somebody_known_and_a_reason():
    same(vault.custode("anna", "dossier", "conflict", dossier, "--of", "berta", "--reason", "  ",
                       exit=2).code, "reason.missing")
    same(vault.custode("anna", "dossier", "conflict", dossier, "--of", "nessuno", "--reason",
                       REASON, exit=3).code, "not_found")
    same(vault.custode("giulia", "dossier", "conflict", dossier, "--of", "berta", "--reason",
                       REASON, exit=3).code, "not_found")
    same(sees("berta"), (True,) * 4, "nothing has changed")


@scenario
def from_then_on_every_surface_answers_as_if_nothing_were_there():
    for user in ("berta", "giulia"):
        vault.custode("anna", "dossier", "conflict", dossier, "--of", user, "--reason", REASON)
    nothing = str(uuid.uuid4())
    for user in ("berta", "giulia"):
        same(sees(user), (False,) * 4, f"{user} sees nothing")
        missing = answers(user, nothing, str(uuid.uuid4()))
        for name, answer in answers(user, dossier, document).items():
            same(answer.status, 404, f"{user}: {name}")
            same(answer.without_its_own(), missing[name].without_its_own(), f"{user}: {name}")
    shown = vault.custode("anna", "dossier", "show", dossier).json
    same((sorted(one["account"] for one in shown["conflicts"]), shown["assigned"]),
         (["berta", "giulia"], []), "who may see it sees who is kept out")
    demand(REASON not in str(shown), "the reason is the journal's, not every reader's")
    same(vault.get("anna", document), content, "the others work on")


@scenario
def nobody_in_conflict_is_assigned_or_granted_by_mistake():
    same(vault.custode("anna", "dossier", "assign", dossier, "--to", "giulia", exit=4).code,
         "account.in_conflict")
    same(vault.custode("anna", "account", "grant", "giulia", "--dossier", dossier, "--until",
                       "2099-01-01", exit=4).code, "account.in_conflict")


@scenario
def another_unit_of_the_same_person_does_not_help():
    vault.custode("admin", "account", "grant", "berta", "--role", "social-worker")
    vault.login("berta")
    same(sees("berta"), (False,) * 4, "one role more")


@scenario
def it_outlives_a_restart_and_a_rebuild_and_ends_only_when_said():
    vault.stop()
    vault.verify()
    vault.rebuild()
    vault.serve()
    for user in ("anna", "berta"):
        vault.login(user)
    same(sees("berta"), (False,) * 4, "after a restart")
    same(vault.custode("anna", "dossier", "conflict", dossier, "--of", "luca", "--remove",
                       "--reason", "refuso", exit=3).code, "not_found")
    vault.custode("anna", "dossier", "conflict", dossier, "--of", "berta", "--remove", "--reason",
                  "il minore non è più parente")
    same(sees("berta"), (True,) * 4, "the conflict has ended")
    same(vault.get("berta", document), content, "berta reads again")


if __name__ == "__main__":
    with vault:
        run_scenarios()
