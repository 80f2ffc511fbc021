"""Who lives in Valfinta: children, parents, courts.  All invented, and named so that it shows."""
import datetime

TOWN = "Valfinta"
MAILBOX = "servizi.sociali@pec.comune.valfinta.example"
SERVICE = "Comune di Valfinta – Servizio sociale professionale"

JUVENILE_COURT = "Tribunale per i Minorenni di Valfinta"
COURT = "Tribunale di Valfinta – Sezione IX civile"
GUARDIANSHIP_JUDGE = "Tribunale di Valfinta – Ufficio del Giudice Tutelare"
PROSECUTOR = "Procura della Repubblica presso il Tribunale per i Minorenni di Valfinta"
POLICE = "Polizia Locale di Valfinta – Nucleo tutela donne e minori"
SCHOOL = "Istituto comprensivo «Giardino dei Sentieri», Valfinta"
HOSPITAL = "Ospedale Santa Chimera, Valfinta"

# id, surname, given name, birth (a day or a year), unit, household
CHILDREN = [
    ("F01", "Inventati", "Celeste", "2014-05-03", "municipio-1", "Inventati-Chimerini"),
    ("F02", "Inventati", "Nicolò", "2016-09-21", "municipio-1", "Inventati-Chimerini"),
    ("F03", "Inventati", "Mirta", "2020-01-30", "municipio-1", "Inventati-Chimerini"),
    ("F04", "Fantasiosi", "Leandro", "2012-11-11", "municipio-4", "Fantasiosi-Sognanti"),
    ("F05", "Fantasiosi", "Ottavia", "2015-02-28", "municipio-4", "Fantasiosi-Sognanti"),
    ("F06", "Immaginari", "Zeno", "2010-07-19", "municipio-2", "Immaginari"),
    ("F07", "D’Improvviso", "Agnese", "2018-12-06", "municipio-7", "D’Improvviso"),
    ("F08", "Nonesisti", "Amir", "2009", "pronto-intervento-minori", ""),
    ("F09", "", "", "2026-03-12", "pronto-intervento-minori", ""),
    ("F10", "Favolini", "Teresa Ludovica", "2013-04-17", "affidi", "Favolini"),
    ("F11", "Romanzini", "Elio", "2011-10-02", "penale-minorile", "Romanzini"),
    ("F12", "Delle Finzioni", "Noè", "2017-08-24", "spazio-neutro", "Delle Finzioni"),
]

JUDGES = ["dott.ssa Ersilia Fittizi", "dott. Ruggero Presunti", "dott.ssa Livia Apparenti"]
WORKERS = ["Fiorella Inventati", "Bruno Supposti", "Marta Ipotetici"]


def dossiers(chance):
    """The list of fascicoli.json; numbers of proceedings come from `chance`."""
    numbers = {}
    out = []
    for id_, surname, name, birth, unit, household in CHILDREN:
        year = max(chance.choice([2024, 2025]), int(birth[:4]))
        key = household or id_
        numbers.setdefault(key, f"R.G.V.G. {chance.randrange(100, 2900)}/{year}")
        dossier = {"id": id_, "surname": surname, "name": name, "unit": unit,
                   "household": household, "proceedings": [numbers[key]]}
        if len(birth) == 4:
            dossier["born_about"] = birth
        else:
            dossier["born"] = birth
        if not surname:
            dossier["designation"] = "neonata, 12/03/2026, " + HOSPITAL.split(",")[0]
        out.append(dossier)
    return out


def full_name(dossier):
    return (dossier["surname"] + " " + dossier["name"]).strip() or dossier["designation"]


def birth_text(dossier):
    if "born" in dossier:
        return "nato/a il " + italian(datetime.date.fromisoformat(dossier["born"]))
    return "anno di nascita dichiarato " + dossier["born_about"]


MONTHS = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
          "settembre", "ottobre", "novembre", "dicembre"]


def italian(day):
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
