#!/usr/bin/env python3
"""Guessing passwords: the lock, the same for names that nobody has, and who may lift it."""
from harness import (PASSWORD, RunningVault, demand, run_scenarios, same, scenario)

vault = RunningVault()


def sign_in(name, password):
    return vault.call("POST", "/sessions", body={"user": name, "password": password})


def pattern(name, first):
    """What six wrong guesses and then the right password (or a seventh guess) are told."""
    answers = [sign_in(name, f"tentativo sbagliato {i}") for i in range(5)]
    answers += [sign_in(name, "tentativo sbagliato 6"), sign_in(name, first)]
    return [answer.without_its_own() for answer in answers], [answer.status for answer in answers]


@scenario
def a_wrong_password_is_refused_without_a_reason():
    vault.serve()
    vault.login("admin")
    vault.account("anna", "archivist", "municipio-3")
    answer = sign_in("anna", "non è questa")
    same((answer.status, answer.code), (401, "login.failed"), "a wrong password")
    nobody = sign_in("nessuno", "non è questa")
    same(nobody.without_its_own(), answer.without_its_own(), "a name that nobody has")
    odd = sign_in("no\u0000me \u202e" + "x" * 500, "non è questa")
    same(odd.without_its_own(), answer.without_its_own(), "a name that nobody can have")
    same(sign_in("anna", PASSWORD).status, 201, "the right one, in time")
    wrong = vault.secret("wrong", "non è questa")
    same(vault.custode("altra", "login", "--user", "anna", "--password-file", wrong, exit=1).code,
         "login.failed")


@scenario
def five_failures_lock_a_name_whether_anybody_has_it_or_not():
    vault.custode("admin", "account", "create", "bersaglio", "--role", "social-worker",
                  "--password-file", vault.password_file)
    known, statuses = pattern("bersaglio", PASSWORD)
    same(statuses, [401] * 5 + [423, 423], "five failures, then the lock, even for the right one")
    unknown, _ = pattern("inesistente", PASSWORD)
    same(unknown, known, "an unknown name, byte for byte")
    same(vault.custode("altra", "login", "--user", "bersaglio", exit=5).code, "account.locked")
    same(sign_in("BERSAGLIO ", PASSWORD).status, 423, "however the name is written")


@scenario
def a_lock_outlives_a_restart():
    vault.stop()
    vault.serve()
    vault.login("admin")
    locked = sign_in("bersaglio", PASSWORD)
    same(locked.status, 423, "after the restart")
    same(sign_in("inesistente", PASSWORD).without_its_own(), locked.without_its_own(),
         "an unknown name, after the restart")
    listed = {item["name"]: item for item in vault.custode("admin", "account", "list").json["items"]}
    demand(listed["bersaglio"]["locked_until"], "the list says until when")


@scenario
def an_administrator_lifts_it_and_nobody_else():
    vault.login("anna")
    vault.custode("anna", "account", "unlock", "bersaglio", exit=3)
    vault.custode("admin", "account", "unlock", "bersaglio")
    same(sign_in("bersaglio", PASSWORD).status, 201, "after the unlocking")
    vault.custode("admin", "account", "unlock", "inesistente", exit=3)


@scenario
def a_disabled_account_is_out_at_once():
    vault.login("bersaglio")
    vault.custode("admin", "account", "disable", "bersaglio")
    same(vault.custode("bersaglio", "whoami", exit=5).code, "session.expired")
    answer = sign_in("bersaglio", PASSWORD)
    same((answer.status, answer.code), (401, "login.failed"), "no word about being disabled")
    vault.custode("admin", "account", "enable", "bersaglio")
    vault.login("bersaglio")


@scenario
def the_last_administrator_stays():
    for verb in (("disable", "admin"), ("revoke", "admin", "--role", "administrator")):
        same(vault.custode("admin", "account", *verb, exit=2).code, "account.last_administrator")
    vault.custode("admin", "account", "create", "vice", "--role", "administrator",
                  "--password-file", vault.password_file)
    vault.login("vice")
    waits = vault.custode("vice", "account", "disable", "admin").json["proposal"]
    vault.custode("admin", "proposal", "approve", waits["id"], "--statement",
                  waits["statement"]["sha256"])
    same(vault.custode("vice", "account", "disable", "vice", exit=2).code,
         "account.last_administrator")
    vault.custode("vice", "account", "enable", "admin")
    vault.login("admin")


@scenario
def names_have_a_rule():
    def create(name):
        return vault.call("POST", "/accounts", "admin",
                          {"name": name, "role": "social-worker", "password": PASSWORD})
    same(create("nome.di.utenza").status, 201, "a plain name")
    same(create("Nome.Di.Utenza").code, "account.exists")
    for name in ("", "con spazio", "a" * 65, "a/b", "а" * 3, "\u0000"):
        answer = create(name)
        same((answer.status, answer.code), (400, "account.name_invalid"), repr(name))


@scenario
def the_journal_is_whole():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
