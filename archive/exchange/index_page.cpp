// archive/exchange/index_page.cpp
#include "archive/exchange/index_page.h"

#include "archive/base/encoding.h"
#include "archive/exchange/court_texts.h"
#include "archive/exchange/safe_text.h"

namespace custode::exchange {
namespace {

constexpr std::string_view style = R"css(
@page { size: A4; margin: 17mm 13mm 19mm 13mm;
  @bottom-left { content: string(foot); font-size: 7pt; color: #5a6570; }
  @bottom-right { content: "Pag. " counter(page) " di " counter(pages);
                  font-size: 7pt; color: #5a6570; } }
html { font-family: "DejaVu Sans"; font-size: 8.5pt; line-height: 1.4; color: #17212b; }
body { margin: 0; }
.foot { string-set: foot content(); position: absolute; font-size: 0; color: white; }
header { border-bottom: 1.2pt solid #17324d; padding-bottom: 3mm; margin-bottom: 7mm; }
header .body { font-size: 10.5pt; font-weight: bold; color: #17324d; }
header .mark { float: right; border: 1pt solid #8c1d18; color: #8c1d18; padding: 0.8mm 2.8mm;
               font-size: 8pt; font-weight: bold; text-transform: uppercase; }
h1 { font-size: 17pt; font-weight: normal; line-height: 1.2; margin: 0 0 1mm 0; color: #17324d; }
.under { color: #5a6570; margin: 0 0 5mm 0; }
table.facts { border-collapse: collapse; margin-bottom: 5mm; width: 100%; }
table.facts th { width: 31mm; text-align: left; font-weight: normal; color: #5a6570;
                 padding: 0.7mm 0; vertical-align: top; }
table.facts td { padding: 0.7mm 0; overflow-wrap: anywhere; }
section.omissions { border-left: 2pt solid #b9c4ce; padding: 0.5mm 0 0.5mm 4mm;
                    margin-bottom: 6mm; break-inside: avoid-page; }
h2 { font-size: 9.5pt; margin: 0 0 1mm 0; color: #17324d; }
section p, section ul { margin: 0; }
section ul { padding-left: 4mm; }
table.index { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: 7pt;
              line-height: 1.3; }
table.index thead th { text-align: left; vertical-align: bottom; font-weight: bold;
                       color: #17324d; border-bottom: 0.9pt solid #17324d;
                       padding: 1mm 1mm; }
table.index td { vertical-align: top; padding: 1.1mm 1mm; border-bottom: 0.3pt solid #c5ced6;
                 overflow-wrap: anywhere; }
table.index tr { break-inside: avoid; }
table.index .n { text-align: right; }
table.index .unknown { color: #7a5b00; font-style: italic; }
table.index .hash { font-family: "DejaVu Sans Mono"; font-size: 6pt; line-height: 1.45; }
col.c1 { width: 7.5mm; } col.c2 { width: 17mm; } col.c3 { width: 18.5mm; } col.c4 { width: 25mm; }
col.c5 { width: 19mm; } col.c7 { width: 10mm; } col.c8 { width: 17.5mm; } col.c9 { width: 17mm; }
section.check { margin-top: 7mm; border-top: 0.6pt solid #b9c4ce; padding-top: 3mm;
                break-inside: avoid-page; font-size: 7.5pt; }
section.check .mono { font-family: "DejaVu Sans Mono"; font-size: 6.5pt; overflow-wrap: anywhere; }
section.check p { margin-bottom: 1mm; }
)css";

std::string element(std::string_view name, std::string_view attributes, std::string_view html) {
    std::string out = "<";
    out.append(name).append(attributes.empty() ? "" : " ").append(attributes).append(">");
    return out.append(html).append("</").append(name).append(">\n");
}

std::string fact(std::string_view label, std::string_view text) {
    return element("tr", "",
                   element("th", "", html_escaped(label)) + element("td", "", html_escaped(text)));
}

std::string cell(const std::string& text, std::string_view attributes = "") {
    return element("td", attributes, html_escaped(text));
}

std::string cell_or_unknown(const std::string& text, std::string_view attributes = "") {
    return text.empty() ? element("td", "class=\"unknown\"", unknown_text) : cell(text, attributes);
}

/// Sixteen digits tell any two documents apart at a glance; all sixty-four are in the CSV.
std::string short_hash(const Sha256Digest& digest) {
    const std::string hex = to_hex(digest);
    return hex.substr(0, 8) + " " + hex.substr(8, 8) + "…";
}

std::string facts(const ExportHead& head, const std::vector<ExportDocument>& documents) {
    std::uint64_t bytes = 0;
    for (const ExportDocument& document : documents) bytes += document.bytes;
    return element(
        "table", "class=\"facts\"",
        fact("Fascicolo", head.dossier_code) + fact("Procedimento", or_unknown(head.proceedings)) +
            fact("Finalità", head.purpose) + fact("Destinatario", head.recipient) +
            fact("Richiedente", head.requester) +
            fact("Data", italian_day(roman_day(head.created))) +
            fact("Documenti", italian_number(documents.size()) + " (" + italian_size(bytes) + ")") +
            fact("Pagine", page_total(documents)));
}

std::string omissions(const ExportHead& head) {
    std::string items;
    for (const std::string& omission : head.omissions) {
        items += element("li", "", html_escaped(omission));
    }
    return element("section", "class=\"omissions\"",
                   element("h2", "", "Omissioni") +
                       (items.empty() ? element("p", "", "Nessuna omissione dichiarata.")
                                      : element("ul", "", items)));
}

std::string row(const ExportDocument& document) {
    constexpr std::size_t subject_characters_max = 600;  // the CSV holds all of it
    return element(
        "tr", "",
        cell(std::to_string(document.number), "class=\"n\"") +
            cell_or_unknown(document.dated ? italian_day(*document.dated) : "") +
            cell(document.protocol.empty() ? "–" : document.protocol) +
            cell_or_unknown(document.authority) + cell_or_unknown(document.type) +
            cell_or_unknown(shortened(document.subject, subject_characters_max)) +
            cell_or_unknown(document.pages ? std::to_string(*document.pages) : "", "class=\"n\"") +
            cell(short_hash(document.sha256), "class=\"hash\"") + cell(document.notes));
}

std::string table(const std::vector<ExportDocument>& documents) {
    std::string columns, rows;
    for (int i = 1; i <= 9; ++i) columns += "<col class=\"c" + std::to_string(i) + "\">";
    std::string head = element("th", "class=\"n\"", "N.");
    for (const char* title : {"Data", "Protocollo", "Autorità", "Tipo atto", "Oggetto"}) {
        head += element("th", "", title);
    }
    head += element("th", "class=\"n\"", "Pag.");
    for (const char* title : {"SHA-256", "Note"}) head += element("th", "", title);
    for (const ExportDocument& document : documents) rows += row(document);
    return element(
        "table", "class=\"index\"",
        columns + element("thead", "", element("tr", "", head)) + element("tbody", "", rows));
}

std::string how_to_check(const ExportHead& head) {
    std::string note;
    for (std::size_t start = 0, lines = 0; lines < 3; ++lines) {
        const std::size_t end = head.checkpoint.find('\n', start);
        note += html_escaped(head.checkpoint.substr(start, end - start)) + "<br>";
        if (end == std::string::npos) break;
        start = end + 1;
    }
    return element(
        "section", "class=\"check\"",
        element("h2", "", "Verifica") +
            element("p", "",
                    "L’impronta SHA-256 completa di ogni documento è in indice.csv e in "
                    "manifest-sha256.txt; le istruzioni sono in LEGGIMI.txt. Ogni "
                    "documento ha la sua ricevuta nella cartella prove, sotto questo "
                    "checkpoint del giornale (origine, eventi, radice):") +
            element("p", "class=\"mono\"", note) +
            element("p", "",
                    "Chiave pubblica dell’archivio, da confrontare con quella comunicata "
                    "dall’ente per altra via:") +
            element("p", "class=\"mono\"", html_escaped(head.verifier_key)));
}

std::string meta(std::string_view name, std::string_view content) {
    return "<meta name=\"" + std::string(name) + "\" content=\"" + html_escaped(content) + "\">\n";
}

}  // namespace

std::string index_page(const ExportHead& head, const std::vector<ExportDocument>& documents) {
    const std::string foot = "Fascicolo " + shortened(head.dossier_code, 60) + " – indice del " +
                             italian_day(roman_day(head.created)) + " – " + head.classification;
    const std::string letter_head =
        element("div", "class=\"mark\"", html_escaped(head.classification)) +
        element("div", "class=\"body\"", html_escaped(head.body));
    return "<!DOCTYPE html>\n<html lang=\"it\"><head><meta charset=\"utf-8\">\n" +
           element("title", "", html_escaped("Indice del fascicolo " + head.dossier_code)) +
           meta("author", head.body) + meta("generator", "Custode") +
           meta("dcterms.created", to_rfc3339(head.created)) + element("style", "", style) +
           "</head><body>\n" + element("div", "class=\"foot\"", html_escaped(foot)) +
           element("header", "", letter_head) + element("h1", "", "Indice degli atti") +
           element("p", "class=\"under\"", "Esportazione del fascicolo con originali e prove") +
           facts(head, documents) + omissions(head) + table(documents) + how_to_check(head) +
           "</body></html>\n";
}

}  // namespace custode::exchange
