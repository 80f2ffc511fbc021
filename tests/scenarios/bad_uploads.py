#!/usr/bin/env python3
"""Uploads as they go wrong: cut, lied about, empty, huge, hostile by name, and the same again.

    CUSTODE_LONG=1  also files of 2 GiB and one byte around it
"""
import json
import os
import socket
import ssl
import subprocess
import threading

from harness import (BIN, PATIENCE, bytes_of, demand, run_scenarios, same, scenario, sha256,
                     staffed_vault)

CHUNK = 65_504  # plaintext bytes of one sealed chunk
SIZES = sorted({1, 2, 1 << 20} | {edge + step for edge in (CHUNK, 2 * CHUNK, 1 << 20)
                                  for step in (-1, 0, 1)})

vault = staffed_vault()
vault.account("bruno", "archivist", "municipio-5")
dossier = vault.open_dossier("anna", "Guasti")
second = vault.open_dossier("anna", "Secondo")
foreign = vault.open_dossier("bruno", "Lontano", "Prova", "municipio-5")
filed = {}  # document id → content, for what is rightly there


def keep(answer, content):
    same(answer.status, 201, answer.body)
    filed[answer.json["id"]] = content
    return answer.json["id"]


def refuse(answer, status, code):
    same((answer.status, answer.code), (status, code), "the refusal")
    demand(answer.json["hint"], "it says what to do")


def nothing_more():
    listed = {item["id"] for item in vault.all_documents("anna")}
    same(listed, {name for name, content in filed.items() if content is not None},
         "documents that are visible")


def raw_filing(headers, body):
    """Sends a filing with exactly these bytes after the head, then ends its side; what comes back."""
    host, port = vault.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=vault.made["ca"])
    head = (f"POST /api/v1/dossiers/{dossier}/documents HTTP/1.1\r\nHost: {vault.address}\r\n"
            f"Authorization: Bearer {vault.token('anna')}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname=host) as wire:
            wire.sendall(head.encode() + body)
            plain_end(wire)
            answer = b""
            try:
                while more := wire.recv(65536):
                    answer += more
            except (ConnectionResetError, ssl.SSLError):
                pass
    return answer


def space_taken():
    return {file.name: file.stat().st_size for file in (vault.vault / "segments").iterdir()}


def plain_end(wire):
    """Ends our side of the connection below TLS: what a client that dies looks like."""
    socket.socket.shutdown(wire, socket.SHUT_WR)


@scenario
def a_body_that_is_cut_files_nothing_and_leaves_nothing():
    content = bytes_of(200_000, "cut")
    before = space_taken()
    for sent in sorted({1, CHUNK, 199_999, *range(0, 200_000, 2_000)}):  # every hundredth
        headers = {**vault.filing_headers(content), "Content-Length": len(content)}
        answer = raw_filing(headers, content[:sent])
        demand(b" 201 " not in answer, f"{sent} bytes of {len(content)}: {answer[:300]}")
    nothing_more()
    same(list(vault.temporary.iterdir()), [], "temporary files")
    vault.stop()
    vault.serve()  # which drops what no commit named
    vault.login("anna")
    vault.login("bruno")
    same(space_taken(), before, "bytes of segments")
    nothing_more()


@scenario
def a_body_longer_than_announced_is_never_taken_for_it():
    content = bytes_of(100_000, "long")
    answer = raw_filing({**vault.filing_headers(content), "Content-Length": 99_999}, content)
    demand(b"body.digest_mismatch" in answer, answer[:300])
    demand(b" 201 " not in answer, answer[:300])
    nothing_more()


@scenario
def another_digest_or_none_files_nothing():
    content = bytes_of(70_000, "digest")
    other = vault.filing_headers(content + b"x")["Content-Digest"]
    refuse(vault.put("anna", dossier, content, Content_Digest=other), 400, "body.digest_mismatch")
    for wrong in ("sha-256=:!!!:", "sha-256=::", "md5=:AAAA:", "sha-256=" + "A" * 44, ""):
        refuse(vault.put("anna", dossier, content, Content_Digest=wrong), 400, "head.digest")
    for key in ("short", "x" * 65, "spazio non ammesso", ""):
        refuse(vault.put("anna", dossier, content, Idempotency_Key=key), 400, "request.key")
    nothing_more()


@scenario
def an_empty_file_is_refused():
    refuse(vault.put("anna", dossier, b""), 400, "body.empty")
    same(vault.file("anna", dossier, vault.document("vuoto.pdf", b""), exit=2).code, "file.empty")
    nothing_more()


@scenario
def sizes_around_every_boundary_come_back_bit_for_bit():
    for size in SIZES:
        content = bytes_of(size, "edge")
        name = keep(vault.put("anna", dossier, content), content)
        answer = vault.call("GET", f"/documents/{name}/content", "anna",
                            headers={"Custode-Purpose": "verifica"})
        same((answer.status, len(answer.body), sha256(answer.body)),
             (200, size, sha256(content)), f"{size} bytes")
        for first in {0, min(size, CHUNK) - 1, size - 1}:
            answer = vault.call("GET", f"/documents/{name}/content", "anna",
                                headers={"Custode-Purpose": "verifica", "Range": f"bytes={first}-"})
            same((answer.status, sha256(answer.body)), (206, sha256(content[first:])),
                 f"{size} bytes from {first}")
    nothing_more()


@scenario
def two_gibibytes_and_one_byte_around_are_no_boundary():
    if not os.environ.get("CUSTODE_LONG"):
        return print("           not run: set CUSTODE_LONG=1")
    for size in ((2 << 30) - 1, 2 << 30, (2 << 30) + 1):
        path = vault.document(f"{size}.bin", b"")
        os.truncate(path, size)
        with open(path, "r+b") as sparse:  # all zeros but for both ends
            sparse.write(b"inizio")
            sparse.seek(size - 4)
            sparse.write(b"fine")
        answer = vault.file("anna", dossier, path, timeout=900).json
        out = vault.folder / "large"
        vault.custode("anna", "get", answer["id"], "-o", out, "--purpose", "verifica", timeout=900)
        same(subprocess.run(["cmp", path, out], timeout=900).returncode, 0, f"{size} bytes")
        filed[answer["id"]] = b""
        path.unlink()
        out.unlink()
    nothing_more()


@scenario
def hostile_file_names_are_refused_or_harmless():
    content = b"nome ostile"
    for name, why in (("a\nb.pdf", "newline"), ("a\0b.pdf", "NUL"), ("a" * 10_000, "10,000"),
                      ("\x1b[31mrosso", "escape"), ("", "empty")):
        answer = vault.put("anna", dossier, content, {"file_name": name, "type": "altro"})
        demand(answer.status in (400, 431), f"{why}: {answer.status} {answer.body}")
        demand(answer.code in ("file_name.invalid", "field.invalid", "field.missing",
                               "field.too_long", "head.too_large"), f"{why}: {answer.code}")
    for text in (b'{"file_name":"\xff\xfe.pdf","type":"altro"}', b'{"file_name":"\xc3',
                 b'{"file_name":"\\ud800.pdf","type":"altro"}'):
        answer = vault.put("anna", dossier, content, text)
        same(answer.status, 400, answer.body)
    for name in (b"riga\nnuova.pdf", b"non\xff\xfeutf8.pdf", b"\x1b]0;titolo\x07.pdf"):
        path = vault.document(name, content)
        answer = vault.file("anna", dossier, path, exit=2)
        demand(answer.code.startswith("name."), answer.err)
        demand(b"\x1b" not in answer.err, "what is shown is harmless")
    nothing_more()


@scenario
def a_path_for_a_name_never_leads_the_reader_elsewhere():
    content = b"percorso"
    answer = vault.put("anna", dossier, content, {"file_name": "../../fuga.pdf", "type": "altro"})
    if answer.status == 400:
        return demand(answer.code == "file_name.invalid", answer.body)
    name = keep(answer, content)
    target = vault.folder / "down" / "deep" / "here"
    target.mkdir(parents=True)
    subprocess.run([BIN / "custode", "get", name, "--purpose", "verifica"], cwd=target,
                   timeout=PATIENCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env=vault.environment(CUSTODE_SERVER=vault.url, CUSTODE_CA=vault.made["ca"],
                                         CUSTODE_SESSION=str(vault.home("anna") / "session")))
    demand(not (vault.folder / "down" / "fuga.pdf").exists(), "it was written outside")
    nothing_more()


@scenario
def a_dossier_that_is_not_there_takes_nothing():
    for unknown in ("00000000-0000-4000-8000-000000000000", "x", "../../accounts", "%00"):
        answer = vault.put("anna", unknown, b"dove")
        demand(answer.status in (400, 404), f"{unknown}: {answer.status}")
    same(vault.file("anna", "2020/VII.11/000099", vault.document("x", b"y"), exit=3).code,
         "dossier.not_found")
    nothing_more()


@scenario
def the_same_bytes_again_are_told_by_the_first_id():
    content = bytes_of(5_000, "twin")
    path = vault.document("gemello.pdf", content)
    first = vault.file("anna", dossier, path).json["id"]
    filed[first] = content
    again = vault.file("anna", dossier, vault.document("altro nome.pdf", content), exit=4)
    same((again.code, again.problem["document"]), ("document.duplicate", first), "the duplicate")
    same(vault.file("anna", dossier, path, exit=4).code, "document.duplicate")
    nothing_more()
    other = vault.file("anna", dossier, path, "--again", "è arrivato due volte").json["id"]
    demand(other != first, "filed again, it is another document")
    filed[other] = content
    nothing_more()


@scenario
def the_same_bytes_elsewhere_are_flagged_to_who_may_see_both():
    content = bytes_of(6_000, "shared")
    keep(vault.put("anna", dossier, content), content)
    codes = {item["id"]: item["code"] for item in vault.custode("anna", "dossier", "list").json["items"]}
    answer = vault.put("anna", second, content)
    keep(answer, content)
    same(answer.json["same_bytes_in"], [codes[dossier]], "flagged")
    answer = vault.put("bruno", foreign, content)
    same(answer.status, 201, answer.body)
    demand("same_bytes_in" not in answer.json, "another unit learns nothing")
    answer = vault.put("anna", second, content, {"file_name": "b", "type": "altro", "again": "copia"})
    keep(answer, content)
    same(answer.json["same_bytes_in"], [codes[dossier]], "and nothing of the other unit's")
    nothing_more()


@scenario
def a_request_key_stands_for_one_body():
    content, key = bytes_of(80_000, "key"), "chiave-di-prova-0001"
    name = keep(vault.put("anna", dossier, content, key=key), content)
    answer = vault.put("anna", dossier, content, key=key)
    same((answer.status, answer.json["id"], answer.json["replayed"]), (200, name, True), "replay")
    refuse(vault.put("anna", dossier, content + b"x", key=key), 409, "idempotency.conflict")
    nothing_more()


@scenario
def a_request_under_way_is_not_begun_twice():
    content, key = bytes_of(300_000, "flight"), "chiave-di-prova-0002"
    slow = vault.begin_filing("anna", dossier, content, 100_000, key)
    answer = vault.put("anna", dossier, content, key=key)
    refuse(answer, 409, "idempotency.in_flight")
    demand(int(answer.header("Retry-After")) > 0, "it says when to try again")
    slow.send(content[100_000:])
    response = slow.getresponse()
    body = json.loads(response.read())
    same(response.status, 201, body)
    filed[body["id"]] = content
    nothing_more()


@scenario
def of_the_same_bytes_at_once_one_is_filed():
    content = bytes_of(250_000, "race")
    answers = []
    def put():
        answers.append(vault.put("anna", dossier, content))
    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [answer for answer in answers if answer.status == 201]
    same(len(won), 1, "filings that were acknowledged")
    keep(won[0], content)
    for answer in answers:
        if answer is not won[0]:
            refuse(answer, 409, "document.duplicate")
            same(answer.json["document"], won[0].json["id"], "the one that won")
    nothing_more()


@scenario
def odd_metadata_is_refused_by_name():
    content = b"metadati"
    for text in (b"", b"x", b"[]", b"null", b'"a"', b"{", b"{}" * 2, b'{"file_name":1,"type":"altro"}',
                 b'{"file_name":"a","type":"altro","sconosciuto":1}', b'{"type":"altro"}',
                 b'{"file_name":"a","type":"altro","date_of_act":"2026-02-30"}',
                 b'{"file_name":"a","type":"altro","pages":-1}',
                 b'{"file_name":"a","type":"altro","pages":1e400}',
                 b'{"file_name":"a","file_name":"b","type":"altro"}',
                 b'{"file_name":"a","type":"altro","also":["x"]}',
                 b'{"file_name":"a","type":"altro","again":1}',
                 b"[" * 5_000 + b"]" * 5_000,
                 json.dumps({"file_name": "a", "type": "altro", "subject": "o" * 9_000}).encode()):
        answer = vault.put("anna", dossier, content, text)
        demand(answer.status in (400, 404, 431), f"{text[:80]}: {answer.status} {answer.body}")
    for wrong in ("%%%", "e30=", "e30.", "====", " "):
        answer = vault.put("anna", dossier, content, Custode_Metadata=wrong)
        demand(answer.status in (400, 431), f"{wrong}: {answer.status} {answer.body}")
    same(vault.put("anna", dossier, content, Custode_Metadata="A" * 200_000).status, 431,
         "metadata of 200 KB")
    nothing_more()


@scenario
def after_all_of_it_the_vault_is_whole():
    vault.stop()
    report = vault.verify()
    same(report["documents"], len(filed) + 1, "documents that were verified")
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
