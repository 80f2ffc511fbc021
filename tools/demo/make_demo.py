#!/usr/bin/python3
"""Makes the papers of a town that does not exist: Valfinta, its children, its courts.

Usage: tools/demo/make_demo.py FOLDER [--seed N]

Writes into FOLDER
  *.pdf *.eml *.png   the documents: acts of courts and public prosecutors, reports, minutes, mail
  elenco.csv          one line a document: file,fascicolo,cognome,nome,nascita,tipo,autorita,
                      procedimento,data,mittente,oggetto.  `fascicolo` holds the ids of
                      fascicoli.json, joined by "|" when one act concerns several children;
                      cognome, nome and nascita are the first child's.
  fascicoli.json      the dossiers: id, surname, name, born (a day), born_about (a year),
                      designation (of a child without a name), unit, household, proceedings

The same seed gives the same bytes.  Every person, place and number is invented; the surnames say
so (Inventati, Immaginari, …).  Exit codes: 0 made, 2 usage.
"""
import argparse
import csv
import email.message
import email.policy
import html
import json
import os
import pathlib
import random
import sys

# Font subsetting stamps its tables with this time.
os.environ["SOURCE_DATE_EPOCH"] = "1773273600"

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import papers  # noqa: E402
import scan  # noqa: E402
import town  # noqa: E402

FONTS = "DejaVu Serif"
STYLE = """
@page { size: A4; margin: 24mm 22mm 22mm 24mm;
        @bottom-center { content: "Pag. " counter(page) " di " counter(pages); font-size: 8pt; } }
html { font-family: "%s"; font-size: 10.5pt; line-height: 1.5; }
header { text-align: center; margin-bottom: 8mm; }
header .state { letter-spacing: 1pt; font-size: 9pt; }
header .office { font-weight: bold; font-size: 12.5pt; margin: 1mm 0; }
header .number { font-size: 9.5pt; }
h1 { font-size: 12.5pt; text-align: center; margin: 6mm 0; }
p { text-align: justify; margin: 0 0 3mm 0; }
.middle { text-align: center; font-weight: bold; margin: 5mm 0; }
.sign { margin: 10mm 0 0 85mm; text-align: center; }
.notice { margin-top: 9mm; font-size: 7.5pt; color: #777; text-align: center; }
""" % FONTS


def page(paper):
    text = html.escape
    parts = ["<header><div class=state>", text(paper.state), "</div><div class=office>",
             text(paper.office), "</div><div class=number>", text(paper.number),
             "</div></header><h1>", text(paper.title), "</h1>"]
    for line in paper.body:
        centred = line.isupper()
        parts += ["<p class=middle>" if centred else "<p>", text(line), "</p>"]
    parts += ["<p>", text(paper.place_and_day), "</p><div class=sign>", text(paper.signer[0]),
              "<br><em>", text(paper.signer[1]), "</em></div>",
              "<div class=notice>Documento dimostrativo: persone, luoghi e numeri sono "
              "inventati.</div>"]
    return ('<!DOCTYPE html><html lang=it><meta charset=utf-8><title>' + text(paper.title) +
            "</title><body>" + "".join(parts))


def as_pdf(weasyprint, style, fonts, paper):
    return weasyprint.HTML(string=page(paper), base_url="/nonexistent/").write_pdf(
        stylesheets=[style], font_config=fonts, identifier=papers.digest(paper).encode())


def as_mail(mail, attachment):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = mail.sender
    message["To"] = town.MAILBOX
    message["Date"] = mail.date_header
    message["Subject"] = mail.subject
    message["Message-ID"] = "<" + mail.message_id + ">"
    message.set_content("\n".join(mail.lines) + "\n")
    if attachment:
        name, content = attachment
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        message.set_boundary("=_" + mail.message_id.split("@")[0])
    return message.as_bytes()


def contents(made):
    """Every document with its bytes, in the order of the list."""
    import weasyprint  # one import for all pages: it takes longer than a page
    from weasyprint.text.fonts import FontConfiguration
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=STYLE, font_config=fonts)
    done = {}
    for document in made:
        if document.kind == "pdf":
            content = as_pdf(weasyprint, style, fonts, document.paper)
        elif document.kind == "eml":
            attached = document.mail.attached
            content = as_mail(document.mail, (attached, done[attached]) if attached else None)
        else:
            content = scan.png(document.scan_lines, document.scan_seed)
        done[document.file] = content
        yield document, content


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()

    chance = random.Random(arguments.seed)
    dossiers = town.dossiers(chance)
    made = papers.documents(dossiers, chance)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    total = 0
    with open(arguments.folder / "elenco.csv", "w", encoding="utf-8", newline="") as listing:
        rows = csv.writer(listing, lineterminator="\n")
        rows.writerow(["file", "fascicolo", "cognome", "nome", "nascita", "tipo", "autorita",
                       "procedimento", "data", "mittente", "oggetto"])
        for document, content in contents(made):
            (arguments.folder / document.file).write_bytes(content)
            total += len(content)
            first = document.dossiers[0]
            rows.writerow([document.file, "|".join(d["id"] for d in document.dossiers),
                           first["surname"], first["name"],
                           first.get("born") or first.get("born_about") or "", document.type,
                           document.authority, document.proceeding, document.day.isoformat(),
                           document.sender, document.subject])
    with open(arguments.folder / "fascicoli.json", "w", encoding="utf-8") as file:
        json.dump(dossiers, file, ensure_ascii=False, indent=1)
        file.write("\n")
    print(f"{len(made)} documenti, {total} byte, {len(dossiers)} fascicoli: {arguments.folder}")


if __name__ == "__main__":
    main()
