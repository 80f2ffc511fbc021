// get, list, search, proof

#include "archive/base/encoding.h"
#include "archive/base/id.h"
#include "client/cli/console.h"
#include "client/cli/download.h"
#include "client/cli/progress.h"
#include "client/cli/terminal.h"
#include "client/cli/trust.h"

#include <memory>

namespace custode::client {
namespace {

struct ReadOptions {
    std::string document;
    std::string dossier;
    DownloadWishes wishes;
    std::string purpose;
    std::string reason;
    bool incomplete = false;
    std::string query;
    std::string in = "dossiers";
};

// Ids become parts of paths: what is no id is not sent at all.
std::string document_path(const std::string& id) {
    if (!parse_id<DocumentId>(id)) throw Problem("document.bad_id", {id});
    return "/documents/" + id;
}

void check_range(const std::string& range) {
    const std::size_t dash = range.find('-');
    const bool is_ok =
        range.empty() || (dash != std::string::npos && dash > 0 && range.size() < 40 &&
                          range.find_first_not_of("0123456789", dash + 1) == range.npos &&
                          range.find_first_not_of("0123456789") == dash);
    if (!is_ok) throw Problem("usage.range", {range});
}

Exit get(ReadOptions options, Console& console) {
    check_range(options.wishes.range);
    Api api = console.api();
    Request request = api.request("GET", document_path(options.document) + "/content");
    if (!options.purpose.empty())
        request.headers.emplace_back("Custode-Purpose", encoded(options.purpose));
    if (!options.reason.empty()) {
        request.headers.emplace_back("Custode-Reason", to_base64url(view(options.reason)));
    }
    options.wishes.fallback_name = options.document;
    options.wishes.may_resume = true;
    const Downloaded got = download(console, api, request, options.wishes);
    if (got.path.empty()) return Exit::ok;
    const Json result = {{"id", options.document},
                         {"path", visible(got.path)},
                         {"bytes", got.bytes},
                         {"sha256", got.sha256},
                         {"verified", got.is_verified}};
    console.result(result, [&](std::ostream& out) {
        const Lang lang = console.lang();
        out << say(lang, got.is_verified ? "get.done" : "get.unverified",
                   {got.path, size_text(got.bytes, lang), got.sha256})
            << '\n';
    });
    return Exit::ok;
}

std::string missing_text(const Json& document) {
    std::string text;
    for (const Json& field : document.value("missing", Json::array())) {
        if (!text.empty()) text += ", ";
        text += field.is_object()   ? cell(field, "label")
                : field.is_string() ? field.get<std::string>()
                                    : "";
    }
    return text;
}

void print_documents(std::ostream& out, const Json& items, bool incomplete, Lang lang) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& document : items) {
        rows.push_back({cell(document, "date_of_act"), cell(document, "type"),
                        cell(document, "authority"), cell(document, "file_name"),
                        cell(document, "bytes"), cell(document, "id"),
                        incomplete ? missing_text(document) : cell(document, "subject")});
    }
    print_table(out,
                {say(lang, "column.dated"), say(lang, "column.type"), say(lang, "column.authority"),
                 "file", lang == Lang::it ? "byte" : "bytes", "id",
                 say(lang, incomplete ? "column.missing" : "column.subject")},
                rows);
}

Exit list(const ReadOptions& options, Console& console) {
    Api api = console.api();
    std::string path = "/documents";
    if (!options.dossier.empty()) path = "/dossiers/" + api.dossier_id(options.dossier) + path;
    const Json documents = api.list(path + (options.incomplete ? "?incomplete=1" : ""));
    console.result(documents, [&](std::ostream& out) {
        print_documents(out, documents.at("items"), options.incomplete, console.lang());
    });
    return Exit::ok;
}

/// On what the server says the query fell; a word of a newer server is shown as it came.
std::string match_text(const Json& dossier, Lang lang) {
    static constexpr std::pair<std::string_view, Words> known[] = {
        {"code", {"codice", "code"}},
        {"tax_code", {"codice fiscale", "tax code"}},
        {"tax_code_near", {"codice fiscale simile", "similar tax code"}},
        {"external_id", {"altro sistema", "other system"}},
        {"number", {"numero", "number"}},
        {"name", {"nome", "name"}},
        {"birth", {"nascita", "birth"}}};
    std::string text;
    for (const Json& match : dossier.value("match", Json::array())) {
        std::string word = match.is_string() ? match.get<std::string>() : match.dump();
        for (const auto& [code, words] : known)
            if (word == code) word = words.in(lang);
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

Exit search(const ReadOptions& options, Console& console) {
    const Json found = console.api().search({{"query", options.query}, {"in", options.in}});
    if (found.at("items").empty() && !console.is_json()) console.note("search.none");
    console.result(found, [&](std::ostream& out) {
        const Lang lang = console.lang();
        if (options.in == "documents") {
            print_documents(out, found.at("items"), false, lang);
            return;
        }
        std::vector<std::vector<std::string>> rows;
        for (const Json& dossier : found.at("items")) {
            rows.push_back({cell(dossier, "code"), cell(dossier, "designation"),
                            cell(dossier, "birth"), cell(dossier, "unit"),
                            match_text(dossier, lang), cell(dossier, "id")});
        }
        print_table(
            out,
            {say(lang, "column.code"), say(lang, "column.designation"), say(lang, "column.birth"),
             say(lang, "column.unit"), say(lang, "column.match"), "id"},
            rows);
    });
    return Exit::ok;
}

Exit locate(const ReadOptions& options, Console& console) {
    Headers why{{"Custode-Purpose", encoded(options.purpose)}};
    if (!options.reason.empty())
        why.emplace_back("Custode-Reason", to_base64url(view(options.reason)));
    const Json found = console.api().post("/locations", {{"query", options.query}}, why);
    if (!found.at("items").is_array()) throw Problem("answer.malformed", {"items"});
    if (found.at("items").empty() && !console.is_json()) console.note("search.none");
    console.result(found, [&](std::ostream& out) {
        const Lang lang = console.lang();
        std::vector<std::vector<std::string>> rows;
        for (const Json& dossier : found.at("items"))
            rows.push_back({cell(dossier, "code"), cell(dossier, "designation"),
                            cell(dossier, "birth"), cell(dossier, "unit"), cell(dossier, "id")});
        print_table(out,
                    {say(lang, "column.code"), say(lang, "column.designation"),
                     say(lang, "column.birth"), say(lang, "column.unit"), "id"},
                    rows);
    });
    return Exit::ok;
}

Exit prove(const ReadOptions& options, Console& console) {
    const Json proof = console.api().get(document_path(options.document) + "/proof");
    const proof::Receipt receipt = receipt_of(proof);
    if (const auto why = proof::check(receipt, parse_key(console.session().key))) {
        throw Problem("receipt.wrong", {*why});
    }
    if (options.wishes.output.empty() || options.wishes.output == "-") {
        console.result(proof, [&](std::ostream& out) { out << receipt.json() << '\n'; });
        return Exit::ok;
    }
    if (!options.wishes.force && read_small_file(options.wishes.output, 1024 * 1024)) {
        throw Problem("file.exists", {options.wishes.output});
    }
    write_private_file(options.wishes.output, receipt.json() + "\n");
    const Json result = {{"document", options.document},
                         {"path", visible(options.wishes.output)},
                         {"index", receipt.index}};
    console.result(result, [&](std::ostream& out) {
        out << say(console.lang(), "proof.done",
                   {options.wishes.output, std::to_string(receipt.index)})
            << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> reading_commands() {
    const auto options = std::make_shared<ReadOptions>();
    const Option document{
        "DOCUMENT", &options->document, {"Id del documento", "Id of the document"}, "", true};
    const Option output{"-o,--output",
                        &options->wishes.output,
                        {"File di destinazione; «-» per l'uscita standard",
                         "File to write; \"-\" for standard output"},
                        "FILE"};
    const Option force{"--force",
                       &options->wishes.force,
                       {"Sostituisce un file esistente", "Replaces an existing file"}};
    return {
        {"get",
         {"Scarica un documento e ne verifica l'impronta. La lettura è registrata",
          "Downloads a document and verifies its digest. The reading is journaled"},
         "get 0b1c5a7e-3f52-4c6e-9f0a-2d8a4c1b7e90 -o decreto.pdf --purpose gestione-caso",
         {document,
          output,
          {"--range",
           &options->wishes.range,
           {"Solo i byte da A a B, compresi", "Only the bytes A to B, inclusive"},
           "A-B"},
          {"--purpose",
           &options->purpose,
           {"Finalità della lettura (vedi «codes purposes»); chi ha il fascicolo in carico può "
            "ometterla",
            "Purpose of the reading (see \"codes purposes\"); not needed by who has the dossier "
            "assigned"},
           "CODICE"},
          {"--reason",
           &options->reason,
           {"Motivo, dove la regola lo chiede", "Reason, where the rule asks for one"},
           "TESTO"},
          force},
         {Exit::not_found, Exit::sealed, Exit::integrity, Exit::interrupted},
         [options](Console& console) { return get(*options, console); }},
        {"list",
         {"Elenca i documenti di un fascicolo, o tutti quelli visibili",
          "Lists the documents of a dossier, or all one may see"},
         "list 2026/VII.11/000001 --incomplete",
         {{"DOSSIER", &options->dossier, {"Fascicolo, come id o codice", "Dossier, as id or code"}},
          {"--incomplete",
           &options->incomplete,
           {"Solo quelli a cui mancano dati, con ciò che manca",
            "Only those with missing data, and what is missing"}}},
         {Exit::not_found, Exit::sealed},
         [options](Console& console) { return list(*options, console); }},
        {"search",
         {"Cerca fascicoli o documenti per nome, codice fiscale, codice o numero",
          "Searches dossiers or documents by name, tax code, code or number"},
         "search \"esempi anna\"",
         {{"QUERY", &options->query, {"Che cosa cercare", "What to look for"}, "", true},
          {"--in",
           &options->in,
           {"dossiers (se taciuto) o documents", "dossiers (unless said) or documents"},
           "DOVE"}},
         {Exit::sealed},
         [options](Console& console) { return search(*options, console); }},
        {"locate",
         {"Trova di chi c'è un fascicolo e quale unità ne risponde, senza leggerlo",
          "Finds whose dossier there is and which unit answers for it, without reading it"},
         "locate \"esempi anna 2014\" --purpose archiviazione",
         {{"QUERY",
           &options->query,
           {"Nome, nascita, codice fiscale o numero", "Name, birth, tax code or number"},
           "",
           true},
          {"--purpose",
           &options->purpose,
           {"Finalità (vedi «codes purposes»)", "Purpose (see \"codes purposes\")"},
           "CODICE",
           true},
          {"--reason",
           &options->reason,
           {"Motivo, dove la regola lo chiede", "Reason, where the rule asks for one"},
           "TESTO"}},
         {Exit::not_found, Exit::sealed},
         [options](Console& console) { return locate(*options, console); }},
        {"proof",
         {"Salva la prova aggiornata che un documento è nel registro",
          "Saves the newest proof that a document is in the log"},
         "proof 0b1c5a7e-3f52-4c6e-9f0a-2d8a4c1b7e90 -o prova.json",
         {document, output, force},
         {Exit::not_found, Exit::sealed, Exit::integrity},
         [options](Console& console) { return prove(*options, console); }},
    };
}

}  // namespace custode::client
