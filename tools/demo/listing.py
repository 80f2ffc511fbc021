"""From a folder to the lists that `custode file --index` reads: what each file is, where it goes."""
import csv
import datetime
import json
import pathlib
import re

LIST = "elenco.csv"
UNSORTED = "Da smistare"
HEADING = ["file", "fascicolo", "tipo", "autorita", "procedimento", "data", "mittente", "oggetto"]
COLUMNS = ["file", "fascicolo", "cognome", "nome", "nascita", *HEADING[2:]]
CODE = re.compile(r"\d{4}/[A-Z]+\.\d+/\d{6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# As people write them, where it is not the name of the installation's own code.
TYPES = {"richiesta": "richiesta-pm", "messaggio": "corrispondenza", "mail": "corrispondenza",
         "pec": "corrispondenza", "nota": "nota-interna", "comunicazione": "corrispondenza"}
AUTHORITIES = [("procura", "minor", "PMM"), ("tribunale", "minor", "TM"),
               ("giudice", "tutelare", "TO-VIII"), ("tribunale", "ix", "TO-IX"),
               ("procura", "", "PM-TO"), ("corte", "appello", "CA"), ("cassazione", "", "CASS"),
               ("questura", "", "QUESTURA"), ("carabinieri", "", "CC"), ("polizia", "locale", "PL"),
               ("ussm", "", "USSM"), ("comune", "", "COMUNE"), ("tribunale", "", "AG-ALTRA"),
               ("ospedale", "", "ALTRO-ENTE"), ("istituto", "", "ALTRO-ENTE"),
               ("scuola", "", "ALTRO-ENTE"), ("comunità", "", "ALTRO-ENTE")]


class Wrong(Exception):
    """A list that cannot be followed, with its line."""


class Codes:
    """The installation's codes for types and authorities, and the way to them from words."""

    def __init__(self, types, authorities):
        self.types = {item["id"]: item["label"] for item in types}
        self.authorities = {item["id"]: item["label"] for item in authorities}

    @staticmethod
    def exact(codes, text):
        for code, label in codes.items():
            if text.casefold() in (code.casefold(), label.casefold()):
                return code
        return None

    def type(self, text):
        return (self.exact(self.types, text) or TYPES.get(text.casefold())
                or ("altro" if not text else None))

    def authority(self, text):
        if not text:
            return ""
        found = self.exact(self.authorities, text)
        words = text.casefold()
        for first, second, code in AUTHORITIES:
            if not found and code in self.authorities and first in words and second in words:
                found = code
        return found


def iso_day(text, line):
    """A day as the vault writes it; DD/MM/YYYY as people do."""
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if match:
        text = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    try:
        return datetime.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Wrong(f"riga {line}: data non valida: {text}") from None


def read_list(folder):
    """The rows of elenco.csv by file, each with its line; nothing when there is no list."""
    path = folder / LIST
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Wrong(f"{LIST} non è in UTF-8") from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(text.splitlines(keepends=True), strict=True,
                        delimiter=";" if first.count(";") > first.count(",") else ",")
    rows = {}
    try:
        heading = [name.strip().casefold().replace("à", "a") for name in next(reader, [])]
        if "file" not in heading or set(heading) - set(COLUMNS):
            raise Wrong(f"{LIST}: le colonne sono {', '.join(COLUMNS)}; qui: {', '.join(heading)}")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                raise Wrong(f"{LIST}, riga {reader.line_num}: {len(cells)} celle invece di "
                            f"{len(heading)}")
            row = dict.fromkeys(COLUMNS, "") | dict(zip(heading, map(str.strip, cells)))
            name = pathlib.PurePosixPath(row["file"]).as_posix()
            if name in rows:
                raise Wrong(f"{LIST}, riga {reader.line_num}: {name} compare due volte")
            rows[name] = row | {"line": reader.line_num}
    except csv.Error as error:
        raise Wrong(f"{LIST}, riga {reader.line_num}: {error}") from None
    return rows


def can_be_listed(name):
    """Whether a list, which is UTF-8 and trims its cells, can name the file."""
    try:
        return name == name.strip() and "\0" not in name and bool(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def files_of(folder):
    """(documents, what is no document) below a folder, sorted; the list itself is neither."""
    found, skipped = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            skipped.append(f"{name}: collegamento o file speciale")
        elif path.is_file() and name != LIST:
            if not can_be_listed(name):
                skipped.append(f"{name!a}: nome che un elenco non può dire; rinominarlo")
            elif path.stat().st_size == 0:
                skipped.append(f"{name}: vuoto (0 byte)")
            else:
                found.append(name)
    return found, skipped


class Dossiers:
    """Which dossiers a row means: by code, by a label of the list's own, by person, or none."""

    def __init__(self, rows, labels_file=None):
        self.people = {}
        if labels_file and labels_file.is_file():
            for one in json.loads(labels_file.read_text(encoding="utf-8")):
                self.people[one["id"]] = person(
                    one.get("surname"), one.get("name"), one.get("born") or one.get("born_about"),
                    one.get("designation"), one.get("unit"))
        for row in (rows or {}).values():
            label = row["fascicolo"].split("|")[0].strip()
            if label and not CODE.fullmatch(label) and (row["cognome"] or row["nome"]):
                self.people.setdefault(label, self.of_row(row))

    @staticmethod
    def of_row(row):
        return person(row["cognome"], row["nome"], row["nascita"])

    def of(self, row):
        """The keys of the dossiers of a row: a code, or (key, person) to be opened."""
        labels = [label.strip() for label in (row or {}).get("fascicolo", "").split("|")]
        labels = [label for label in labels if label]
        if labels:
            return [label if CODE.fullmatch(label) else
                    ("label " + label, self.people.get(label, person(designation=label)))
                    for label in labels]
        if row and (row["cognome"] or row["nome"]):
            who = self.of_row(row)
            return [("person " + " ".join([who["surname"], who["name"], who["birth"]]), who)]
        return [("unsorted", person(designation=UNSORTED))]


def person(surname="", name="", birth="", designation="", unit=""):
    return {"surname": surname or "", "name": name or "", "birth": birth or "",
            "designation": designation or "", "unit": unit or ""}


def person_options(who, line=""):
    """The options of `custode dossier open`."""
    options = []
    for option in ("surname", "name"):
        if who[option]:
            options += ["--" + option, who[option]]
    if who["designation"] or not options:
        options += ["--designation", who["designation"] or UNSORTED]
    birth = who["birth"]
    if re.fullmatch(r"\d{4}", birth):
        options += ["--born-about", birth]
    elif birth:
        options += ["--born", iso_day(birth, line)]
    return options


def described(name, dossiers, row, codes, notes):
    """A line of the list that the client reads; what is not a known code is noted, never invented."""
    row = row or dict.fromkeys(COLUMNS, "") | {"line": 0}
    kind, authority = codes.type(row["tipo"]), codes.authority(row["autorita"])
    sender = row["mittente"]
    if kind is None:
        notes.append(f"riga {row['line']}: tipo «{row['tipo']}» non in elenco: archiviato come altro")
        kind = "altro"
    if authority is None:
        notes.append(f"riga {row['line']}: autorità «{row['autorita']}» non in elenco: resta da "
                     "completare")
        authority, sender = "", sender or row["autorita"]
    return {"file": name, "fascicolo": "|".join(dossiers), "tipo": kind, "autorita": authority,
            "procedimento": row["procedimento"], "data": iso_day(row["data"], row["line"]),
            "mittente": sender, "oggetto": row["oggetto"]}


def write_list(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADING, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
