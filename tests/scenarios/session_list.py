#!/usr/bin/env python3
"""Sessions: seen and ended by their owner and by administrators; a token that ended opens nothing."""
import uuid

from harness import PASSWORD, demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("berta", "archivist", "municipio-5")


def sign_in(name):
    return vault.call("POST", "/sessions", body={"user": name, "password": PASSWORD}).json["token"]


def listed(user, of=None):
    return vault.call("GET", f"/accounts/{of}/sessions" if of else "/sessions", user).json["items"]


def ended(token):
    return vault.call("GET", "/me", token=token)


@scenario
def everybody_sees_their_own_and_which_one_asks():
    other = sign_in("anna")
    mine = listed("anna")
    same([one["current"] for one in mine], [True, False], "this one, and the other")
    same({one["address"] for one in mine}, {"127.0.0.1"}, "from where")
    same(set(mine[0]), {"id", "opened", "used", "expires", "address", "current"}, "and no more")
    demand(other not in str(mine) and vault.token("anna") not in str(mine), "an id is no token")
    same(ended(mine[1]["id"]).code, "session.expired", "nor does it open anything")
    same(vault.custode("anna", "session", "list").json["items"][0]["id"], mine[0]["id"])


@scenario
def one_ends_ones_own_and_nobody_elses():
    other = sign_in("anna")
    target = listed("anna")[-1]["id"]
    for user in ("berta", "anna"):
        same(vault.call("DELETE", f"/sessions/{uuid.uuid4()}", user).status, 404, "nobody's")
    same(vault.call("DELETE", "/sessions/nonsense", "anna").status, 404, "no id")
    nobodys = vault.call("DELETE", f"/sessions/{uuid.uuid4()}", "berta").without_its_own()
    same(vault.call("DELETE", f"/sessions/{target}", "berta").without_its_own(), nobodys,
         "somebody else's is nobody's")
    same(ended(other).status, 200, "and lives on")
    vault.custode("anna", "session", "revoke", target)
    same(ended(other).code, "session.expired", "its owner ends it")
    vault.custode("anna", "session", "revoke", target, exit=3)
    vault.custode("anna", "session", "revoke", exit=2)


@scenario
def an_administrator_sees_where_and_ends_them():
    tokens = [sign_in("berta"), sign_in("berta")]
    shown = listed("admin", "berta")
    same(len(shown), 3, "hers")
    demand(not any(one["current"] for one in shown), "none is the administrator's")
    for path in ("/accounts/berta/sessions", f"/accounts/berta/sessions/{shown[0]['id']}"):
        same(vault.call("DELETE", path, "anna").status, 404, "a colleague may not")
    same(vault.call("GET", "/accounts/berta/sessions", "anna").status, 404, "nor see them")
    same(vault.call("GET", "/accounts/nessuno/sessions", "admin").status, 404, "nobody's")
    same(vault.call("DELETE", f"/accounts/anna/sessions/{shown[0]['id']}", "admin").status, 404,
         "of another account")
    vault.custode("admin", "session", "revoke", shown[1]["id"], "--user", "berta")
    same((ended(tokens[0]).code, ended(tokens[1]).status), ("session.expired", 200), "one of them")
    vault.custode("admin", "session", "revoke", "--user", "berta", "--all")
    for token in (tokens[1], vault.token("berta")):
        same(ended(token).code, "session.expired", "all of them")
    vault.login("berta")


@scenario
def whatever_ended_a_token_it_is_told_alike():
    never = ended("A" * 43).without_its_own()
    out = sign_in("anna")
    vault.call("DELETE", "/sessions/current", token=out)
    revoked = sign_in("anna")
    vault.call("DELETE", f"/sessions/{listed('anna')[-1]['id']}", "anna")
    disabled = sign_in("berta")
    vault.custode("admin", "account", "disable", "berta")
    vault.custode("admin", "account", "enable", "berta")
    for name, token in (("logged out", out), ("revoked", revoked), ("disabled", disabled),
                        ("cut", vault.token("anna")[:-1]), ("longer", vault.token("anna") + "A"),
                        ("in another case", vault.token("anna").swapcase()), ("long", "x" * 4000)):
        for method, path in (("GET", "/me"), ("GET", "/dossiers"), ("DELETE", "/sessions/current")):
            answer = vault.call(method, path, token=token)
            same(answer.without_its_own()[0], 401, f"{name}: {method} {path}")
        same(ended(token).without_its_own(), never, name)
    vault.stop()
    vault.serve()
    same(ended(vault.token("anna")).without_its_own(), never, "a session of before the restart")


@scenario
def the_journal_is_whole():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
