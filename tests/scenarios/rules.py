#!/usr/bin/env python3
"""The rules of access come from a file; a bad one leaves the old ones in force and says so."""
import pathlib
import signal

from harness import BIN, demand, run, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
vault.account("sara", "statistics")
dossier = vault.open_dossier("anna", "Regole")
shipped = pathlib.Path(__file__).resolve().parents[2] / "policies/rules/access.toml"
rules = vault.folder / "access.toml"
LOOK = '''
[[rule]]
id = "test.statistics.look"
role = "statistics"
actions = ["dossier.list", "dossier.show"]
scope = "all"
source = "prova"
'''


def log_lines(event):
    return [line for line in vault.log.read_text().splitlines() if event in line]


def reload(text, event):
    """Gives the daemon another file, and waits until it has said what it makes of it."""
    rules.write_text(text)
    before = len(log_lines(event))
    vault.process.send_signal(signal.SIGHUP)
    vault.wait(lambda: len(log_lines(event)) > before, f"the log says {event}")
    return log_lines(event)[-1]


def sees(user):
    return vault.call("GET", f"/dossiers/{dossier}", user).status


@scenario
def the_shipped_rules_are_told_role_by_role_in_both_languages():
    for language, name in (("it", "assistente sociale titolare"), ("en", "social worker in charge")):
        told = run([BIN / "custoded", "rules", "check"], environment=vault.environment(
            CUSTODE_LANG=language)).out.decode()
        demand(name in told and "access.any.conflict" in told, told)
    answer = vault.custoded("rules", "check", shipped).json
    same((answer[0]["ok"], len(answer[0]["sha256"]), len(answer[0]["roles"])), (True, 64, 16), "it")


@scenario
def a_bad_file_is_refused_with_line_and_reason_and_a_code():
    for name, text, reason in (
            ("unknown role", shipped.read_text().replace('role = "legal-office"', 'role = "mago"', 1),
             "unknown role 'mago'"),
            ("twice", shipped.read_text() + LOOK + LOOK, "id 'test.statistics.look' twice"),
            ("circle", shipped.read_text().replace(
                '"mail-room", "team-member"', '"staff", "team-member"', 1), "group 'staff' holds itself"),
            ("too long", shipped.read_text() + LOOK.replace("look", "l" * 80),
             "id is longer than 64 characters"),
            ("cut", shipped.read_text()[:-40], "not TOML")):
        rules.write_text(text)
        result = vault.custoded("rules", "check", rules, exit=2).json[0]
        same(result["reason"], reason, name)
        demand(result["line"] > 0, f"{name}: no line")


@scenario
def a_file_of_the_configuration_comes_in_force():
    same(sees("sara"), 404, "before")
    vault.stop()
    rules.write_text(shipped.read_text() + LOOK)
    vault.config.write_text(vault.config.read_text() + f'rules = "{rules}"\n')
    vault.serve()
    for user in ("admin", "anna", "sara"):
        vault.login(user)
    same(sees("sara"), 200, "a rule more")


@scenario
def a_bad_file_at_reload_leaves_the_old_rules_in_force_and_says_so():
    said = reload(shipped.read_text() + LOOK.replace("statistics\"", "mago\""), "rules.refused")
    demand("unknown role 'mago'" in said and "old rules stay in force" in said, said)
    same(sees("sara"), 200, "the old rules")
    rules.unlink()
    vault.process.send_signal(signal.SIGHUP)
    vault.wait(lambda: len(log_lines("rules.refused")) > 1, "a file that is not there is refused")
    same(sees("sara"), 200, "the old rules")


@scenario
def a_bad_file_at_start_leaves_those_in_force_that_were_so_last():
    vault.stop()
    rules.write_text("format = 7\n")
    before = len(log_lines("rules.refused"))
    vault.serve()
    vault.wait(lambda: len(log_lines("rules.refused")) > before, "the log says so")
    for user in ("admin", "anna", "sara"):
        vault.login(user)
    same(sees("sara"), 200, "the rules of before, out of the journal")


@scenario
def a_good_file_at_reload_comes_in_force_at_once():
    reload(shipped.read_text(), "rules.loaded")
    same(sees("sara"), 404, "the rule is gone")
    same(sees("anna"), 200, "the others work on")


@scenario
def what_was_in_force_is_in_the_journal_and_a_rebuild_gives_it():
    vault.stop()
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
