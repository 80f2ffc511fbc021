#!/usr/bin/python3
"""Plays a town's social services on a demo vault, and checks everything; tools/start calls it.

Usage: start.py --programs DIR [--file DIR] [--check | --stop] [--into DIR]

Exit codes: 0 all succeeded · 1 something did not · 2 usage
"""
import argparse
import csv
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import textwrap
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import listing  # noqa: E402
from programs import Demo, Failed, make_private, problem, write_private  # noqa: E402

OWN_UNIT = "amministrativa"  # where what nobody has sorted yet belongs
READ_BYTES = 1 << 20
SHOWN_MAX = 20  # lines of one kind at the end; the rest is counted


def wrapped(text, indent=""):
    """Broken at words for the terminal that reads it; as it is in a pipe."""
    if not sys.stdout.isatty():
        return text
    return textwrap.fill(text, shutil.get_terminal_size().columns - 1, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


class Talk:
    """One line a step; on a terminal the line of the step at hand is there before it ends."""

    def __init__(self):
        self.live = sys.stdout.isatty()

    def step(self, text, work):
        begun = time.monotonic()
        if self.live:
            print(f"  …   {text}"[:shutil.get_terminal_size().columns - 1], end="\r", flush=True)
        done = work()
        seconds = f"{time.monotonic() - begun:.1f} s".replace(".", ",")
        line = f"  ok {seconds:>7}  {text}" + (f": {done}" if done else "")
        print(("\r\033[K" if self.live else "") + wrapped(line, " " * 14), flush=True)


class Counts:
    """What became of the files; every one of them ends in exactly one of the four."""

    def __init__(self):
        self.given = self.given_bytes = self.filed_bytes = self.already_bytes = 0
        self.filed, self.already, self.double, self.refused = [], [], [], []
        self.compared = self.compared_bytes = 0
        self.different, self.skipped, self.notes = [], [], []
        self.places = {}  # of what was given from outside: (dossier, unit) and how many files

    @property
    def good(self):
        kept = len(self.filed) + len(self.already) + len(self.double)
        return (not self.refused and not self.different and kept == self.given
                and self.compared == self.given)


class Document:
    def __init__(self, source, user):
        self.source, self.user = source, user
        self.id = None
        self.bytes = source.stat().st_size


def millions(number):
    return f"{number:,}".replace(",", ".")


# --- who works there ------------------------------------------------------------------------------

def archivist(unit):
    return "archivista." + unit


def account(demo, name, role, unit):
    if demo.state["accounts"].get(name):
        return 0
    demo.custode("admin", "account", "create", name, "--role", role, "--unit", unit,
                 "--password-file", demo.password_file(name), accept=(0, 4))
    demo.state["accounts"][name] = f"{role}, {unit}"
    demo.save()
    return 1


def make_accounts(demo, units):
    demo.login("admin")
    made = sum(account(demo, archivist(unit), "archivist", unit) for unit in units)
    made += account(demo, "assistente", "social-worker", "municipio-4")
    made += account(demo, "avvocatura", "legal-office", "avvocatura")
    for name in demo.state["accounts"]:
        demo.login(name)
    return f"{len(demo.state['accounts']) + 1} utenze, {made} nuove"


# --- dossiers and files ---------------------------------------------------------------------------

def open_dossier(demo, key, who, unit):
    """Opens the person's dossier once; a twin that is there already is the one that is meant."""
    known = demo.state["dossiers"].get(key)
    if known:
        return known["code"]
    arguments = ["dossier", "open", *listing.person_options(who), "--unit", unit]
    exit, said = demo.custode(archivist(unit), *arguments, accept=(0, 4))
    twins = said.get("twins") or []
    if exit == 4 and len(twins) != 1:
        exit, said = demo.custode(archivist(unit), *arguments, "--twin-reason",
                                  "elenco con più omonimi")
    found = twins[0] if exit == 4 else said
    demo.state["dossiers"][key] = {"id": found["id"], "code": found["code"], "unit": unit}
    demo.save()
    return found["code"]


class Folder:
    """A folder whose files are to be filed: the demo's own papers, or the one given."""

    def __init__(self, name, path, labels_file=None, own_units=False):
        self.name, self.path, self.own_units = name, path, own_units
        self.rows = listing.read_list(path)
        self.dossiers = listing.Dossiers(self.rows, labels_file)
        self.files, self.skipped = listing.files_of(path)
        self.missing = sorted(set(self.rows or {}) - set(self.files)
                              - {text.split(": ")[0] for text in self.skipped})

    def unit_of(self, wanted):
        """Siblings' acts lie in one unit; what is given from outside in the sorting office."""
        unit = wanted[0][1]["unit"] if self.own_units else ""
        return unit or OWN_UNIT

    def units(self):
        return {self.unit_of(self.dossiers.of((self.rows or {}).get(name)))
                for name in self.files} or {OWN_UNIT}

    def key(self, key):
        return f"{self.name} {key}"

    def codes_of(self, demo, wanted, unit):
        return [one if isinstance(one, str) else open_dossier(demo, self.key(one[0]), one[1], unit)
                for one in wanted]

    def lists(self, demo, codes, counts):
        """Per unit the rows and documents of a list that the client can follow."""
        by_unit = {}
        for name in self.files:
            row = (self.rows or {}).get(name)
            wanted = self.dossiers.of(row)
            unit = self.unit_of(wanted)
            inside = f"{self.name}/{name}"
            dossiers = self.codes_of(demo, wanted, unit)
            line = listing.described(inside, dossiers, row, codes, counts.notes)
            if not self.own_units:
                for one in dossiers:
                    counts.places[one, unit] = counts.places.get((one, unit), 0) + 1
            rows, documents = by_unit.setdefault(unit, ([], []))
            rows.append(line)
            documents.append(Document(self.path / name, archivist(unit)))
        return by_unit


def enter(counts, document, name, item):
    """Counts what the client said of one file."""
    fault = item.get("problem")
    if not fault:
        document.id = item["id"]
        if item.get("already_filed"):
            counts.already.append(name)
            counts.already_bytes += document.bytes
        else:
            counts.filed.append(name)
            counts.filed_bytes += document.bytes
    elif fault["code"] == "document.duplicate" and fault.get("document"):
        counts.double.append(name)
        document.id = fault["document"]
    else:
        counts.refused.append(f"{name}: {fault['message']} [{fault['code']}]")


def file_folder(demo, folder, codes, counts, documents):
    """Files everything of a folder; adds its documents, each with its id."""
    bytes_before = counts.given_bytes
    counts.given += len(folder.files)
    counts.skipped += folder.skipped
    counts.refused += [f"{name}: è in {listing.LIST} e non nella cartella"
                       for name in folder.missing]
    make_private(demo.lists)
    link = demo.lists / folder.name
    link.unlink(missing_ok=True)
    link.symlink_to(folder.path)  # a list names files below its own folder
    for unit, (rows, those) in folder.lists(demo, codes, counts).items():
        path = demo.lists / f"{folder.name}-{unit}.csv"
        listing.write_list(path, rows)
        _, said = demo.custode(archivist(unit), "file", "-", "--index", path, "--connections", 4,
                               "--receipts", make_private(demo.folder / "ricevute"),
                               accept=(0, 4, 6), progress=True)
        items = said.get("items") or []
        if len(items) != len(those):
            raise Failed(f"custode file ha detto di {len(items)} file su {len(those)}")
        for document, row, item in zip(those, rows, items):
            counts.given_bytes += document.bytes
            enter(counts, document, row["file"], item)
        documents += those
    return f"{millions(len(folder.files))} file, {millions(counts.given_bytes - bytes_before)} byte"


# --- every byte -----------------------------------------------------------------------------------

class Reader:
    """Reads documents back over HTTPS without the client: a second way to the same bytes."""

    def __init__(self, demo):
        self.demo = demo
        context = ssl.create_default_context(cafile=str(demo.ca))
        host, port = demo.url.removeprefix("https://").rsplit(":", 1)
        self.connection = http.client.HTTPSConnection(host, int(port), context=context,
                                                      timeout=120)

    def differs(self, document):
        """Why the document is not its source; nothing when it is."""
        self.connection.request(
            "GET", f"/api/v1/documents/{document.id}/content",
            headers={"Authorization": "Bearer " + self.demo.token(document.user),
                     "Custode-Purpose": "archiviazione"})
        answer = self.connection.getresponse()
        if answer.status != 200:
            answer.read()
            return f"risposta {answer.status}"
        with open(document.source, "rb") as source:
            while True:
                got = answer.read(READ_BYTES)
                if got != source.read(READ_BYTES):
                    answer.close()
                    return "byte diversi"
                if not got:
                    return None


def compare(demo, documents, counts):
    reader = Reader(demo)
    for document in documents:
        why = reader.differs(document) if document.id else None
        if not document.id:
            continue
        counts.compared += 1
        counts.compared_bytes += document.bytes
        if why:
            counts.different.append(f"{document.source.name}: {why}")
    return f"{millions(counts.compared)} file, {millions(counts.compared_bytes)} byte"


# --- the three people -----------------------------------------------------------------------------

def demand(holds, what):
    if not holds:
        raise Failed(what)


def dossier(demo, label):
    return demo.state["dossiers"][f"carte label {label}"]


def documents_of(demo, user, one):
    return demo.custode(user, "list", one["id"])[1]["items"]


def social_worker(demo):
    """Reads her dossier, and cannot tell another's from one that does not exist."""
    hers, other = dossier(demo, "F04"), dossier(demo, "F01")
    demo.custode(archivist(hers["unit"]), "dossier", "assign", hers["id"], "--to", "assistente",
                 accept=(0, 4))
    items = documents_of(demo, "assistente", hers)
    demand(items, "l’assistente non vede i documenti del suo fascicolo")
    out = make_private(demo.folder / "letture") / "assistente.pdf"
    demo.custode("assistente", "get", items[0]["id"], "-o", out, "--force", "--purpose",
                 "gestione-caso")
    read = hashlib.sha256(out.read_bytes()).hexdigest()
    demand(read == items[0]["sha256"], "l’assistente ha letto altri byte")
    foreign = documents_of(demo, archivist(other["unit"]), other)[0]["id"]
    nobody = "00000000-0000-4000-8000-000000000000"
    told = [demo.custode("assistente", "get", document, "-o", out, "--force", "--purpose",
                         "gestione-caso", accept=(3,))[1]["code"] for document in (foreign, nobody)]
    demand(told == ["not_found", "not_found"], f"il fascicolo d’altri risponde {told}")
    demo.custode("assistente", "dossier", "show", other["id"], accept=(3,))
    return f"{len(items)} documenti suoi; dell’altro fascicolo: non trovato"


def legal_office(demo):
    """Exports what was granted; sha256sum and custode-verify accept it without us."""
    one = dossier(demo, "F01")
    until = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
    demo.custode(archivist(one["unit"]), "account", "grant", "avvocatura", "--dossier", one["id"],
                 "--until", until, accept=(0, 4))
    export = make_private(demo.outbox) / "fascicolo-F01.zip"
    demo.custode("avvocatura", "export", "court", one["id"], "-o", export, "--force", "--purpose",
                 "avvocatura", "--recipient", "Tribunale per i minorenni di Valfinta")
    unpacked = demo.outbox / "fascicolo-F01"
    shutil.rmtree(unpacked, ignore_errors=True)
    with zipfile.ZipFile(export) as archive:
        archive.extractall(unpacked)
    bag = next(unpacked.glob("*/manifest-sha256.txt")).parent
    outside = subprocess.run(["sha256sum", "--check", "--strict", "--quiet",
                              "manifest-sha256.txt"], cwd=bag, capture_output=True, check=False)
    demand(outside.returncode == 0, "sha256sum -c: " + outside.stderr.decode(errors="replace"))
    verdict = offline(demo, export, "--key", (demo.vault / "identity.pub").read_text().strip())
    return f"{verdict['figures']['files']} file esportati, sha256sum -c e custode-verify d’accordo"


# --- the vault ------------------------------------------------------------------------------------

def offline(demo, path, *more):
    """custode-verify: no key, no network."""
    done = subprocess.run([demo.bin / "custode-verify", path, "--json", *map(str, more)],
                          capture_output=True, check=False,
                          env={**os.environ, "CUSTODE_LANG": "it"})
    if done.returncode not in (0, 7):
        raise Failed("custode-verify: " + problem(done.stderr))
    verdict = json.loads(done.stdout)
    if not verdict["valid"]:
        first = verdict["findings"][0]
        raise Failed(f"custode-verify {path}: {first['where']}: {first['message']}")
    return verdict


def verify_without_keys(demo):
    pins = demo.session("admin").with_name("pins.json")
    verdict = offline(demo, demo.vault, *(["--checkpoint", pins] if pins.exists() else []))
    figures = verdict["figures"]
    return (f"{millions(figures['events'])} eventi, {millions(figures['objects'])} contenuti, "
            f"{millions(figures['segment_bytes'])} byte")


def verify_with_keys(demo):
    done = demo.custoded("verify", demo.vault, "--keyfile", demo.keyfile, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise Failed("custoded verify: " + problem(done.stderr)) from None
    demand(done.returncode == 0 and report["intact"],
           f"custoded verify: {report['findings'][:3]}")
    return f"{millions(report['documents'])} documenti aperti, {millions(report['bytes'])} byte"


# --- what is told at the end ----------------------------------------------------------------------

def some(title, lines):
    if not lines:
        return
    print(f"\n{title}")
    for line in lines[:SHOWN_MAX]:
        print("  " + line.encode("unicode_escape").decode() if not line.isprintable()
              else "  " + line)
    if len(lines) > SHOWN_MAX:
        print(f"  … e altri {len(lines) - SHOWN_MAX}")


def tell_counts(counts):
    rows = [("File consegnati", counts.given, f"{millions(counts.given_bytes)} byte"),
            ("Archiviati ora", len(counts.filed), f"{millions(counts.filed_bytes)} byte"),
            ("Già archiviati", len(counts.already), f"{millions(counts.already_bytes)} byte"),
            ("Doppioni di un altro file", len(counts.double), "stessi byte, stesso fascicolo"),
            ("Respinti", len(counts.refused), ""),
            ("Confrontati", counts.compared, f"{millions(counts.compared_bytes)} byte"),
            ("Diversi", len(counts.different), "")]
    print()
    for name, number, more in rows:
        print(f"  {name:<26}{millions(number):>8}  {more}".rstrip())
    some("Respinti:", counts.refused)
    some("Diversi dall’originale:", counts.different)
    some("Non sono documenti (saltati):", counts.skipped)
    some("Note sull’elenco:", counts.notes)
    some("Dove sono i file consegnati:",
         [f"{code}  {number} file, li legge {archivist(unit)}"
          for (code, unit), number in sorted(counts.places.items())])


def tell_ways(demo, running):
    print(f"\nArchivio dimostrativo   {demo.folder}")
    if running:
        print(f"Indirizzo               {demo.url}")
    print("Utenze                  password in " + str(demo.folder / "utenti") + "/NOME.password")
    for name, role in {"admin": "administrator", **demo.state["accounts"]}.items():
        print(f"  {name:<36}{role}")
    hers = dossier(demo, "F04")["code"]
    print("\nDa provare")
    for line in (*(() if running else ("tools/start",)), f"export PATH={demo.bin}:$PATH CUSTODE_LANG=it",
                 f"export CUSTODE_SERVER={demo.url}",
                 f"export CUSTODE_CA={demo.ca}",
                 f"custode login --user assistente --password-file {demo.folder}/utenti/assistente.password",
                 f"custode list {hers}",
                 "custode get DOCUMENTO -o lettura.pdf --purpose gestione-caso",
                 "custode whoami", *(("tools/start --stop",) if running else ())):
        print("  " + line)
    print("\n" + wrapped("ATTENZIONE: nessun dato vero finché copia di riserva e ripristino non "
                         "sono provati in sede."))


# --- the play -------------------------------------------------------------------------------------

def make_papers(demo):
    if not (demo.papers / "fascicoli.json").exists():
        done = subprocess.run([HERE / "make_demo.py", demo.papers], capture_output=True,
                              check=False)
        demand(done.returncode == 0, "make_demo.py: " + problem(done.stderr))
    return f"{len(papers_folder(demo).files)} documenti"


def papers_folder(demo):
    # fascicoli.json says who the labels of the list are; it is not one of the papers.
    folder = Folder("carte", demo.papers, demo.papers / "fascicoli.json", own_units=True)
    folder.files.remove("fascicoli.json")
    return folder


def play(demo, given, talk):
    counts, documents = Counts(), []
    print(f"Dimostrazione in {demo.folder}")
    talk.step("carte inventate", lambda: make_papers(demo))
    folders = [papers_folder(demo)]
    if given:
        # The name is part of the filing's idempotency key: the same folder, the same name.
        name = "dati-" + hashlib.sha256(os.fsencode(given)).hexdigest()[:8]
        labels = given / "fascicoli.json"
        folders.append(Folder(name, given, labels))
    talk.step("archivio", lambda: "creato" if demo.init() else "c’era già")
    talk.step("servizio", lambda: demo.serve() and demo.url or demo.url + " (era in funzione)")
    units = sorted(set().union(*(folder.units() for folder in folders)) | {OWN_UNIT})
    talk.step("utenze", lambda: make_accounts(demo, units))
    first = archivist(units[0])
    codes = listing.Codes(*(demo.custode(first, "codes", kind)[1]["items"]
                            for kind in ("document-types", "authorities")))
    for folder in folders:
        talk.step("archivio i file di " + str(folder.path),
                  lambda folder=folder: file_folder(demo, folder, codes, counts, documents))
    talk.step("assistente sociale", lambda: social_worker(demo))
    talk.step("avvocatura", lambda: legal_office(demo))
    talk.step("confronto con gli originali", lambda: compare(demo, documents, counts))
    talk.step("servizio fermato per la verifica", lambda: demo.stop() and "")
    talk.step("verifica senza chiavi", lambda: verify_without_keys(demo))
    talk.step("verifica con le chiavi", lambda: verify_with_keys(demo))
    return counts


def run(options):
    demo = Demo(options.into, options.programs)
    demo.lock()
    if options.stop:
        print("Servizio fermato." if demo.stop() else "Il servizio non era in funzione.")
        return 0
    given = options.file.resolve() if options.file else None
    try:
        counts = play(demo, given, Talk())
    except BaseException:
        if options.check:
            demo.stop()
        raise
    if not options.check:
        demo.serve()
    tell_counts(counts)
    tell_ways(demo, not options.check)
    print("\n" + ("Tutto riuscito." if counts.good else "NON TUTTO È RIUSCITO: si vedano le righe "
                  "sopra."))
    return 0 if counts.good else 1


def main():
    parser = argparse.ArgumentParser(prog="tools/start", add_help=False,
                                     description="si veda tools/start --help")
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--file", type=pathlib.Path)
    parser.add_argument("--into", type=pathlib.Path, default=HERE.parent.parent / "demo")
    ending = parser.add_mutually_exclusive_group()
    ending.add_argument("--check", action="store_true")
    ending.add_argument("--stop", action="store_true")
    options = parser.parse_args()
    if options.file and not options.file.is_dir():
        parser.error(f"--file: {options.file} non è una cartella")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return run(options)
    except (Failed, listing.Wrong) as error:
        print(f"\nNON RIUSCITO: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
