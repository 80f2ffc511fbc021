#!/usr/bin/env python3
"""One-time codes and recovery codes beside the password, computed here without our code (RFC 6238)."""
import base64
import concurrent.futures
import hashlib
import hmac
import struct
import sys
import time

from harness import (FAKETIME, PASSWORD, RunningVault, demand, run_scenarios, same, scenario)

if not FAKETIME:
    print("skipped: the clock cannot be moved here (no libfaketime, or sanitizers)")
    sys.exit(77)

vault = RunningVault()
clock = vault.folder / "clock"
kept = {}
offset = 0


def now():
    return time.time() + offset


def tick():
    """Five seconds into the next step of thirty: nothing hangs on a border."""
    global offset
    offset += 35 - now() % 30
    clock.write_text(f"{offset:+f}\n")


def serve():
    clock.write_text(f"{offset:+f}\n")
    vault.serve(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
                FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")


def code(secret, beside=0):
    key = base64.b32decode(secret)
    mac = hmac.digest(key, struct.pack(">Q", int(now() // 30) + beside), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def sign_in(name, otp=None, password=PASSWORD):
    return vault.call("POST", "/sessions", body={
        "user": name, "password": password, **({} if otp is None else {"otp": otp})})


def enrol(user):
    begun = vault.call("POST", "/me/second-factor", user, {"password": PASSWORD})
    same(begun.status, 201, "it begins")
    secret = begun.json["secret"]
    tick()
    done = vault.call("POST", "/me/second-factor/confirm", user, {"code": code(secret)})
    same(done.status, 201, "and holds from its first code on")
    return secret, done.json["recovery"]


def unlock(name):
    vault.custode("admin", "account", "unlock", name)


@scenario
def it_begins_with_the_password_and_holds_from_the_first_code_on():
    serve()
    vault.login("admin")
    vault.account("anna", "archivist", "municipio-3")
    vault.account("giulia", "social-worker")
    elsewhere = sign_in("anna").json["token"]
    confirm = {"code": "123456"}
    same(vault.call("POST", "/me/second-factor/confirm", "anna", confirm).code, "otp.not_begun")
    wrong = vault.call("POST", "/me/second-factor", "anna", {"password": "non è questa"})
    same(wrong.code, "login.failed", "a session alone does not begin it")
    begun = vault.call("POST", "/me/second-factor", "anna", {"password": PASSWORD}).json
    demand(begun["uri"].startswith("otpauth://totp/Custode:anna?secret=" + begun["secret"]), begun)
    same(len(base64.b32decode(begun["secret"])), 20, "160 random bits")
    same(sign_in("anna").status, 201, "begun is not yet enrolled")
    tick()
    off = f"{(int(code(begun['secret'])) + 1) % 1_000_000:06}"
    same(vault.call("POST", "/me/second-factor/confirm", "anna", {"code": off}).code, "otp.wrong")
    done = vault.call("POST", "/me/second-factor/confirm", "anna", {"code": code(begun["secret"])})
    same((done.status, len(set(done.json["recovery"]))), (201, 10), "ten recovery codes")
    kept["anna"], kept["recovery"] = begun["secret"], done.json["recovery"]
    same(vault.call("GET", "/me", token=elsewhere).code, "session.expired", "other sessions end")
    me = vault.call("GET", "/me", "anna").json
    same((me["second_factor"], me["recovery_left"]), (True, 10), "its own goes on")


@scenario
def without_the_code_the_right_password_is_told_like_a_wrong_one():
    tick()
    wrong = sign_in("anna", password="non è questa").without_its_own()
    same(sign_in("anna").without_its_own(), wrong, "no code")
    same(sign_in("anna", "000000").without_its_own(), wrong, "a wrong code")
    right = sign_in("anna", code(kept["anna"]))
    same(right.status, 201, "the right one")
    same(sign_in("anna", code(kept["anna"])).without_its_own(), wrong, "the same once more")
    same(sign_in("anna", code(kept["anna"]), "non è questa").without_its_own(), wrong, "and so on")
    tick()
    vault.custode("anna", "login", "--user", "anna", "--otp", code(kept["anna"]))


@scenario
def a_code_is_six_plain_digits_of_the_step_before_this_or_the_next():
    secret = kept["anna"]
    for turn in range(2):
        tick()
    present = code(secret)
    odd = (present + " ", " " + present, present[:3] + " " + present[3:], "0" + present,
           present[:5], "+" + present[1:], present.translate({48 + i: 0xFF10 + i for i in range(10)}),
           present + "\u0000", "", code(secret, -2), code(secret, 2))
    for at, text in enumerate(odd):
        if at % 4 == 0:
            unlock("anna")
        same(sign_in("anna", text).code, "login.failed", repr(text))
    unlock("anna")
    same(vault.call("POST", "/sessions", body={"user": "anna", "password": PASSWORD, "otp": 123456}
                    ).code, "field.invalid", "a text, no number")
    same(sign_in("anna", code(secret, -1)).status, 201, "a slow phone")
    same(sign_in("anna", code(secret, 1)).status, 201, "a fast one")
    same(sign_in("anna", code(secret)).code, "login.failed", "an older step than the last used")
    unlock("anna")


@scenario
def twenty_at_once_with_one_code_are_one_login():
    for turn in range(2):
        tick()
    unlock("anna")
    one = code(kept["anna"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = [answer.status for answer in pool.map(lambda _: sign_in("anna", one), range(8))]
    same(statuses.count(201), 1, statuses)
    unlock("anna")


@scenario
def a_spent_code_is_spent_after_a_restart_too():
    tick()
    one = code(kept["anna"])
    same(sign_in("anna", one).status, 201, "before")
    vault.kill()
    serve()
    same(sign_in("anna", one).code, "login.failed", "after")
    vault.login("admin")


@scenario
def a_recovery_code_lets_in_once():
    first, second = kept["recovery"][:2]
    same(sign_in("anna", first).status, 201, "as it was shown")
    same(sign_in("anna", first).code, "login.failed", "never again")
    same(sign_in("anna", second.lower().replace("-", "")).status, 201, "however it is typed")
    same(sign_in("anna", "AAAA-BBBB-CCCC-DDDD").code, "login.failed", "one that never was")
    tick()
    vault.custode("anna", "login", "--user", "anna", "--otp", code(kept["anna"]))
    same(vault.call("GET", "/me", "anna").json["recovery_left"], 8, "eight are left")


@scenario
def wrong_codes_count_like_wrong_passwords():
    tick()
    for _ in range(5):
        same(sign_in("anna", "000000").code, "login.failed", "with the right password")
    same(sign_in("anna", code(kept["anna"])).code, "account.locked", "even the right one")
    unlock("anna")
    same(sign_in("anna", code(kept["anna"])).status, 201, "unlocked, and not spent meanwhile")


@scenario
def a_role_may_need_it():
    vault.stop()
    plain = vault.config.read_text()
    vault.config.write_text(plain + 'second_factor = ["social-worker", "nonsense"]\n')
    refused = vault.custoded("serve", vault.vault, "--config", vault.config, "--keyfile",
                             vault.keyfile, "--listen", "127.0.0.1:0", exit=None)
    demand(refused.exit != 0 and b"nonsense" in refused.err, "a role that does not exist")
    vault.config.write_text(plain + 'second_factor = ["social-worker"]\n')
    serve()
    vault.login("admin")
    entered = vault.custode("giulia", "login", "--user", "giulia")
    demand(b"factor enrol" in entered.err, "the client says what to do")
    same(vault.call("GET", "/me", "giulia").json["owed"], "second-factor", "what is owed")
    for path in ("/dossiers", "/documents", "/units", "/sessions"):
        same(vault.call("GET", path, "giulia").code, "second_factor.must_enrol", path)
    kept["giulia"], _ = enrol("giulia")
    same(vault.call("GET", "/dossiers", "giulia").status, 200, "and the day begins")
    same(sign_in("admin").json["owed"], None, "another role")


@scenario
def an_administrator_removes_it_for_who_lost_it_and_nobody_for_themselves():
    same(vault.call("DELETE", "/accounts/giulia/second-factor", "anna").status, 401, "ended")
    listed = {one["name"]: one["second_factor"] for one in
              vault.custode("admin", "account", "list").json["items"]}
    same((listed["anna"], listed["giulia"], listed["admin"]), (True, True, False), "the list")
    same(vault.call("DELETE", "/accounts/anna/second-factor", "giulia").status, 404, "a colleague")
    same(vault.call("DELETE", "/accounts/admin/second-factor", "admin").code, "account.own_rights")
    vault.custode("admin", "factor", "remove", "anna")
    vault.custode("admin", "factor", "remove", "anna", exit=3)
    same(sign_in("anna").status, 201, "the password is enough again")
    vault.custode("admin", "factor", "remove", "giulia")
    same(vault.call("GET", "/dossiers", "giulia").code, "session.expired", "what was open ended")
    same(sign_in("giulia").json["owed"], "second-factor", "where a role needs it, a new one")


@scenario
def it_is_nowhere_in_clear_and_the_tables_are_the_journals():
    vault.stop()
    secrets = [kept["anna"], kept["giulia"], *kept["recovery"]]
    looked = [text.encode() for text in secrets] + [text.replace("-", "").encode() for text in secrets]
    for text in secrets[:2]:
        raw = base64.b32decode(text)
        looked += [raw, raw.hex().encode()]
    for file in [vault.log, *(f for f in vault.vault.rglob("*") if f.is_file() and not f.is_symlink())]:
        content = file.read_bytes()
        for needle in looked:
            demand(needle not in content, f"{file.name} holds a secret")
    vault.verify()
    vault.rebuild()


if __name__ == "__main__":
    with vault:
        run_scenarios()
