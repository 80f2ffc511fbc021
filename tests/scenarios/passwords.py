#!/usr/bin/env python3
"""Passwords: which are refused, how one changes one's own, and what a reset leaves one able to do."""
from harness import PASSWORD, demand, run_scenarios, same, scenario, staffed_vault

NEW, PASSING = "una seconda frase lunga", "passeggera ma lunga"

vault = staffed_vault()
vault.account("giulia", "social-worker")
dossier = vault.open_dossier("anna", "Segreti")


def sign_in(name, password):
    return vault.call("POST", "/sessions", body={"user": name, "password": password})


def change(name, by=None, **body):
    return vault.call("PUT", f"/accounts/{name}/password", by or name, body)


def outcome(answer):
    return (answer.status, answer.code if answer.status >= 400 else "")


@scenario
def what_is_guessed_first_is_no_password():
    refused = {"password.too_short": ("", "undici.....", "èèèèèè"),
               "password.too_long": ("x" * 1025,),
               "password.is_name": ("nome.di.utenza",),
               "password.too_common": ("password1234", "P@ssw0rd2026!", "custode custode",
                                       "Servizi Sociali 2026", "qwertyuiop12", "a" * 12)}
    for code, passwords in refused.items():
        for password in passwords:
            answer = vault.call("POST", "/accounts", "admin", {
                "name": "nome.di.utenza", "role": "social-worker", "password": password})
            same(outcome(answer), (400, code), password[:20])
            demand(password not in answer.body.decode() or not password, "it is not repeated")
    same(outcome(change("anna", old=PASSWORD, password="Milano Milano 1")),
         (400, "password.too_common"), "nor one's own new one")


@scenario
def the_words_of_the_town_are_no_password_there():
    vault.config.write_text(vault.config.read_text() + 'body = "Comune di Valfinta"\n')
    vault.stop()
    vault.serve()
    for user in ("admin", "anna", "giulia"):
        vault.login(user)
    same(outcome(change("anna", old=PASSWORD, password="Valfinta.1848!")),
         (400, "password.too_common"), "the town")


@scenario
def one_changes_ones_own_with_the_present_one_and_other_sessions_end():
    elsewhere = sign_in("anna", PASSWORD).json["token"]
    same(outcome(change("anna", password=NEW)), (400, "password.old_needed"), "without it")
    same(outcome(change("ANNA", "anna", password=NEW)), (400, "password.old_needed"),
         "however the name is written")
    same(outcome(change("admin", "admin", password=NEW)), (400, "password.old_needed"),
         "administrators too")
    same(outcome(change("anna", old="non è questa", password=NEW)), (401, "login.failed"), "wrong")
    same(outcome(change("anna", old=PASSWORD, password=PASSWORD)), (400, "password.same"), "same")
    same(vault.call("GET", "/me", token=elsewhere).status, 200, "nothing has changed")
    fresh = vault.secret("fresh", NEW)
    vault.custode("anna", "account", "password", "--password-file", fresh, "--old-password-file",
                  vault.password_file)
    same(vault.call("GET", "/me", token=elsewhere).code, "session.expired", "the other session")
    same(vault.call("GET", "/me", "anna").status, 200, "the one that changed it goes on")
    same(sign_in("anna", PASSWORD).status, 401, "the old password")
    same(sign_in("anna", NEW).status, 201, "the new one")


@scenario
def after_a_reset_one_can_do_nothing_but_change_it():
    fresh = vault.secret("passing", PASSING)
    before = vault.token("anna")
    vault.custode("admin", "account", "password", "anna", "--password-file", fresh)
    same(vault.call("GET", "/me", token=before).code, "session.expired", "what was open ended")
    vault.stop()
    vault.serve()
    vault.login("admin")
    entered = vault.custode("anna", "login", "--user", "anna", "--password-file", fresh)
    demand(b"account password" in entered.err, "the client says what to do")
    same(vault.call("GET", "/me", "anna").json["owed"], "password", "what is owed")
    for method, path, body in (
            ("GET", "/dossiers", None), ("GET", f"/dossiers/{dossier}", None),
            ("GET", "/documents", None), ("GET", "/units", None), ("GET", "/checkpoint", None),
            ("GET", "/accounts", None), ("POST", "/seal", None),
            ("POST", "/searches", {"query": "segreti", "in": "dossiers"}),
            ("PUT", "/accounts/giulia/password", {"password": NEW, "old": PASSING})):
        same(outcome(vault.call(method, path, "anna", body)), (423, "password.must_change"),
             f"{method} {path}")
    same(vault.custode("anna", "dossier", "list", exit=5).code, "password.must_change")
    same(outcome(change("anna", old=PASSING, password=NEW)), (204, ""), "the change")
    same(vault.call("GET", "/me", "anna").json["owed"], None, "nothing is owed any more")
    same(vault.call("GET", "/dossiers", "anna").status, 200, "and the day goes on")
    same(sign_in("anna", NEW).json["owed"], None, "at the next login too")


@scenario
def a_first_password_may_be_made_to_last_one_login():
    fresh = vault.secret("first", PASSING)
    vault.custode("admin", "account", "create", "nuova", "--role", "social-worker",
                  "--password-file", fresh, "--temporary")
    same(sign_in("nuova", PASSING).json["owed"], "password", "owed at the first login")
    answer = vault.call("POST", "/accounts", "admin",
                        {"name": "x", "role": "social-worker", "password": NEW, "temporary": "sì"})
    same(outcome(answer), (400, "field.invalid"), "yes or no")


@scenario
def nobody_else_resets():
    vault.login("giulia")
    same(change("anna", "giulia", password=NEW).status, 404, "a colleague")
    same(change("nessuno", "giulia", password=NEW).status, 404, "nobody's")
    for name in ("nessuno", "a%20b"):
        same(change(name, "admin", password=NEW).status, 404, "nobody's, by the administrator")


@scenario
def the_journal_is_whole_and_gives_the_same_tables():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
