#!/usr/bin/env python3
"""tools/start's play on folders as people have them, twice, with everything compared and stopped."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from harness import BIN, FINDINGS, PATIENCE, bytes_of, demand, run_scenarios, same, scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]
held = tempfile.TemporaryDirectory(prefix="custode-start-")
folder = pathlib.Path(held.name)
given = folder / "cartella con spazi"
demo = folder / "demo"

PLAIN = {"lettera.txt": b"una lettera", "sotto/altra, con virgola.pdf": bytes_of(70_000),
         "sotto/doppia.txt": b"una lettera", "grande.bin": bytes_of(1_500_000), "vuoto": b""}


def start(*arguments, exit=0):
    done = subprocess.run(["/usr/bin/python3", "-B", ROOT / "tools/demo/start.py", "--programs",
                           BIN, "--into", demo, *map(str, arguments)], capture_output=True,
                          timeout=PATIENCE * 5, check=False,
                          env={**os.environ, "PYTHONUTF8": "1"})
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    same(done.returncode, exit, said)
    for finding in FINDINGS:
        demand(finding not in done.stdout + done.stderr, said)
    return said


def counted(said):
    """The table of counts, by its first column."""
    rows = re.findall(r"^  (\S.*?) {2,}([\d.]+)(?:  .*)?$", said, re.MULTILINE)
    return {name: int(number.replace(".", "")) for name, number in rows}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def daemon_runs():
    try:
        os.kill(int((demo / "custoded.pid").read_text()), 0)
        return True
    except (OSError, ValueError):
        return False


@scenario
def a_folder_without_a_list_is_filed_and_compared_whole():
    for name, content in PLAIN.items():
        write(given / name, content)
    said = start("--file", given, "--check")
    counts = counted(said)
    demand("Tutto riuscito." in said and "nessun dato vero" in said, said)
    same(counts["File consegnati"], counts["Confrontati"], "compared")
    same((counts["Doppioni di un altro file"], counts["Respinti"], counts["Diversi"]), (1, 0, 0),
         "counts")
    demand("vuoto: vuoto (0 byte)" in said, "the empty file is named")
    demand("Dove sono i file consegnati:" in said and "archivista.amministrativa" in said, said)
    demand(not daemon_runs(), "--check leaves nothing running")


@scenario
def a_mistake_is_told_before_anything_is_installed_or_compiled():
    for wrong in (["--nonsense"], ["--file"], ["--file", folder / "none"], ["--check", "--stop"]):
        done = subprocess.run([ROOT / "tools/start", *map(str, wrong)], capture_output=True,
                              timeout=PATIENCE, check=False)
        same((done.returncode, done.stdout), (2, b""), wrong)
        demand(b"tools/start --help" in done.stderr, done.stderr)


@scenario
def nothing_of_the_demo_is_for_others_to_read():
    for path in demo.rglob("*"):
        if path.name in ("ca.pem", "server.pem", "names") or path.is_symlink():
            continue
        demand(demo.stat().st_mode & 0o077 == 0, "the folder is private")
    for path in (demo / "utenti").iterdir():
        same(path.stat().st_mode & 0o777, 0o600, path.name)


@scenario
def a_second_run_files_nothing_twice_and_leaves_it_running():
    said = start("--file", given)
    counts = counted(said)
    same((counts["Archiviati ora"], counts["Diversi"]), (0, 0), "counts")
    same(counts["Già archiviati"] + counts["Doppioni di un altro file"], counts["File consegnati"], said)
    demand(daemon_runs(), "the daemon stays up")
    demand("Indirizzo               https://127.0.0.1:" in said, said)


@scenario
def a_list_says_what_each_file_is_and_whose():
    for name in ("uno.pdf", "due.pdf", "tre.pdf", "sciolto.pdf"):
        write(given / name, name.encode())
    (given / "elenco.csv").write_bytes(
        "\ufefffile;fascicolo;cognome;nome;nascita;tipo;autorita;procedimento;data;oggetto\r\n"
        "uno.pdf;A|B;Provetti;Ugo;12/03/2015;Decreto;Tribunale per i minorenni di Milano;"
        "R.G.V.G. 5/2026;13/03/2026;«Uno», con virgole\r\n"
        "due.pdf;B;Provetti;Ida;2018;relazione;Lega dei servizi;;;\r\n"
        "tre.pdf;;Provetti;Ugo;12/03/2015;cosa strana;;;2026-03-14;\r\n".encode())
    said = start("--file", given)
    demand("tipo «cosa strana» non in elenco" in said, said)
    demand("autorità «Lega dei servizi» non in elenco" in said, said)
    demand(counted(said)["Archiviati ora"] == 4, said)
    ours = {**os.environ, "CUSTODE_SERVER": "https://" + (demo / "indirizzo").read_text().strip(),
            "CUSTODE_CA": str(demo / "archivio.tls/ca.pem"),
            "CUSTODE_SESSION": str(demo / "sessioni/archivista.amministrativa/session.json")}
    subprocess.run([BIN / "custode", "login", "--user", "archivista.amministrativa",
                    "--password-file", demo / "utenti/archivista.amministrativa.password"],
                   env=ours, check=True, capture_output=True)
    found = subprocess.run([BIN / "custode", "--json", "search", "Provetti"], env=ours, check=True,
                           capture_output=True).stdout.decode()
    demand("Provetti Ugo" in found and "Provetti Ida" in found, found)


@scenario
def a_changed_document_is_told_and_fails_the_check():
    (given / "elenco.csv").write_text("file;data\nuno.pdf;30/02/2026\n")
    demand("riga 2: data non valida" in start("--file", given, exit=1), "the line is named")
    (given / "elenco.csv").write_text("file\nmanca.pdf\n")
    said = start("--file", given, exit=1)
    demand("manca.pdf: è in elenco.csv e non nella cartella" in said, said)
    (given / "elenco.csv").unlink()


@scenario
def tampering_is_noticed():
    start("--stop")
    segment = sorted((demo / "archivio/segments").iterdir())[0]
    content = segment.read_bytes()
    segment.write_bytes(content[:60] + bytes([content[60] ^ 1]) + content[61:])
    said = start("--check", exit=1)
    demand("NON RIUSCITO" in said or "NON TUTTO" in said, said)
    demand(not daemon_runs(), "--check leaves nothing running, whatever happened")
    segment.write_bytes(content)


@scenario
def it_stops_and_says_so():
    start("--check")
    demand("non era in funzione" in start("--stop"), "stopped already")


try:
    run_scenarios()
finally:
    try:
        os.kill(int((demo / "custoded.pid").read_text()), signal.SIGTERM)
    except (OSError, ValueError):
        pass
    held.cleanup()
