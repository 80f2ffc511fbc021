#!/usr/bin/env python3
"""Two hundred words that no office uses go in wherever a word can; none is readable in any byte on disk.

Looked through after filing, reading, searching, failing, kill -9 and a restart, while the daemon
runs and after it: the vault, its TLS folder, the log, the temporary folder, the monitor's answers.
"""
import base64
import os
import pathlib
import re

from harness import (RunningVault, demand, run_scenarios, same, scenario,
                     sha256)

STEM = "zqxwkjvhz"  # begins every canary

canaries = []
vault = RunningVault()
ids = {}


def canary(where):
    """A fresh word; `where` is only for the message."""
    word = STEM + re.sub("[0-9]", lambda d: "ghijklmnop"[int(d[0])], sha256(where.encode())[:10])
    canaries.append((where, word))
    return word


def forms():
    """How the stem may lie on disk: as it is, in capitals, in UTF-16, in hex, in base64."""
    stem = STEM.encode()
    yield from (stem, stem.upper(), stem.capitalize(), STEM.encode("utf-16-le"),
                STEM.encode("utf-16-be"), stem.hex().encode(), stem.hex().upper().encode())
    for lead in range(3):  # base64 shifts with what stands before; its edges change with neighbours
        text = base64.b64encode(b"\0" * lead + stem)
        yield text[-(-lead * 8 // 6):(lead + len(stem)) * 8 // 6]


FORMS = tuple(forms())


def files():
    for folder in (vault.vault, vault.tls, vault.temporary):
        yield from (file for file in folder.rglob("*") if file.is_file())
    if vault.log.exists():
        yield vault.log
    yield from swap_space()


def swap_space():
    """Where memory may have been written to, if there is such a place and we may read it."""
    for line in pathlib.Path("/proc/swaps").read_text().splitlines()[1:]:
        place = pathlib.Path(line.split()[0])
        if os.access(place, os.R_OK) and "zram" not in place.name:
            yield place


def found():
    """(file, what stands around) for every canary that is readable in a file or in its name."""
    hits = []
    for file in files():
        content = file.read_bytes()
        if content == bytes(len(content)):
            content = b""  # the reserve: 256 MiB of zeros
        for data in (content, str(file).encode()):
            for form in FORMS:
                at = data.find(form)
                if at >= 0:
                    hits.append((file.name, data[max(0, at - 60):at + 60]))
    return hits


def is_found(file):
    return file.name in {name for name, _ in found()}


@scenario
def the_search_itself_finds_what_is_there():
    word = canary("control")
    for number, data in enumerate((word.encode(), word.upper().encode(), word.encode("utf-16-le"),
                                   base64.b64encode(b"xx" + word.encode() + b"yyy"),
                                   base64.urlsafe_b64encode(b"x" + word.encode() + b"yy"),
                                   base64.b64encode(word.encode() + b"zzzz"))):
        planted = vault.vault / f"planted-{number}"
        planted.write_bytes(b"\0" * 5000 + data + b"\1" * 50)
        demand(is_found(planted), f"the search is blind to form {number}")
        planted.unlink()
    planted = vault.temporary / f"{word}.txt"
    planted.write_bytes(b"")
    demand(is_found(planted), "the search is blind to names of files")
    planted.unlink()
    same(found(), [], "nothing yet")


@scenario
def words_go_in_wherever_a_word_can():
    vault.serve()
    vault.login("admin")
    ids["user"] = canary("user name")
    vault.account(ids["user"], "archivist", "municipio-3")
    ids["sara"] = vault.account("sara." + canary("second user"), "social-worker")
    user = ids["user"]
    ids["dossier"] = vault.custode(
        user, "dossier", "open", "--surname", canary("surname"), "--name", canary("given name"),
        "--birth-place", canary("birth place"), "--alias", canary("alias"), "--external",
        f"SISA:{canary('external id').upper()}", "--unit", "municipio-3", "--born",
        "2013-04-05").json["id"]
    twin = vault.custode(user, "dossier", "open", "--designation", canary("designation"), "--unit",
                         "municipio-3").json["id"]
    for i in range(8):
        path = vault.document(f"{canary(f'file name {i}')}.pdf", f"testo {canary(f'text {i}')} fine "
                              .encode() * (1 + 400 * i))
        filed = vault.custode(
            user, "file", ids["dossier"], path, "--type", "decreto", "--subject",
            canary(f"subject {i}"), "--sender", canary(f"sender {i}"), "--proceeding",
            f"R.G. 12{i}/2025 {canary(f'proceeding {i}')}").json
        ids[i] = filed["id"]
    again = canary("again reason")
    vault.custode(user, "file", ids["dossier"], path, "--type", "altro", "--again", again)
    vault.custode(user, "refile", ids[0], "--from", ids["dossier"], "--to", twin, "--reason",
                  canary("refile reason"))
    vault.custode(user, "dossier", "assign", ids["dossier"], "--to", ids["sara"])
    answer = vault.call("POST", f"/documents/{ids[1]}/corrections", user, {
        "reason": canary("correction reason"), "metadata": {"subject": canary("corrected subject")}})
    same(answer.status, 200, answer.body)
    text = vault.document("piccolo.txt", canary("one chunk").encode())
    vault.file(user, ids["dossier"], text)
    for i in range(20):
        answer = vault.put(user, twin, f"{canary(f'small text {i}')} ".encode() * (1 + 30 * i), {
            "file_name": canary(f"small file {i}") + ".txt", "type": "altro",
            "subject": canary(f"small subject {i}"), "sender": canary(f"small sender {i}"),
            "proceedings": [f"R.G. {i}/2024 {canary(f'small proceeding {i}')}"]})
        same(answer.status, 201, answer.body)
    large = canary("at chunk edges").encode()
    vault.file(user, ids["dossier"], vault.document("grande.bin", large * 200_000))


@scenario
def words_go_in_by_reading_searching_and_failing():
    user = ids["user"]
    reason = base64.urlsafe_b64encode(canary("reading reason").encode()).rstrip(b"=").decode()
    answer = vault.call("GET", f"/documents/{ids[2]}/content", user,
                        headers={"Custode-Purpose": "verifica", "Custode-Reason": reason})
    demand(answer.status == 200 and canaries_in(answer.body), "the text is read")
    vault.custode(user, "get", ids[3], "-o", vault.folder / "out", "--purpose",
                  canary("purpose code"))
    for i in range(4):
        vault.custode(user, "search", canary(f"search {i}"), *(("--in", "documents") if i % 2 else ()))
    for i in range(6):
        answer = vault.call("POST", "/searches", user, {"query": canary(f"searched {i}"),
                                                        "in": ("dossiers", "documents")[i % 2]})
        same((answer.status, answer.json["items"]), (200, []), "found nothing")
    same(len(vault.custode(user, "search", canary_of("surname")).json["items"]), 1, "it is found")
    for method, path, body in (
            ("GET", f"/dossiers/{canary('path')}", None),
            ("GET", f"/documents/{canary('path of a document')}/content", None),
            ("GET", f"/{canary('path of nothing')}", None),
            ("GET", f"/dossiers?code={canary('query code')}", None),
            ("GET", f"/dossiers?{canary('query name')}=1", None),
            ("GET", f"/dossiers?limit={canary('query limit')}", None),
            ("POST", "/searches", {canary("member"): 1, "query": "x"}),
            ("POST", "/searches", {"query": canary("refused search"), "in": canary("refused in")}),
            ("POST", "/dossiers", {"person": {canary("person member"): 1}, "unit": "municipio-3"}),
            ("POST", "/dossiers", {"person": {}, "unit": canary("unit")}),
            ("POST", f"/accounts/{canary('account path')}/unlock", {}),
            ("DELETE", f"/dossiers/{ids['dossier']}/assignments/{canary('assignment')}", None),
            ("POST", "/accounts", {"name": canary("refused name") + " x", "role": canary("role"),
                                   "password": canary("refused password")}),
            ("POST", "/unseal", {"passphrase": canary("unseal passphrase")}),
            (canary("method").upper(), "/dossiers", None)):
        answer = vault.call(method, path, user if "accounts" not in path else "admin", body)
        demand(answer.status in range(400, 500) or answer.status in (200, 501),
               f"{method} {path}: {answer.body}")
    for i in range(3):
        vault.call("POST", "/sessions", body={"user": canary(f"wrong user {i}"),
                                              "password": canary(f"wrong password {i}")})
    vault.call("GET", "/me", token=canary("token"))
    vault.call("GET", "/me", user, headers={canary("header"): canary("header value"),
                                            "User-Agent": canary("agent"),
                                            "Accept-Language": canary("language")})
    vault.put(user, ids["dossier"], b"x", {"file_name": canary("refused file") + "\n", "type": "altro"})
    vault.put(user, ids["dossier"], b"x", {"file_name": "x", "type": canary("refused type")})
    vault.put(user, ids["dossier"], canary("refused body").encode() * 20_000,
              Content_Digest=vault.filing_headers(b"")["Content-Digest"])
    vault.put(user, ids["dossier"], b"x", key=canary("request key") + "0" * 10)
    demand(len(canaries) >= 195, f"{len(canaries)} canaries")


def canaries_in(data):
    return any(word.encode() in data for _, word in canaries)


def canary_of(where):
    return dict(canaries)[where]


@scenario
def an_export_leaves_nothing_behind():
    vault.account("luca", "legal-office")
    vault.custode(ids["user"], "account", "grant", "luca", "--dossier", ids["dossier"], "--until",
                  "2099-01-01")
    answer = vault.call("POST", f"/dossiers/{ids['dossier']}/exports", "luca",
                        {"kind": "court", "purpose": "udienza", "recipient": canary("recipient")})
    same(answer.status, 200, answer.body[:500])


@scenario
def no_byte_of_a_running_vault_tells_any():
    same(found(), [], "readable while it runs")
    for path in ("/metrics", "/readyz", "/healthz"):
        demand(not canaries_in(vault.probe(path).body), f"readable in {path}")
    status = vault.call("GET", "/status").body
    demand(not canaries_in(status), "readable in the status")


@scenario
def nor_after_a_kill_in_the_middle_and_a_restart():
    content = canary("killed upload").encode() * 300_000
    connection = vault.begin_filing(ids["user"], ids["dossier"], content, 1)
    before = vault.metric("custode_http_body_bytes_in_total")
    connection.send(content[1:4_000_000])
    vault.wait(lambda: vault.metric("custode_http_body_bytes_in_total") > before + 3_000_000,
               "most of it was taken")
    vault.kill()
    same(found(), [], "readable after the kill")
    vault.serve()
    vault.login(ids["user"])
    same(len(vault.custode(ids["user"], "search", canary_of("alias")).json["items"]), 1,
         "what is not readable is still found")
    same(found(), [], "readable after the restart")
    vault.stop()
    same(found(), [], "readable after the stop")


@scenario
def nor_after_a_check_and_a_rebuilding():
    vault.verify()
    vault.rebuild()
    vault.custoded("rebuild", vault.vault, "--keyfile", vault.keyfile)
    same(found(), [], "readable after upkeep")
    sizes = sum(file.stat().st_size for file in files())
    demand(len(canaries) >= 200, f"{len(canaries)} canaries")
    print(f"           {len(canaries)} canaries, {sizes} bytes looked through")


if __name__ == "__main__":
    with vault:
        run_scenarios()
