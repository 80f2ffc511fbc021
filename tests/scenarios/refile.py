#!/usr/bin/env python3
"""A filing into the wrong dossier, mended: gone from there on every surface, and who saw it is told."""
import io
import zipfile

from harness import bytes_of, demand, run_scenarios, same, scenario, sha256, staffed_vault

vault = staffed_vault()
vault.account("sara", "social-worker")   # of the wrong dossier
vault.account("rita", "social-worker")   # of the right one
vault.account("luca", "legal-office")
wrong = vault.open_dossier("anna", "Sbagliato")
right = vault.open_dossier("anna", "Giusto")
vault.custode("anna", "dossier", "assign", wrong, "--to", "sara")
vault.custode("anna", "dossier", "assign", right, "--to", "rita")
for dossier in (wrong, right):
    vault.custode("anna", "account", "grant", "luca", "--dossier", dossier, "--until", "2099-01-01")
decree = b"decreto di un altro bambino " + bytes_of(100_000, "refile")
document = vault.custode("anna", "file", wrong, vault.document("decreto.pdf", decree), "--type",
                         "decreto", "--subject", "zircone").json["id"]
other = vault.file("anna", wrong, vault.document("suo.txt", b"questo invece e' suo")).json["id"]
PURPOSE = {"Custode-Purpose": "gestione-caso"}
old = {}


def export(dossier):
    answer = vault.call("POST", f"/dossiers/{dossier}/exports", "luca",
                        {"kind": "court", "purpose": "udienza", "recipient": "TM"})
    if answer.status != 200:
        return answer.code
    with zipfile.ZipFile(io.BytesIO(answer.body)) as bag:
        return {sha256(bag.read(name)) for name in bag.namelist()}


def surfaces(user, dossier):
    """Where the document shows to this user: a name for each surface on which it does."""
    seen = set()
    def look(name, answer):
        demand(answer.status in (200, 206, 404), f"{name}: {answer.status} {answer.body[:300]}")
        if answer.status != 404 and (document.encode() in answer.body or decree[:50] in answer.body):
            seen.add(name)
    look("list", vault.call("GET", f"/dossiers/{dossier}/documents", user))
    look("list of all", vault.call("GET", "/documents", user))
    look("incomplete", vault.call("GET", f"/dossiers/{dossier}/documents?incomplete=1", user))
    look("show", vault.call("GET", f"/documents/{document}", user))
    look("content", vault.call("GET", f"/documents/{document}/content", user, headers=PURPOSE))
    look("range", vault.call("GET", f"/documents/{document}/content", user,
                             headers={**PURPOSE, "Range": "bytes=0-60"}))
    look("proof", vault.call("GET", f"/documents/{document}/proof", user))
    look("search", vault.call("POST", "/searches", user, {"query": "zircone", "in": "documents"}))
    return seen


@scenario
def before_it_the_wrong_readers_see_it():
    demand({"list", "list of all", "show", "content", "range", "search"} <= surfaces("sara", wrong),
           surfaces("sara", wrong))
    same(surfaces("rita", right), set(), "readers of the right dossier")
    demand(sha256(decree) in export(wrong), "it is exported")
    old["count"] = vault.custode("anna", "dossier", "show", wrong).json["documents"]


@scenario
def a_mending_that_makes_no_sense_is_refused():
    def refile(exit, *options, user="anna"):
        return vault.custode(user, "refile", document, *options, exit=exit)
    same(refile(2, "--from", wrong, "--to", wrong, "--reason", "x").code, "refile.same")
    same(refile(2, "--from", wrong, "--to", right, "--reason", "").code, "reason.missing")
    same(refile(3, "--from", right, "--to", wrong, "--reason", "x").code, "not_found")
    refile(3, "--from", wrong, "--to", "00000000-0000-4000-8000-000000000000", "--reason", "x")
    refile(3, "--from", wrong, "--to", right, "--reason", "x", user="sara")
    demand("content" in surfaces("sara", wrong), "nothing moved")


@scenario
def it_is_mended_and_names_who_opened_it():
    vault.get("sara", document)
    answer = vault.custode("anna", "refile", document, "--from", wrong, "--to", right, "--reason",
                           "cognome simile").json
    same((answer["id"], answer["from"], answer["to"]), (document, wrong, right), "the answer")
    opened = {reader["account"] for reader in answer["readers"] if reader["what"] == "document.content"}
    demand("sara" in opened, answer["readers"])
    demand("rita" not in {reader["account"] for reader in answer["readers"]}, answer["readers"])
    demand(all(reader["time"] for reader in answer["readers"]), "with the time")
    same(vault.custode("anna", "refile", document, "--from", wrong, "--to", right, "--reason",
                       "ancora", exit=3).code, "not_found")


@scenario
def after_it_the_wrong_readers_get_missing_everywhere():
    same(surfaces("sara", wrong), set(), "the wrong readers")
    missing = vault.call("GET", "/documents/00000000-0000-4000-8000-000000000000", "sara")
    gone = vault.call("GET", f"/documents/{document}", "sara")
    same(gone.without_its_own(), missing.without_its_own(), "as if it had never been")
    exported = export(wrong)
    demand(sha256(decree) not in exported and sha256(b"questo invece e' suo") in exported,
           "the export of the wrong dossier")
    same(vault.custode("anna", "dossier", "show", wrong).json["documents"], old["count"] - 1,
         "the count of the wrong dossier")
    same([item["id"] for item in vault.custode("anna", "list", wrong).json["items"]], [other],
         "what is left there")


@scenario
def the_right_readers_have_it_whole():
    demand({"list", "list of all", "show", "content", "range", "search"} <= surfaces("rita", right),
           surfaces("rita", right))
    same(vault.get("rita", document), decree, "bit for bit")
    demand(sha256(decree) in export(right), "it is exported from there")
    proof = vault.folder / "proof.json"
    vault.custode("anna", "proof", document, "-o", proof)
    vault.custode("anna", "receipt", "verify", proof, "--pinned")


@scenario
def the_same_bytes_may_come_to_the_wrong_dossier_rightly_later():
    again = vault.custode("anna", "file", wrong, vault.document("vero.pdf", decree), "--type",
                          "decreto", "--request-id", "un-altra-richiesta-01").json
    demand(again["id"] != document, "it is another document")
    same(vault.custode("anna", "refile", again["id"], "--from", wrong, "--to", right, "--reason",
                       "x", exit=4).code, "document.duplicate")


@scenario
def a_key_of_the_first_filing_does_not_bring_it_back():
    key = "chiave-della-prima-archiviazione"
    content = b"archiviato con una chiave " + bytes_of(500, "key")
    first = vault.put("anna", wrong, content, key=key).json["id"]
    vault.custode("anna", "refile", first, "--from", wrong, "--to", right, "--reason", "errore")
    answer = vault.put("anna", wrong, content, key=key)
    same((answer.status, answer.code), (404, "not_found"), "the wrong dossier")
    same([item["id"] for item in vault.all_documents("anna") if item["id"] == first], [first],
         "it is where it was put")


@scenario
def the_vault_is_whole_and_stays_so_after_a_kill():
    vault.kill()
    vault.serve()
    for user in ("anna", "sara", "rita", "luca"):
        vault.login(user)
    same(surfaces("sara", wrong), set(), "the wrong readers, after a restart")
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
