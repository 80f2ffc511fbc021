#!/usr/bin/env python3
"""The rights of administrators change with two people, and the second sees what the first proposed."""
import hashlib
import json
import uuid

from harness import HAS_CONTROLS, demand, run_scenarios, same, scenario, staffed_vault

vault = staffed_vault()
ADMINISTRATOR = ("--role", "administrator")
waiting = {}


def account(user, *arguments, exit=0):
    return vault.custode(user, "account", *arguments, exit=exit)


def proposal(user, *arguments, exit=0):
    return vault.custode(user, "proposal", *arguments, exit=exit)


def proposed(user, *arguments):
    """What that verb puts to a second person."""
    answer = account(user, *arguments).json
    same(answer["proposal"]["state"], "open", arguments)
    return answer["proposal"]["id"]


def approve(user, which, exit=0):
    hash = proposal("admin", "show", which).json["statement"]["sha256"]
    return proposal(user, "approve", which, "--statement", hash, exit=exit)


def roles_of(name):
    items = {item["name"]: item for item in account("admin", "list").json["items"]}
    return [role["role"] for role in items[name]["roles"]]


def state_of(name):
    items = {item["name"]: item for item in account("admin", "list").json["items"]}
    return items[name]["state"]


@scenario
def a_single_administrator_decides_alone_and_the_status_says_so():
    same(vault.call("GET", "/status").json["second_administrator"], False, "one of them")
    account("admin", "create", "carla", *ADMINISTRATOR, "--password-file", vault.password_file)
    vault.login("carla")
    same(roles_of("carla"), ["administrator"], "at once")
    same(vault.call("GET", "/status").json["second_administrator"], True, "two of them")


@scenario
def nobody_gives_a_role_to_themselves():
    for role in (ADMINISTRATOR, ("--role", "archivist", "--unit", "municipio-3")):
        same(account("admin", "grant", "admin", *role, exit=4).code, "account.own_rights", role)
    same(roles_of("admin"), ["administrator"], "nothing was added")


@scenario
def from_two_on_every_right_of_an_administrator_waits_for_the_second():
    account("admin", "create", "dario", "--role", "statistics", "--password-file",
            vault.password_file)
    before = {name: (roles_of(name), state_of(name)) for name in ("carla", "dario")}
    waiting["grant"] = proposed("admin", "grant", "dario", *ADMINISTRATOR)
    waiting["revoke"] = proposed("admin", "revoke", "carla", *ADMINISTRATOR)
    waiting["disable"] = proposed("admin", "disable", "carla")
    answer = vault.call("PUT", "/accounts/carla/password", "admin",
                        {"password": "una seconda frase lunga"})
    same(answer.status, 202, "a password that an administrator would sign in with")
    waiting["password"] = answer.json["proposal"]["id"]
    same({name: (roles_of(name), state_of(name)) for name in before}, before, "nothing changed")
    vault.custode("carla", "whoami")
    vault.login("carla")
    answer = vault.call("POST", "/accounts", "admin",
                        {"name": "elio", "role": "administrator",
                         "password": "una seconda frase lunga"})
    same((answer.status, roles_of("elio")), (202, []), "made without a role")
    waiting["elio"] = answer.json["proposal"]["id"]
    same(sorted(item["kind"] for item in proposal("carla", "list").json["items"]),
         ["account.disable", "password.reset", "role.grant", "role.grant", "role.revoke"], "all")
    demand("hash" not in str(vault.call("GET", "/proposals", "carla").json).replace("sha", ""),
           "no password's hash is shown")


@scenario
def other_rights_need_no_second_person():
    account("admin", "grant", "dario", "--role", "archivist", "--unit", "municipio-3")
    account("admin", "revoke", "dario", "--role", "archivist")
    account("admin", "disable", "dario")
    account("admin", "enable", "dario")


@scenario
def the_statement_is_clear_hashed_and_complete():
    shown = proposal("carla", "show", waiting["grant"]).json
    statement = shown["statement"]
    said = json.loads(statement["text"])
    same((said["kind"], said["account"], said["role"]["role"], said["proposer"],
          said["proposal"]), ("role.grant", "dario", "administrator", "admin", waiting["grant"]))
    same(statement["text"], json.dumps(said, sort_keys=True, separators=(",", ":")), "one spelling")
    same(hashlib.sha256(bytes.fromhex(statement["salt"]) + statement["text"].encode()).hexdigest(),
         statement["sha256"], "its hash")


@scenario
def nobody_approves_their_own_and_only_what_was_shown_is_approved():
    same(approve("admin", waiting["grant"], exit=4).code, "proposal.own")
    other = proposal("carla", "show", waiting["revoke"]).json["statement"]["sha256"]
    same(proposal("carla", "approve", waiting["grant"], "--statement", other, exit=4).code,
         "proposal.other_statement", "the client looks")
    answer = vault.call("POST", f"/proposals/{waiting['grant']}/approve", "carla",
                        {"statement": other})
    same((answer.status, answer.code), (409, "proposal.statement"), "and so does the daemon")
    same(vault.call("POST", f"/proposals/{waiting['grant']}/approve", "carla",
                    {"statement": None}).status, 400, "no statement")
    same(roles_of("dario"), ["statistics"], "nothing was done")


@scenario
def who_may_not_decide_is_answered_as_if_there_were_nothing():
    for method, path, body in (("GET", "", None), ("POST", "/approve", {"statement": "0" * 64}),
                               ("POST", "/refuse", {"reason": "no"}), ("POST", "/cancel", {})):
        there = vault.call(method, f"/proposals/{waiting['grant']}{path}", "anna", body)
        missing = vault.call(method, f"/proposals/{uuid.uuid4()}{path}", "anna", body)
        same(there.without_its_own(), missing.without_its_own(), path)
        same(there.status, 404, path)
    same(proposal("carla", "show", str(uuid.uuid4()), exit=3).code, "not_found")


@scenario
def a_second_person_approves_and_it_is_done_once():
    answer = approve("carla", waiting["grant"]).json
    same((answer["proposal"]["state"], answer["proposal"]["proposer"],
          answer["proposal"]["decider"]), ("executed", "admin", "carla"))
    same(sorted(roles_of("dario")), ["administrator", "statistics"], "it is done")
    said = json.loads(answer["receipt"]["statement"])
    same((said["proposer"], said["approver"], said["statement"]),
         ("admin", "carla", answer["proposal"]["statement"]["sha256"]), "both names, one statement")
    receipt = vault.folder / "approval.json"
    receipt.write_text(json.dumps(answer["receipt"], sort_keys=True, ensure_ascii=False,
                                  separators=(",", ":")))
    vault.custode("carla", "receipt", "verify", receipt)
    account("admin", "revoke", "dario", "--role", "statistics")
    same(approve("carla", waiting["grant"], exit=4).code, "proposal.decided", "not twice")


@scenario
def who_proposed_it_cancels_and_others_refuse():
    same(proposal("carla", "cancel", waiting["disable"], exit=4).code, "proposal.not_own")
    same(proposal("admin", "refuse", waiting["disable"], "--reason", "no", exit=4).code,
         "proposal.own")
    same(proposal("carla", "refuse", waiting["disable"], "--reason", "  ", exit=2).code,
         "reason.missing")
    same(proposal("carla", "refuse", waiting["disable"], "--reason", "non concordato").json["state"],
         "refused")
    same(proposal("admin", "cancel", waiting["password"]).json["state"], "cancelled")
    for gone in ("disable", "password"):
        same(approve("carla", waiting[gone], exit=4).code, "proposal.decided", gone)
    vault.login("carla")
    same(state_of("carla"), "active", "nothing was done")


@scenario
def what_was_proposed_is_looked_at_again_when_it_is_done():
    vault.login("dario")
    again = proposed("carla", "revoke", "dario", *ADMINISTRATOR)
    revoke = proposed("admin", "revoke", "dario", *ADMINISTRATOR)
    approve("carla", revoke)
    same(roles_of("dario"), [], "the role is gone")
    same(approve("admin", again, exit=4).code, "proposal.stale", "there is nothing to revoke")
    approve("carla", waiting["elio"])
    same(roles_of("elio"), ["administrator"], "the third")
    token = vault.call("POST", "/sessions", None,
                       {"user": "elio", "password": "una seconda frase lunga"}).json["token"]
    by_elio = vault.call("POST", "/accounts/anna/roles", token=token,
                         body={"role": "administrator"}).json["proposal"]
    approve("carla", proposed("admin", "disable", "elio"))
    same(vault.call("POST", f"/proposals/{by_elio['id']}/approve", "carla",
                    {"statement": by_elio["statement"]["sha256"]}).code, "proposal.stale",
         "its proposer holds no right any more")
    same(roles_of("anna"), ["archivist"], "nothing was done")


@scenario
def the_last_administrator_cannot_go_with_two_signatures_either():
    gone = proposed("admin", "disable", "carla")
    alone = proposed("carla", "disable", "admin")
    approve("carla", gone)
    same(state_of("carla"), "disabled", "by her own approval")
    same(vault.call("GET", "/status").json["second_administrator"], False, "one is left")
    same(account("admin", "disable", "admin", exit=2).code, "account.last_administrator")
    account("admin", "enable", "carla")
    vault.login("carla")
    same(proposal("carla", "list").json["items"][0]["id"], alone, "hers still waits")
    proposal("carla", "cancel", alone)


@scenario
def a_proposal_outlives_a_restart_and_the_tables_are_the_journals():
    kept = proposed("admin", "grant", "anna", *ADMINISTRATOR)
    vault.stop()
    vault.verify()
    vault.rebuild()
    vault.serve()
    for name in ("admin", "carla"):
        vault.login(name)
    approve("carla", kept)
    same(sorted(roles_of("anna")), ["administrator", "archivist"], "done after the restart")


def without_the_guard_one_alone_would_have_both_hands():
    vault.stop()
    vault.serve(CUSTODE_WITHOUT="second_person")
    for name in ("admin", "carla"):
        vault.login(name)
    one = proposed("admin", "revoke", "anna", *ADMINISTRATOR)
    same(approve("admin", one).json["proposal"]["state"], "executed",
         "the control: this harness would have noticed")


if HAS_CONTROLS:
    scenario(without_the_guard_one_alone_would_have_both_hands)

if __name__ == "__main__":
    with vault:
        run_scenarios()
