#!/usr/bin/env python3
"""What a hostile client puts into names, roles and members of the routes about accounts: one table."""
import json

from harness import PASSWORD, demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("giulia", "social-worker")
dossier = vault.open_dossier("anna", "Nomi")

JSON_TYPES = {"null": None, "true": True, "false": False, "number": 0, "negative": -1,
              "fraction": 1.5, "huge": 1e308, "list": [], "list of it": ["administrator"],
              "object": {}, "object of it": {"role": "administrator"}}
HOSTILE = {"empty": "", "unknown": "root", "another case": "Administrator", "spaced": " administrator ",
           "look-alike": "аdministrator", "wide": "ａdministrator", "nul": "administrator\u0000",
           "overlong": "a" * 100_000, "path": "../administrator", "two": "administrator,operator",
           "override": "\u202eadministrator", "quote": "administrator' OR '1'='1"}
NEW = {"name": "vittima", "role": "social-worker", "password": PASSWORD}


def accounts():
    return {one["name"]: (one["roles"], one["state"])
            for one in vault.call("GET", "/accounts", "admin").json["items"]}


def refused(answer, what, codes):
    demand(answer.status in (400, 404), f"{what}: {answer.status} {answer.body[:300]}")
    demand(answer.code in codes, f"{what}: {answer.code}")


def post(path, body, user="admin"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return vault.call("POST", path, user, raw, {"Content-Type": "application/json"})


@scenario
def every_json_type_in_every_role_field_is_refused():
    before, cells = accounts(), 0
    fields = {"/accounts": ("name", "role", "unit", "from", "until", "password", "temporary"),
              "/accounts/giulia/roles": ("role", "unit", "from", "until")}
    for path, names in fields.items():
        for name in names:
            for kind, value in JSON_TYPES.items():
                if name == "temporary" and isinstance(value, bool):
                    continue
                answer = post(path, {**(NEW if path == "/accounts" else {"role": "statistics"}),
                                     name: value})
                refused(answer, f"{path} {name}: {kind}", ("field.invalid",))
                cells += 1
    for name in ("user", "password", "otp"):
        for kind, value in JSON_TYPES.items():
            refused(post("/sessions", {"user": "anna", "password": PASSWORD, name: value}, None),
                    f"/sessions {name}: {kind}", ("field.invalid",))
            cells += 1
    for name in ("dossier", "until", "reason"):
        for kind, value in JSON_TYPES.items():
            refused(post("/accounts/giulia/grants", {
                "dossier": dossier, "until": "2099-01-01", "reason": "x", name: value}, "anna"),
                f"grants {name}: {kind}", ("field.invalid",))
            cells += 1
    same(accounts(), before, "nothing has changed")
    print(f"           {cells} cells")


@scenario
def hostile_texts_in_roles_units_and_days_are_refused():
    before = accounts()
    for kind, text in HOSTILE.items():
        for path, base in (("/accounts", NEW), ("/accounts/giulia/roles", {})):
            refused(post(path, {**base, "role": text}), f"{path} role: {kind}", ("role.unknown",))
            for name in ("unit",):
                if text:
                    refused(post(path, {**base, "role": "statistics", name: text}),
                            f"{path} {name}: {kind}", ("unit.unknown",))
            for name in ("from", "until"):
                if text:
                    refused(post(path, {**base, "role": "statistics", name: text}),
                            f"{path} {name}: {kind}", ("field.invalid",))
    for day in ("2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z",
                "+2026-01-01", "２０２６-01-01", "0000-00-00"):
        refused(post("/accounts/giulia/roles", {"role": "statistics", "until": day}), day,
                ("field.invalid",))
    same(accounts(), before, "nothing has changed")


@scenario
def unknown_and_repeated_members_are_refused_by_name():
    before = accounts()
    routes = [("POST", "/accounts", NEW, "admin"), ("POST", "/sessions", {
        "user": "anna", "password": PASSWORD}, None),
        ("POST", "/accounts/giulia/roles", {"role": "statistics"}, "admin"),
        ("POST", "/accounts/giulia/grants", {"dossier": dossier, "until": "2099-01-01"}, "anna"),
        ("PUT", "/accounts/giulia/password", {"password": PASSWORD}, "admin"),
        ("POST", "/me/second-factor", {"password": PASSWORD}, "anna"),
        ("POST", "/me/second-factor/confirm", {"code": "123456"}, "anna")]
    for method, path, body, user in routes:
        for more in ("admin", "roles", "state", "id", "must_change", "__proto__", "ruolo"):
            answer = vault.call(method, path, user, {**body, more: True})
            same((answer.status, answer.code), (400, "field.unknown"), f"{method} {path} {more}")
        text = json.dumps(body)
        member = next(iter(body))
        twice = text[:-1] + f', "{member}": "altro"' + "}"
        for raw in (twice, "[" + text + "]", text[:-1], text + text, "null", '"x"', "[" * 100_000):
            answer = vault.call(method, path, user, raw.encode(), {"Content-Type": "application/json"})
            same(answer.status, 400, f"{method} {path} {raw[:40]}")
    same(accounts(), before, "nothing has changed")


@scenario
def a_name_that_reads_like_anothers_is_refused():
    before = accounts()
    same(post("/accounts", {**NEW, "name": "anna.maria"}).status, 201, "a name of its own")
    for name, code in (("ANNA", "account.exists"), (" anna ", "account.exists"),
                       ("ａｎｎａ", "account.exists"), ("аnna", "account.name_invalid"),
                       ("αnna", "account.name_invalid"), ("anna\u200b", "account.name_invalid"),
                       ("an\u00adna", "account.name_invalid"), ("\u202eanna", "account.name_invalid"),
                       ("gıulia", "account.looks_like"), ("ɑnna", "account.looks_like"),
                       ("giu1ia", "account.looks_like"), ("anna.rnaria", "account.looks_like"),
                       ("a" * 65, "account.name_invalid"), ("a" * 100_000, "account.name_invalid"),
                       ("anna\n", "account.name_invalid"), ("anna/..", "account.name_invalid"),
                       ("anna%00", "account.name_invalid"), ("*)(uid=*", "account.name_invalid"),
                       ("😀", "account.name_invalid")):
        answer = post("/accounts", {**NEW, "name": name})
        demand(answer.status in (400, 409), f"{name[:20]!r}: {answer.status}")
        same(answer.code, code, f"{name[:20]!r}")
    same(set(accounts()) - set(before), {"anna.maria"}, "and no account was made")
    surrogate = vault.call("POST", "/accounts", "admin", json.dumps(NEW).replace(
        "vittima", "\\ud800").encode(), {"Content-Type": "application/json"})
    same(surrogate.status, 400, "half a character")


@scenario
def the_journal_is_whole():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
