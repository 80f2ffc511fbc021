#!/usr/bin/env python3
"""Every file of the corpus filed and read back bit for bit, once.  Without CUSTODE_CORPUS: skipped."""
import os
import pathlib
import sys

from harness import demand, run_scenarios, same, scenario, sha256, staffed_vault

SKIPPED = 77  # as ctest is told
CORPUS = os.environ.get("CUSTODE_CORPUS")
if not CORPUS:
    print("skipped: CUSTODE_CORPUS is not set")
    sys.exit(SKIPPED)

corpus = pathlib.Path(CORPUS)
digests = {str(file): sha256(file.read_bytes()) for file in corpus.rglob("*")
           if file.is_file() and not file.is_symlink() and file.stat().st_size > 0}
vault = staffed_vault()
dossier = vault.open_dossier("anna", "Corpus")
first = {}


def file_all(exit):
    items = vault.file("anna", dossier, corpus, exit=exit, timeout=900).json["items"]
    return items


def why(item):
    return item.get("problem", {}).get("code")


@scenario
def every_file_is_filed():
    lines = (corpus / "MANIFEST.tsv").read_text().splitlines()[1:]
    demand(len(digests) >= len(lines) > 0, f"{len(digests)} files, {len(lines)} in the manifest")
    items = file_all(None)
    failed = [(item["path"], why(item)) for item in items if "problem" in item]
    # The same bytes under two names are one document of the dossier, and an empty file is none.
    demand({code for _, code in failed} <= {"document.duplicate", "file.empty"}, failed)
    first.update({item["path"]: item for item in items if "id" in item})
    same({item["sha256"] for item in first.values()}, set(digests.values()), "what was filed")
    print(f"           {len(digests)} files, {len(first)} documents, "
          f"{sum(item['bytes'] for item in first.values())} bytes")


@scenario
def every_file_comes_back_bit_for_bit():
    connection = vault.connection()
    for path, item in first.items():
        answer = vault.call("GET", f"/documents/{item['id']}/content", "anna",
                            headers={"Custode-Purpose": "verifica"}, connection=connection)
        same((answer.status, sha256(answer.body)), (200, digests[path]), path)
        same(len(answer.body), item["bytes"], path)


@scenario
def a_second_run_files_nothing_and_answers_from_the_first():
    before = {item["id"] for item in vault.all_documents("anna")}
    again = {item["path"]: item for item in file_all(None)}
    for path, item in first.items():
        same((again[path].get("id"), again[path].get("already_filed")), (item["id"], True), path)
    same({item["id"] for item in vault.all_documents("anna")}, before, "documents")


@scenario
def the_vault_is_whole():
    vault.stop()
    report = vault.verify()
    same((report["documents"], report["bytes"]),
         (len(first), sum(item["bytes"] for item in first.values())), "what was verified")
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
