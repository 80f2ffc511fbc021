#!/usr/bin/env python3
"""What people read: each in their own language, naming what is wrong and what to do."""
import datetime
import os
import pty
import re
import select
import subprocess
import zoneinfo

from harness import BIN, PATIENCE, demand, run, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
ids = {}


def wide(user, lang):
    return vault.environment(CUSTODE_SERVER=vault.url, CUSTODE_CA=str(vault.made["ca"]),
                             CUSTODE_SESSION=str(vault.home(user) / "session"), CUSTODE_LANG=lang)


def said(user, lang, *arguments, exit=0):
    """What a person reads: both streams of the client in that language."""
    done = run([BIN / "custode", *arguments], exit, environment=wide(user, lang))
    return (done.out + done.err).decode()


def on_terminal(user, columns, *arguments):
    """The lines that the client writes on a terminal so many columns wide."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", "24"], stdin=theirs, check=True)
    process = subprocess.Popen([BIN / "custode", *arguments], stdout=theirs,
                               env=wide(user, "it"))
    os.close(theirs)
    text = b""
    try:
        while select.select([ours], [], [], PATIENCE)[0]:
            piece = os.read(ours, 65536)
            if not piece:
                break
            text += piece
    except OSError:
        pass  # the other end is closed: all was read
    os.close(ours)
    same(process.wait(PATIENCE), 0, arguments)
    return text.decode().replace("\r\n", "\n").splitlines()


@scenario
def a_search_says_in_italian_on_what_it_fell():
    ids["dossier"] = vault.open_dossier("anna", "Parolini", "Lia")
    italian, english = (said("anna", lang, "search", "parolini") for lang in ("it", "en"))
    demand(re.search(r"municipio-3 +nome +[0-9a-f]{8}-", italian), italian)
    demand(re.search(r"municipio-3 +name +[0-9a-f]{8}-", english), english)
    demand("aperto" in said("anna", "it", "dossier", "list"), "the state, in Italian")
    demand("Nessun risultato." in said("anna", "it", "search", "nessunissimo"), "nothing is said")


@scenario
def help_names_the_option_that_its_example_uses():
    for verb, option in (("assign", "--to"), ("conflict", "--of")):
        for lang, name in (("it", "NOME"), ("en", "NAME")):
            shown = said("anna", lang, "dossier", verb, "--help")
            demand(re.search(rf"[ \[]{option} {name}", shown.split("\n\n")[1]), shown)
    english = said("anna", "en", "account", "grant", "--help")
    demand("RUOLO" not in english and "ÉQUIPE" not in english, "English help")
    demand("FASCICOLO" in said("anna", "it", "list", "--help"), "Italian help")


@scenario
def a_wrong_use_is_told_without_a_foreign_word():
    for wrong in (["nonsense"], ["list", "--nonsense"], ["search"], ["get", "x"]):
        shown = said("anna", "it", *wrong, exit=2)
        for foreign in ("required", "following", "not expected"):
            demand(foreign not in shown, shown)
    many = said("anna", "it", "receipt", "verify", *(f"file-{n}" for n in range(300)), exit=2)
    demand(len(many) < 600, many)


@scenario
def a_birth_after_today_in_rome_is_refused():
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Rome")).date()
    later = (today + datetime.timedelta(days=2)).isoformat()  # midnight may come meanwhile
    opening = ["dossier", "open", "--surname", "Domani", "--unit", "municipio-3", "--born"]
    same(vault.custode("anna", *opening, later, exit=2).code, "birth.future")
    same(vault.custode("anna", *opening, str(today.year + 2), exit=2).code, "birth.future")
    same(vault.custode("anna", "dossier", "correct", ids["dossier"], "--born", later, "--reason",
                       "prova", exit=2).code, "birth.future")
    demand("La nascita è nel futuro" in said("anna", "it", *opening, later, exit=2), "in Italian")
    demand("lies in the future" in said("anna", "en", *opening, later, exit=2), "in English")
    vault.custode("anna", *opening, (today - datetime.timedelta(days=1)).isoformat())


@scenario
def a_refused_field_and_a_twin_are_named():
    paper = vault.document("a.txt", b"una carta")
    for lang, label in (("it", "campo"), ("en", "field")):
        for option, field, codes in (("--type", "type", "document-types"),
                                     ("--authority", "authority", "authorities")):
            wrong = ["--type", "decreto", option, "inventato"][0 if field == "authority" else 2:]
            shown = said("anna", lang, "file", ids["dossier"], paper, *wrong, exit=2)
            demand(f"{label}: {field} (custode codes {codes})" in shown, shown)
    code = vault.custode("anna", "dossier", "show", ids["dossier"]).json["code"]
    demand(f"fascicolo: {code}" in said("anna", "it", "dossier", "open", "--surname", "Parolini",
                                        "--name", "Lia", "--unit", "municipio-3", exit=4), code)


@scenario
def a_narrow_terminal_cuts_no_word():
    vault.custode("anna", "file", ids["dossier"], vault.document("una carta.txt", b"carta"),
                  "--type", "decreto", "--authority", "TM", "--dated", "2026-03-12", "--subject",
                  "Affidamento al servizio sociale e prescrizioni ai genitori")
    for columns in (80, 60):
        for verb in (["list"], ["list", "--incomplete"], ["dossier", "list"], ["search", "lia"],
                     ["codes", "authorities"], ["unit", "list"]):
            for line in on_terminal("anna", columns, *verb):
                demand(len(line) <= columns, (columns, verb, line))
    same(len(said("anna", "it", "list").splitlines()), 2, "a pipe gets a line a document")


@scenario
def the_scheme_of_the_authorization_has_no_case():
    token = vault.token("anna")
    for scheme, status in (("bearer", 200), ("BEARER", 200), ("Bearer", 200), ("basic", 401),
                           ("bearers", 401)):
        answer = vault.call("GET", "/me", headers={"Authorization": f"{scheme} {token}"})
        same(answer.status, status, scheme)


@scenario
def the_daemon_speaks_the_language_of_its_locale():
    def daemon(language, *arguments, exit=0):
        done = run([BIN / "custoded", *arguments], exit,
                   environment={"PATH": os.environ["PATH"], **language})
        return (done.out + done.err).decode()
    italian, english = {"LANG": "it_IT.UTF-8"}, {"LC_ALL": "C.UTF-8", "LANG": "it_IT.UTF-8"}
    for language, made, usage, wrong in (
            (italian, "Archivio creato in", "Uso:", "Cosa fare:"),
            (english, "Vault made in", "Usage:", "What to do:"),
            ({}, "Vault made in", "Usage:", "What to do:"),
            ({"CUSTODE_LANG": "it", **english}, "Archivio creato in", "Uso:", "Cosa fare:")):
        folder = vault.folder / f"other-{len(list(vault.folder.iterdir()))}"
        init = ["init", folder / "vault", "--keyfile", folder / "key", "--admin-password-file",
                vault.password_file, "--allow-any-file-system"]
        folder.mkdir()
        shown = daemon(language, *init)
        demand(made in shown, shown)
        demand(wrong in daemon(language, *init, exit=4), language)
        shown = daemon(language, "serve", "--help")
        demand(usage in shown and "TEXT" not in shown and "Positionals" not in shown, shown)
        same("Options:" in shown, usage == "Usage:", "the heading of the options")


with vault:
    run_scenarios()
