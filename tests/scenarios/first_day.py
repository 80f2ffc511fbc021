#!/usr/bin/env python3
"""The first day of an office: four people, their work, and what each of them must not see."""
import datetime
import os
import subprocess
import sys
import uuid
import zipfile

from harness import (PATIENCE, RunningVault, bytes_of, demand, run, run_scenarios, same, scenario,
                     sha256)

VERIFY = os.path.join(os.path.dirname(__file__), "..", "independent", "verify.py")
TODAY = datetime.date.today()
decree = b"%PDF-1.4 decreto di affidamento, sintetico\n" + bytes_of(70_000, "decree")
report = b"relazione sociale, sintetica\n" + bytes_of(3_000, "report")

# Every route that names a dossier or a document: (method, path, body).
ROUTES_OF_A_DOSSIER = (
    ("GET", "/dossiers/{}", None),
    ("GET", "/dossiers/{}/documents", None),
    ("GET", "/dossiers/{}/documents?incomplete=1", None),
    ("POST", "/dossiers/{}/assignments", {"account": "sara"}),
    ("DELETE", "/dossiers/{}/assignments/sara", None),
    ("POST", "/dossiers/{}/corrections", {"reason": "prova", "source": "prova", "person": {}}),
    ("POST", "/dossiers/{}/exports", {"kind": "court", "purpose": "udienza", "recipient": "TM"}),
)
ROUTES_OF_A_DOCUMENT = (
    ("GET", "/documents/{}", None),
    ("GET", "/documents/{}/content", None),
    ("GET", "/documents/{}/proof", None),
    ("POST", "/documents/{}/corrections", {"reason": "prova", "metadata": {"pages": 2}}),
    ("POST", "/documents/{}/refile", {"from": "{dossier}", "to": "{dossier}", "reason": "prova"}),
)
PURPOSE = {"Custode-Purpose": "gestione-caso"}

vault = RunningVault()
ids = {}


@scenario
def the_administrator_makes_an_account_for_each_role():
    vault.serve()
    vault.login("admin")
    vault.account("anna", "archivist", "municipio-3")
    vault.account("bruno", "archivist", "municipio-5")
    vault.account("sara", "social-worker")
    vault.account("luca", "legal-office")
    names = [item["name"] for item in vault.custode("admin", "account", "list").json["items"]]
    same(sorted(names), ["admin", "anna", "bruno", "luca", "sara"], "accounts")
    vault.custode("anna", "account", "list", exit=3)


@scenario
def an_archivist_opens_dossiers_of_the_own_unit_only():
    opened = vault.custode("anna", "dossier", "open", "--surname", "Fintini", "--name", "Carlo",
                           "--born", "2014-05-06", "--tax-code", "FNTCRL14E06F205I",
                           "--unit", "municipio-3").json
    ids["carlo"], ids["code"] = opened["id"], opened["code"]
    ids["other"] = vault.custode("anna", "dossier", "open", "--surname", "Provella", "--name",
                                 "Ida", "--born-about", "2018", "--unit", "municipio-3").json["id"]
    vault.custode("anna", "dossier", "open", "--surname", "Altrove", "--name", "Zoe", "--unit",
                  "municipio-5", exit=3)
    same(vault.custode("anna", "dossier", "open", "--surname", "FINTINI", "--name", "carlo",
                       "--unit", "municipio-3", exit=4).code, "dossier.twin")
    listed = vault.custode("bruno", "dossier", "list").json["items"]
    same(listed, [], "another unit's archivist lists nothing")


@scenario
def an_archivist_files_and_reads_back_bit_for_bit():
    filed = vault.custode("anna", "file", ids["code"], vault.document("decreto.pdf", decree),
                          "--type", "decreto", "--authority", "TM", "--proceeding",
                          "R.G.V.G. 567/2025", "--dated", "2026-03-12", "--subject",
                          "Affidamento al servizio", "--sender", "Tribunale").json
    same((filed["sha256"], filed["bytes"]), (sha256(decree), len(decree)), "what was filed")
    ids["decree"] = filed["id"]
    ids["report"] = vault.file("anna", ids["carlo"], vault.document("relazione.txt", report)).json["id"]
    ids["hidden"] = vault.file("anna", ids["other"], vault.document("altro.txt", b"riservato")).json["id"]
    same(vault.get("anna", ids["decree"]), decree, "the decree")
    for first, last in ((0, 0), (65_500, 65_510), (70_000, len(decree) - 1), (0, len(decree) - 1)):
        same(vault.get("anna", ids["decree"], "--range", f"{first}-{last}"),
             decree[first:last + 1], f"bytes {first}-{last}")
    answer = vault.call("GET", f"/documents/{ids['decree']}/content", "anna",
                        headers={**PURPOSE, "Range": f"bytes={len(decree)}-"})
    same((answer.status, answer.code), (416, "range.unsatisfiable"), "a range past the end")
    vault.custode("anna", "get", ids["decree"], "-o", vault.folder / "x", exit=2)  # no purpose


@scenario
def lists_say_what_is_missing():
    listed = vault.custode("anna", "list", ids["carlo"]).json["items"]
    same([item["id"] for item in listed], [ids["decree"], ids["report"]], "documents")
    fields = {item["id"]: {gap["field"] for gap in item["missing"]} for item in listed}
    demand("date_of_act" not in fields[ids["decree"]], "the decree has its date")
    demand("date_of_act" in fields[ids["report"]], "the report has none")
    incomplete = vault.custode("anna", "list", "--incomplete").json["items"]
    same({item["id"] for item in incomplete}, {ids["decree"], ids["report"], ids["hidden"]},
         "incomplete documents of all dossiers")


@scenario
def a_dossier_is_found_by_name_tax_code_code_and_number():
    for query, match in (("fintini carlo", "name"), ("Carlo FINTINI", "name"),
                         ("FNTCRL14E06F205I", "tax_code"), (ids["code"], "code"),
                         ("567/2025", "number")):
        items = vault.custode("anna", "search", query).json["items"]
        same([item["id"] for item in items], [ids["carlo"]], f"search {query}")
        demand(match in items[0]["match"], f"{query} matched on {items[0]['match']}")
        same(vault.custode("bruno", "search", query).json["items"], [], f"{query}, elsewhere")
    items = vault.custode("anna", "search", "affidamento", "--in", "documents").json["items"]
    same([item["id"] for item in items], [ids["decree"]], "documents by subject")


@scenario
def a_receipt_holds_offline_and_an_altered_one_does_not():
    proof = vault.folder / "proof.json"
    vault.custode("anna", "proof", ids["decree"], "-o", proof)
    vault.custode("anna", "receipt", "verify", proof, "--pinned")
    key = vault.custode("anna", "status").json["key"]
    run([sys.executable, "-B", VERIFY, "receipt", proof, "--key", key])
    text = proof.read_text()
    demand(sha256(decree) in text, "the receipt names the document's SHA-256")
    proof.write_text(text.replace(sha256(decree), sha256(report)))
    vault.custode("anna", "receipt", "verify", proof, exit=7)
    run([sys.executable, "-B", VERIFY, "receipt", proof, "--key", key], exit=1)


def answers_of(user, routes, found, missing, **more):
    """Demands the same answer, byte for byte, for what is forbidden and for what is not there."""
    for method, path, body in routes:
        pair = []
        for target in (found, missing):
            filled = {name: value.format(dossier=ids["other"]) if isinstance(value, str) else value
                      for name, value in body.items()} if body else None
            pair.append(vault.call(method, path.format(target), user, filled, PURPOSE))
        same(pair[0].status, 404, f"{user}: {method} {path}")
        same(pair[0].without_its_own(), pair[1].without_its_own(), f"{user}: {method} {path}")


@scenario
def a_social_worker_sees_the_assigned_dossier_and_nothing_else():
    same(vault.custode("sara", "dossier", "list").json["items"], [], "before the assignment")
    vault.custode("anna", "dossier", "assign", ids["carlo"], "--to", "sara")
    listed = vault.custode("sara", "dossier", "list").json["items"]
    same([item["id"] for item in listed], [ids["carlo"]], "dossiers of the social worker")
    same(vault.get("sara", ids["decree"]), decree, "the decree")
    same({item["id"] for item in vault.all_documents("sara")}, {ids["decree"], ids["report"]},
         "documents of the social worker")
    same(vault.custode("sara", "search", "provella").json["items"], [], "search")
    nobody = str(uuid.uuid4())
    answers_of("sara", ROUTES_OF_A_DOSSIER, ids["other"], nobody)
    answers_of("sara", ROUTES_OF_A_DOCUMENT, ids["hidden"], nobody)
    for target in (ids["other"], nobody):
        same(vault.put("sara", target, b"intruso").status, 404, "filing elsewhere")
    same(vault.put("sara", ids["other"], b"x").without_its_own(),
         vault.put("sara", nobody, b"x").without_its_own(), "filing elsewhere")
    same(vault.put("sara", ids["carlo"], b"x").status, 404, "a social worker does not file")


@scenario
def the_administrator_reads_no_content():
    nobody = str(uuid.uuid4())
    answers_of("admin", ROUTES_OF_A_DOSSIER, ids["carlo"], nobody)
    answers_of("admin", ROUTES_OF_A_DOCUMENT, ids["decree"], nobody)
    for path in ("/dossiers", "/documents"):
        answer = vault.call("GET", path, "admin")
        demand(answer.status == 404 or answer.json["items"] == [], f"{path}: {answer.body}")
    answer = vault.call("POST", "/searches", "admin", {"query": "fintini", "in": "dossiers"})
    demand(answer.status == 404 or answer.json["items"] == [], f"search: {answer.body}")


@scenario
def the_legal_office_exports_what_is_granted_and_others_can_check_it():
    answers_of("luca", ROUTES_OF_A_DOSSIER, ids["carlo"], str(uuid.uuid4()))
    vault.custode("anna", "account", "grant", "luca", "--dossier", ids["carlo"], "--until", TODAY)
    bag = vault.folder / "fascicolo.zip"
    vault.custode("luca", "export", "court", ids["carlo"], "-o", bag, "--purpose", "udienza",
                  "--recipient", "Tribunale per i minorenni")
    unpacked = vault.folder / "bag"
    with zipfile.ZipFile(bag) as archive:
        archive.extractall(unpacked)
    manifests = list(unpacked.rglob("manifest-sha256.txt"))
    same(len(manifests), 1, "manifests in the bag")
    checked = subprocess.run(["sha256sum", "--check", "--strict", manifests[0].name],
                             cwd=manifests[0].parent, stdout=subprocess.PIPE, timeout=PATIENCE)
    same(checked.returncode, 0, checked.stdout)
    digests = {sha256(file.read_bytes()) for file in manifests[0].parent.rglob("*") if file.is_file()}
    demand({sha256(decree), sha256(report)} <= digests, "both originals are in the bag as they were")
    demand(sha256(b"riservato") not in digests, "nothing of another dossier is")
    answers_of("luca", ROUTES_OF_A_DOSSIER, ids["other"], str(uuid.uuid4()))
    answers_of("luca", ROUTES_OF_A_DOCUMENT, ids["hidden"], str(uuid.uuid4()))


@scenario
def a_grant_ends():
    yesterday = TODAY - datetime.timedelta(days=2)
    same(vault.custode("anna", "account", "grant", "luca", "--dossier", ids["other"], "--until",
                       yesterday, exit=2).code, "grant.past")
    vault.custode("anna", "account", "revoke", "luca", "--dossier", ids["carlo"])
    answers_of("luca", ROUTES_OF_A_DOSSIER, ids["carlo"], str(uuid.uuid4()))
    answers_of("luca", ROUTES_OF_A_DOCUMENT, ids["decree"], str(uuid.uuid4()))


@scenario
def the_day_ends_with_a_whole_vault():
    vault.stop()
    same(vault.verify()["documents"], 3, "documents that were verified")
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
