#!/usr/bin/env python3
"""The epoch ceremony as an operator sees it: `custoded rekey`, holders that are lost, old, foreign.

    CUSTODE_REKEY_KILLS  how many ceremonies are killed (12; 3 under sanitizers)
"""
import json
import os
import random
import shutil
import subprocess
import time

from harness import (BIN, IS_SANITIZED, RunningVault, bytes_of, demand, run_scenarios, same,
                     scenario, staffed_vault)

KILLS = int(os.environ.get("CUSTODE_REKEY_KILLS", "3" if IS_SANITIZED else "12"))
SEED = 20261123
HOLDERS = 3

vault = staffed_vault()
dossier = vault.open_dossier("anna", "Cerimonia")
content = bytes_of(200_000, "decreto")
document = vault.file("anna", dossier, vault.document("decreto.pdf", content)).json["id"]
receipt = vault.folder / "receipt.json"
vault.custode("anna", "proof", document, "-o", receipt)
devices = [vault.folder / f"device-{i}" / "holder" for i in range(1, HOLDERS + 1)]
for device in devices:
    device.parent.mkdir()


def rekey(*options, exit=0):
    return vault.custoded("rekey", vault.vault, "--keyfile", vault.keyfile, *options, exit=exit)


def with_holders():
    return [word for device in devices for word in ("--holder", device)]


def still_whole():
    """It opens, what was filed is there, and who pinned its history accepts it."""
    vault.serve("--quiet")
    vault.login("anna")
    same(vault.get("anna", document), content, "what was filed before")
    vault.file("anna", dossier, vault.document("dopo.txt", os.urandom(40)))
    vault.stop()


def refuses_to_serve(exit, code):
    result = vault.custoded("serve", vault.vault, "--listen", "127.0.0.1:0", "--config",
                            vault.config, "--keyfile", vault.keyfile, exit=exit)
    said = json.loads(result.err.decode().splitlines()[-1])
    same(said["code"], code, "why it does not serve")
    demand(said["hint"], "it says what to do")


@scenario
def a_vault_that_is_served_is_left_alone():
    same(rekey(exit=4).code, "store.in_use")
    same(vault.get("anna", document), content, "its readers notice nothing")
    vault.stop()


@scenario
def another_key_switches_nothing():
    wrong = vault.folder / "wrong"
    wrong.write_bytes(os.urandom(32))
    wrong.chmod(0o600)
    before = {file.name: file.read_bytes() for file in vault.vault.glob("keyring*")}
    same(vault.custoded("rekey", vault.vault, "--keyfile", wrong, exit=5).code, "unseal.wrong_key")
    same({file.name: file.read_bytes() for file in vault.vault.glob("keyring*")}, before, "keyring")
    still_whole()


@scenario
def every_key_is_wrapped_again_and_nothing_is_lost():
    first = shutil.copytree(vault.vault, vault.folder / "first")
    said = rekey(*with_holders()).json
    same((said["epoch"], len(said["holders"])), (2, HOLDERS), "what it says")
    demand(not (vault.vault / "keyring.1").exists(), "the old keyring is gone")
    demand(all(device.stat().st_mode & 0o077 == 0 for device in devices), "holders are private")
    secret = devices[0].read_bytes()
    for file in vault.vault.rglob("*"):
        demand(not file.is_file() or secret not in file.read_bytes(), f"a holder within {file}")
    still_whole()
    vault.verify()
    vault.rebuild()
    # The key files of the earlier epoch, put back over the new ones: the events say otherwise.
    today = vault.folder / "today"
    vault.vault.rename(today)
    shutil.copytree(today, vault.vault)
    for name in ("keyring.1", "keyring.1.log", "vault.toml", "epoch.1"):
        if (first / name).exists():
            shutil.copy2(first / name, vault.vault / name)
    refuses_to_serve(7, "keyring.old_epoch")
    shutil.rmtree(vault.vault)
    today.rename(vault.vault)
    still_whole()


@scenario
def one_holder_of_three_may_be_lost_and_two_may_not():
    kept = [device.read_bytes() for device in devices]
    devices[0].unlink()
    still_whole()
    devices[1].unlink()
    refuses_to_serve(5, "holder.missing")
    for device, secret in zip(devices, kept):
        device.write_bytes(secret)
        device.chmod(0o600)
    still_whole()


@scenario
def holders_of_the_last_ceremony_are_named_old():
    old = [device.read_bytes() for device in devices]
    same(rekey().json["epoch"], 3, "the same holders, a new secret")
    new = [device.read_bytes() for device in devices]
    demand(all(one != other for one, other in zip(old, new)), "each holder was written anew")
    for device, secret in zip(devices, old):
        device.write_bytes(secret)
    refuses_to_serve(5, "holder.old")
    for device, secret in zip(devices, new):
        device.write_bytes(secret)
    still_whole()


@scenario
def a_ceremony_killed_at_any_moment_happened_or_did_not():
    dice = random.Random(SEED)
    begun = time.monotonic()
    epoch = rekey().json["epoch"]
    whole = time.monotonic() - begun
    done = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [str(BIN / "custoded"), "--json", "rekey", str(vault.vault), "--keyfile",
             str(vault.keyfile)], env=vault.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.0, whole))
        process.kill()
        acknowledged = bool(process.communicate()[0])
        still_whole()
        now = rekey().json["epoch"]
        demand(now in (epoch + 1, epoch + 2), f"from epoch {epoch} to {now}")
        demand(not acknowledged or now == epoch + 2, "a ceremony that was told done was done")
        done += now == epoch + 2
        epoch = now
    print(f"           {KILLS} ceremonies killed within {whole:.2f} s, {done} had happened")
    vault.verify()
    vault.rebuild()


@scenario
def a_receipt_of_the_first_epoch_still_holds():
    vault.serve("--quiet")
    vault.login("anna")
    vault.custode("anna", "receipt", "verify", receipt, "--pinned")
    fresh = vault.folder / "fresh.json"
    vault.custode("anna", "proof", document, "-o", fresh)
    vault.custode("anna", "receipt", "verify", fresh, "--pinned")
    vault.stop()


if __name__ == "__main__":
    with vault:
        run_scenarios()
