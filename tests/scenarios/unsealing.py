#!/usr/bin/env python3
"""Who opens a vault and with what; what a sealed, moved, old or foreign one answers."""
import concurrent.futures
import json
import shutil
import socket
import subprocess
import time

from harness import (BIN, FAKETIME, PASSWORD, RunningVault, bytes_of, demand, run_scenarios, same,
                     scenario, staffed_vault)

ROUTES = (
    ("DELETE", "/sessions/current"), ("GET", "/me"), ("POST", "/seal"), ("GET", "/checkpoint"),
    ("GET", "/checkpoint/consistency?from=1"), ("POST", "/accounts"), ("GET", "/accounts"),
    ("POST", "/accounts/anna/disable"), ("POST", "/accounts/anna/enable"),
    ("POST", "/accounts/anna/unlock"), ("PUT", "/accounts/anna/password"),
    ("POST", "/accounts/anna/roles"), ("DELETE", "/accounts/anna/roles/archivist"),
    ("POST", "/accounts/anna/grants"), ("DELETE", "/accounts/anna/grants/{id}"), ("GET", "/units"),
    ("GET", "/codes/authorities"), ("GET", "/codes/document-types"), ("GET", "/codes/purposes"),
    ("POST", "/dossiers"), ("GET", "/dossiers"), ("GET", "/dossiers/{id}"),
    ("POST", "/dossiers/{id}/assignments"), ("DELETE", "/dossiers/{id}/assignments/anna"),
    ("POST", "/dossiers/{id}/conflicts"), ("DELETE", "/dossiers/{id}/conflicts/anna"),
    ("POST", "/dossiers/{id}/corrections"), ("POST", "/dossiers/{id}/documents"),
    ("GET", "/dossiers/{id}/documents"), ("GET", "/documents"), ("GET", "/documents/{id}"),
    ("GET", "/documents/{id}/content"), ("POST", "/documents/{id}/corrections"),
    ("POST", "/documents/{id}/refile"), ("GET", "/documents/{id}/proof"), ("POST", "/searches"),
    ("POST", "/dossiers/{id}/exports"),
)


def with_shares():
    vault = RunningVault(lambda vault: ("--shares", "5", "--threshold", "3", "--shares-dir",
                                        vault.folder / "shares"))
    vault.shares = [vault.folder / "shares" / f"share-{i}.txt" for i in range(1, 6)]
    return vault


def state(vault):
    return vault.custode("guest", "status").json["state"]


def give(vault, share, exit=0):
    return vault.custode("guest", "unseal", "--share-file", share, exit=exit)


def refuses_to_serve(vault, exit, code, *options, **environment):
    """The daemon must end with this exit and say why."""
    result = vault.custoded("serve", vault.vault, "--listen", "127.0.0.1:0", "--config",
                            vault.config, *options, exit=exit, **environment)
    said = [json.loads(line) for line in result.err.decode().splitlines()]
    same(said[-1]["code"], code, "why it does not serve")
    demand(said[-1]["message"] and said[-1]["hint"], "it says what to do")
    return said[-1]


@scenario
def three_of_five_custodians_open_it():
    with with_shares() as vault, with_shares() as other:
        vault.serve(unsealed=False)
        given = vault.custode("guest", "status").json["unseal"]
        same((given["given"], given["needed"]), (0, 3), "before the first share")
        same(give(vault, vault.shares[0]).json, {"state": "sealed", "given": 1, "needed": 3}, "one")
        same(give(vault, vault.shares[0], exit=4).code, "share.duplicate")
        same(give(vault, other.shares[1], exit=5).code, "share.old_ceremony")
        text = vault.shares[1].read_text()
        words = text.split("-") if "-" in text else text.split()
        swapped = vault.secret("typo", text.replace(words[5], words[6], 1))
        same(give(vault, swapped, exit=5).code, "share.wrong")
        nonsense = vault.secret("nonsense", "questa non è una quota")
        same(give(vault, nonsense, exit=5).code, "share.wrong")
        same(give(vault, vault.shares[2]).json["given"], 2, "no good share was discarded")
        same(state(vault), "sealed", "two of three")
        same(give(vault, vault.shares[4]).json["state"], "unsealed", "three of five")
        vault.login("admin")
        same(give(vault, vault.shares[1]).json["state"], "unsealed", "a late custodian")
        vault.stop()
        too_few = vault.custoded("verify", vault.vault, "--share-file", vault.shares[0],
                                 "--share-file", vault.shares[1], exit=5)
        same(too_few.code, "share.too_few")
        vault.custoded("verify", vault.vault, *(item for share in vault.shares[1:4]
                                                for item in ("--share-file", share)))


@scenario
def a_restart_forgets_the_shares_that_were_given():
    with with_shares() as vault:
        vault.serve(unsealed=False)
        give(vault, vault.shares[0])
        give(vault, vault.shares[1])
        vault.stop()
        vault.serve(unsealed=False)
        same(give(vault, vault.shares[2]).json["given"], 1, "after the restart")


@scenario
def a_passphrase_opens_it_and_another_does_not():
    with RunningVault(lambda vault: ("--passphrase-file",
                                     vault.secret("right", "frase di apertura"))) as vault:
        right = vault.folder / "secret-right"
        wrong = vault.secret("almost", "frase di Apertura")
        vault.serve(unsealed=False)
        same(vault.custode("guest", "unseal", "--passphrase-file", wrong, exit=5).code,
             "passphrase.wrong")
        same(vault.custode("guest", "unseal", "--keyfile", right, exit=5).code, "unseal.wrong_key")
        vault.custode("guest", "unseal", "--passphrase-file", right)
        same(state(vault), "unsealed", "with the passphrase")
        vault.stop()
        vault.serve("--passphrase-file", right, unsealed=False)
        same(state(vault), "unsealed", "unattended")


@scenario
def a_sealed_vault_says_so_everywhere_and_ends_every_session():
    with RunningVault() as vault, RunningVault() as other:
        vault.serve()
        vault.login("admin")
        vault.account("anna", "archivist", "municipio-3")
        dossier = vault.open_dossier("anna", "Sigillo")
        vault.custode("anna", "seal", exit=3)
        vault.custode("admin", "seal")
        same(state(vault), "sealed", "after the sealing")
        same(vault.probe("/healthz").status, 200, "it lives")
        same(vault.probe("/readyz").status, 503, "it is not ready")
        for method, path in ROUTES:
            answer = vault.call(method, path.format(id=dossier), "anna",
                                {} if method in ("POST", "PUT") else None)
            same((answer.status, answer.code), (423, "vault.sealed"), f"{method} {path}")
        answer = vault.call("POST", "/sessions", body={"user": "anna", "password": PASSWORD})
        same((answer.status, answer.code), (423, "vault.sealed"), "signing in")
        same(vault.custode("anna", "list", exit=5).code, "vault.sealed")
        same(vault.custode("guest", "unseal", "--keyfile", other.keyfile, exit=5).code,
             "unseal.wrong_key")
        garbage = vault.secret("garbage", "questo non è un file di chiave")
        same(vault.custode("guest", "unseal", "--keyfile", garbage, exit=5).code,
             "unseal.wrong_key")
        vault.custode("guest", "unseal", "--keyfile", vault.keyfile)
        same(vault.custode("anna", "whoami", exit=5).code, "session.expired")
        vault.login("anna")
        same(len(vault.custode("anna", "dossier", "list").json["items"]), 1, "all is there")
        vault.stop()
        refuses_to_serve(vault, 5, "unseal.wrong_key", "--keyfile", other.keyfile)
        refuses_to_serve(vault, 3, "keyfile.unreadable", "--keyfile", vault.folder / "nowhere")


@scenario
def a_sealing_ends_an_upload_that_is_under_way():
    with staffed_vault() as vault:
        dossier = vault.open_dossier("anna", "Interrotto")
        content = bytes_of(3_000_000, "sealed")
        upload = vault.begin_filing("anna", dossier, content, 1_000_000)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sealing = pool.submit(vault.call, "POST", "/seal", "admin", {})
            try:
                while not sealing.done():  # more comes, piece by piece, until it is refused
                    upload.send(content[:10_000])
                    time.sleep(0.01)
                answer = upload.getresponse()
                same((answer.status, json.loads(answer.read())["code"]), (423, "vault.sealed"),
                     "the upload")
            except OSError:
                pass  # cut: nothing was promised either
            same(sealing.result().status, 200, "the sealing")
        vault.custode("guest", "unseal", "--keyfile", vault.keyfile)
        vault.login("anna")
        same(vault.all_documents("anna"), [], "nothing was filed")
        same(vault.put("anna", dossier, content).status, 201, "the same again")
        vault.stop()
        vault.verify()


@scenario
def without_its_holders_a_vault_stays_shut():
    with RunningVault(lambda vault: ("--keyfile", vault.keyfile,
                                     "--holder", vault.folder / "device" / "holder-1",
                                     "--holder", vault.folder / "device" / "holder-2")) as vault:
        holders = [vault.folder / "device" / f"holder-{i}" for i in (1, 2)]
        vault.serve()
        vault.stop()
        away = holders[0].with_suffix(".away")
        holders[0].rename(away)
        refuses_to_serve(vault, 5, "holder.missing", "--keyfile", vault.keyfile)
        vault.serve(unsealed=False)
        answer = vault.custode("guest", "unseal", "--keyfile", vault.keyfile, exit=5)
        same(answer.code, "holder.missing")
        away.rename(holders[0])
        vault.custode("guest", "unseal", "--keyfile", vault.keyfile)
        vault.stop()
        kept = holders[1].read_bytes()
        holders[1].write_bytes(holders[0].read_bytes())  # one holder twice is not two
        refuses_to_serve(vault, 5, "holder.missing", "--keyfile", vault.keyfile)
        holders[1].write_bytes(bytes(len(kept)))
        refuses_to_serve(vault, 5, "holder.missing", "--keyfile", vault.keyfile)
        holders[1].write_bytes(kept)
        vault.verify()


@scenario
def files_put_back_or_altered_are_noticed():
    with RunningVault() as vault:
        vault.serve()
        vault.login("admin")
        vault.account("anna", "archivist", "municipio-3")
        vault.open_dossier("anna", "Prima")
        vault.stop()
        yesterday = vault.folder / "yesterday"
        shutil.copytree(vault.vault, yesterday)
        vault.serve()
        vault.login("anna")
        vault.open_dossier("anna", "Seconda")
        vault.stop()
        today = vault.folder / "today"
        shutil.copytree(vault.vault, today)

        def put(source, *names):
            shutil.rmtree(vault.vault)
            shutil.copytree(today, vault.vault)
            for name in names:
                shutil.copy2(source / name, vault.vault / name)

        changed = [file.name for file in today.iterdir() if file.name.startswith("keyring")
                   and file.read_bytes() != (yesterday / file.name).read_bytes()]
        demand(changed, "the keyring changed with the second dossier")
        put(yesterday, *changed)
        problem = refuses_to_serve(vault, 7, "keyring.damaged", "--keyfile", vault.keyfile)
        demand(problem["hint"], problem)

        for name in [file.name for file in today.iterdir()
                     if file.is_file() and file.name.startswith(("keyring", "vault.toml"))]:
            put(today)
            data = bytearray((vault.vault / name).read_bytes())
            if not data:
                continue
            data[len(data) // 2] ^= 1
            (vault.vault / name).chmod(0o600)
            (vault.vault / name).write_bytes(data)
            result = vault.custoded("serve", vault.vault, "--listen", "127.0.0.1:0", "--config",
                                    vault.config, "--keyfile", vault.keyfile, exit=None)
            demand(result.exit in (5, 7), f"{name}: {result.exit} {result.err}")

        shutil.rmtree(vault.vault)
        shutil.copytree(yesterday, vault.vault)
        vault.serve()  # a whole old vault looks whole to itself …
        problem = vault.custode("anna", "login", "--user", "anna", exit=7)  # … not to who was there
        demand(problem.code.startswith("history."), problem.err)
        vault.stop()


@scenario
def a_vault_of_a_newer_format_is_left_alone():
    with RunningVault() as vault:
        header = vault.vault / "vault.toml"
        text = header.read_text()
        demand("format = 1\n" in text, text)
        header.chmod(0o600)
        header.write_text(text.replace("format = 1\n", "format = 2\n"))
        before = {file: file.read_bytes() for file in vault.vault.rglob("*") if file.is_file()}
        refuses_to_serve(vault, 1, "vault.newer_format", "--keyfile", vault.keyfile)
        same({file for file, data in before.items() if file.read_bytes() != data}, set(),
             "files that were touched")
        header.write_text(text)
        vault.serve()


@scenario
def one_vault_has_one_daemon_and_one_port_one_listener():
    with RunningVault() as vault:
        vault.serve()
        refuses_to_serve(vault, 4, "store.in_use", "--keyfile", vault.keyfile)
        same(vault.custoded("verify", vault.vault, "--keyfile", vault.keyfile, exit=4).code,
             "store.in_use")
        vault.login("admin")
        with RunningVault() as other, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            result = other.custoded("serve", other.vault, "--listen", address, "--config",
                                    other.config, exit=1)
            said = json.loads(result.err.decode().splitlines()[-1])
            demand(said["code"] == "listen.failed" and address in said["message"], said)


@scenario
def a_broken_configuration_names_its_line():
    with RunningVault() as vault:
        for text, line, word in (
                ("listen = \n", 1, ""), ("\n\nlissen = \"127.0.0.1:0\"\n", 3, "lissen"),
                ("[limits]\nconnections = \"molte\"\n", 2, "connections"),
                ("[limits]\nconnections = 0\n", 2, "connections"),
                ("body = 3\n", 1, "body"), ("hosts = \"uno\"\n", 1, "hosts"),
                ("listen = \"a\"\nlisten = \"b\"\n", 2, "")):
            vault.config.write_text(text)
            problem = refuses_to_serve(vault, 2, "config.invalid")
            demand(f"custoded.toml:{line}:" in problem["message"], f"{text!r}: {problem}")
            demand(word in problem["message"], f"{text!r}: {problem}")
        vault.config.write_text("allow_any_file_system = true\n")
        vault.serve()


@scenario
def a_folder_that_cannot_be_written_is_told_apart():
    with RunningVault() as vault:
        there = vault.folder / "there"
        there.mkdir()
        (there / "file").write_text("x")
        same(vault.custoded("init", there, "--keyfile", vault.folder / "k", exit=4).code,
             "vault.exists")
        same(vault.custoded("init", "/proc/vault", "--keyfile", vault.folder / "k", exit=1).code,
             "init.not_writable")
        same(vault.custoded("init", vault.folder / "v", exit=2).code, "init.no_slot")
        same(vault.custoded("init", vault.folder / "v", "--shares", "3", "--threshold", "4",
                            "--shares-dir", vault.folder / "s", exit=2).code, "init.threshold")
        demand(not (vault.folder / "v").exists(), "nothing is left behind")
        read_only = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"', "sh",
             str(vault.vault), str(BIN / "custoded"), "--json", "serve", str(vault.vault), "--listen",
             "127.0.0.1:0", "--config", str(vault.config), "--keyfile", str(vault.keyfile)],
            env=vault.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
        if b"unshare:" in read_only.stderr or b"mount:" in read_only.stderr:
            print("           read-only mount not tried: not permitted here")
        else:
            same(read_only.returncode, 1, read_only.stderr)
            problem = json.loads(read_only.stderr.decode().splitlines()[-1])
            demand(problem["code"] == "store.not_writable", problem)
        vault.serve()


@scenario
def a_clock_set_back_is_told_and_a_grant_ends_with_its_day():
    if not FAKETIME:
        return print("           not tried: libfaketime is not installed, or sanitizers are on")
    with RunningVault() as vault:
        vault.serve()
        vault.login("admin")
        vault.account("anna", "archivist", "municipio-3")
        vault.account("luca", "legal-office")
        dossier = vault.open_dossier("anna", "Orologio")
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 3600))
        vault.custode("anna", "account", "grant", "luca", "--dossier", dossier, "--until", today)
        same(len(vault.custode("luca", "dossier", "list").json["items"]), 1, "on its day")
        vault.stop()
        vault.serve(LD_PRELOAD=FAKETIME, FAKETIME="+3d")
        vault.login("luca")
        same(vault.custode("luca", "dossier", "list").json["items"], [], "past its day")
        vault.custode("luca", "dossier", "show", dossier, exit=3)
        vault.stop()
        vault.serve()  # three days back
        same(vault.metric("custode_clock_set_back"), 1.0, "the metric")
        same(vault.custode("guest", "status").json["clock_set_back"], True, "the status")
        vault.login("anna")
        filed = vault.file("anna", dossier, vault.document("dopo.txt", b"dopo")).json
        same(vault.get("anna", filed["id"]), b"dopo", "work goes on")
        vault.stop()
        vault.verify()
        vault.rebuild()


if __name__ == "__main__":
    run_scenarios()
