// archive/exchange/court_texts.cpp
#include "archive/exchange/court_texts.h"

#include "archive/base/encoding.h"
#include "archive/exchange/csv.h"
#include "archive/exchange/file_names.h"
#include "archive/exchange/safe_text.h"

#include <array>
#include <cstdio>

namespace custode::exchange {

std::string italian_day(const Day& day) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%02u/%02u/%04d", day.day, day.month, day.year);
    return text.data();
}

std::string or_unknown(const std::string& text) {
    return text.empty() ? std::string(unknown_text) : text;
}

std::string italian_number(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, '.');
    return digits;
}

std::string italian_size(std::uint64_t bytes) {
    constexpr std::array<const char*, 4> units{"kB", "MB", "GB", "TB"};
    if (bytes < 1000) return std::to_string(bytes) + " byte";
    std::size_t unit = 0;
    std::uint64_t tenths = bytes / 100;  // of a kB
    while (tenths >= 10'000 && unit + 1 < units.size()) {
        tenths /= 1000;
        ++unit;
    }
    return italian_number(tenths / 10) + "," + std::to_string(tenths % 10) + " " + units[unit];
}

std::string page_total(const std::vector<ExportDocument>& documents) {
    std::uint64_t pages = 0;
    std::size_t unknown = 0;
    for (const ExportDocument& document : documents) {
        pages += document.pages.value_or(0);
        if (!document.pages) ++unknown;
    }
    const std::string known = italian_number(pages);
    if (unknown == 0) return known;
    if (unknown == documents.size()) return std::string(unknown_text);
    return known + ", più " +
           (unknown == 1 ? std::string("un documento") : italian_number(unknown) + " documenti") +
           " di cui non è noto il numero";
}

std::string index_csv(const std::vector<ExportDocument>& documents) {
    CsvTable table({"n", "data", "protocollo", "autorita", "tipo_atto", "oggetto", "pagine", "byte",
                    "sha256", "file", "nome_originale", "note"});
    for (const ExportDocument& document : documents) {
        table.row({std::to_string(document.number),
                   document.dated ? italian_day(*document.dated) : std::string(unknown_text),
                   document.protocol, or_unknown(document.authority), or_unknown(document.type),
                   or_unknown(document.subject),
                   document.pages ? std::to_string(*document.pages) : std::string(unknown_text),
                   std::to_string(document.bytes), to_hex(document.sha256),
                   "originali/" + document.file_name, or_unknown(document.original_name),
                   document.notes});
    }
    return table.bytes();
}

BagWriter::Info bag_info(const ExportHead& head) {
    return {{"Bag-Software-Agent", "Custode"},
            {"Custode-Export", "court 1"},
            {"Source-Organization", head.body},
            {"External-Identifier", head.dossier_code},
            {"Internal-Sender-Description", head.purpose},
            {"Custode-Recipient", head.recipient},
            {"Custode-Requester", head.requester},
            {"Custode-Classification", head.classification},
            {"Custode-Created", to_rfc3339(head.created)}};
}

std::string read_me(const ExportHead& head, std::size_t documents) {
    const std::string folder = export_folder_name(head.dossier_code, roman_day(head.created));
    const std::string one = one_line(head.dossier_code);
    return "ESPORTAZIONE DEL FASCICOLO " + one + " - " + one_line(head.classification) +
           "\n\n"
           "Destinatario: " +
           one_line(head.recipient) +
           "\n"
           "Finalità:     " +
           one_line(head.purpose) +
           "\n"
           "Data:         " +
           italian_day(roman_day(head.created)) +
           "\n"
           "Documenti:    " +
           italian_number(documents) +
           "\n\n"
           "Contiene dati personali di minori. Va custodita, usata solo per la finalità indicata "
           "e\n"
           "distrutta quando non serve più.\n\n"
           "CHE COSA CONTIENE LA CARTELLA \"data\"\n\n"
           "  indice.pdf    indice da leggere e da stampare\n"
           "  indice.csv    lo stesso indice come tabella (Excel, LibreOffice)\n"
           "  originali     i documenti, identici bit per bit a quelli depositati; quelli firmati\n"
           "                (.p7m) e i messaggi di posta (.eml) sono rimasti come sono arrivati\n"
           "  prove         per ogni documento una ricevuta (001.json è quella del documento 1),\n"
           "                il checkpoint del giornale e la chiave pubblica dell'archivio\n\n"
           "COME VERIFICARE\n\n"
           "1. Che nessun file sia cambiato. Dentro la cartella " +
           folder +
           ":\n\n"
           "     Linux:    sha256sum -c manifest-sha256.txt\n"
           "     macOS:    shasum -a 256 -c manifest-sha256.txt\n"
           "     Windows:  certutil -hashfile data\\originali\\NOME SHA256\n"
           "               e si confronta con la riga di manifest-sha256.txt\n\n"
           "2. Che i documenti siano quelli depositati, e che nulla sia stato tolto o aggiunto. "
           "Con\n"
           "   il programma custode-verify, che funziona senza rete:\n\n"
           "     custode-verify NOME-DEL-FILE.zip\n\n"
           "   Ogni ricevuta dimostra che l'impronta SHA-256 del documento era nel giornale "
           "firmato\n"
           "   dell'archivio. La chiave pubblica dell'archivio è\n\n"
           "     " +
           one_line(head.verifier_key) +
           "\n\n"
           "   e va confrontata con quella che l'ente comunica per altra via.\n";
}

}  // namespace custode::exchange
