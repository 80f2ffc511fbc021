// file, refile

#include "client/cli/console.h"
#include "client/cli/filing.h"
#include "client/cli/index.h"
#include "client/cli/metadata.h"
#include "client/cli/signals.h"
#include "client/cli/state.h"
#include "client/cli/terminal.h"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace custode::client {
namespace {

struct FileOptions {
    std::string dossier;
    std::vector<std::string> paths;
    MetadataOptions metadata;
    std::string name;
    std::vector<std::string> also;
    FilingWishes wishes;
    IndexWishes index;
};

bool is_one_file(const FileOptions& options) {
    std::error_code error;
    return options.index.file.empty() && options.paths.size() == 1 &&
           !std::filesystem::is_directory(options.paths.front(), error);
}

void check_wishes(const FileOptions& options) {
    const bool has_index = !options.index.file.empty();
    if (options.paths.empty() && !has_index) throw Problem("usage.no_path");
    if (options.dossier == "-" && !has_index) throw Problem("usage.dash");
    if (!is_one_file(options) && !options.name.empty()) throw Problem("usage.one_file", {"--name"});
    if (!is_one_file(options) && !options.wishes.request_id.empty()) {
        throw Problem("usage.one_file", {"--request-id"});
    }
    const unsigned connections = options.wishes.connections;
    if (connections < 1 || connections > FilingBatch::connections_max) {
        throw Problem("usage.connections", {std::to_string(FilingBatch::connections_max)});
    }
}

// What the command line says goes to every file; what the list says of a file goes over it.
void describe(std::vector<FilingItem>& items, const FileOptions& options, const Json& also) {
    const Json common = metadata_json(options.metadata);
    for (FilingItem& item : items) {
        if (!options.name.empty()) {
            const auto fault = file_name_fault(options.name);
            item.problem.reset();
            if (!fault.empty())
                item.problem = Problem(fault, {options.name});
            else
                item.metadata = {{"file_name", options.name}};
        }
        if (item.problem) continue;
        for (const auto& [field, value] : common.items()) {
            if (!item.metadata.contains(field)) item.metadata[field] = value;
        }
        for (const Json& one : also) item.metadata["also"].push_back(one);
        if (!options.wishes.again.empty()) item.metadata["again"] = options.wishes.again;
        if (!item.metadata.contains("type")) item.problem = Problem("file.no_type", {item.path});
    }
}

void put_into(std::vector<FilingItem>& items, const std::string& id, const std::string& shown) {
    for (FilingItem& item : items) {
        if (!item.dossier.empty() || item.problem) continue;
        if (shown == "-") item.problem = Problem("index.unlisted", {item.path});
        item.dossier = id;
        item.shown = shown;
    }
}

Json item_json(const FilingItem& item, Lang lang) {
    Json json = item.result.is_null() ? Json::object() : item.result;
    json["path"] = visible(item.path);
    json["dossier"] = item.dossier.empty() ? item.shown : item.dossier;
    if (item.was_there) json["already_filed"] = true;
    if (item.problem) json["problem"] = problem_json(*item.problem, lang);
    return json;
}

void print_summary(std::ostream& out, const std::vector<FilingItem>& items, bool is_dry,
                   Lang lang) {
    std::uint64_t done = 0, failed = 0, bytes = 0;
    for (const FilingItem& item : items) {
        if (item.problem)
            ++failed;
        else if (item.is_done()) {
            ++done;
            bytes += item.bytes;
        }
    }
    out << say(lang, is_dry ? "batch.would" : "batch.done",
               {count_text(done, lang), size_text(bytes, lang), count_text(failed, lang),
                count_text(items.size() - done - failed, lang)})
        << '\n';
}

Exit finish(const std::vector<FilingItem>& items, const FileOptions& options, Console& console) {
    if (options.wishes.is_alone) {
        if (items.front().problem) throw *items.front().problem;
        if (!items.front().is_done()) throw Problem("interrupted");
        if (console.is_json()) {
            Json one = items.front().result;
            if (items.front().was_there) one["already_filed"] = true;
            console.result(one, [](std::ostream&) {});
        }
        return Exit::ok;
    }
    Json list = Json::array();
    for (const FilingItem& item : items) list.push_back(item_json(item, console.lang()));
    console.result(Json{{"items", std::move(list)}}, [&](std::ostream& out) {
        if (!console.is_quiet()) print_summary(out, items, options.wishes.is_dry, console.lang());
    });
    return exit_of(items);
}

std::vector<FilingItem> collected(const FileOptions& options, Console& console) {
    std::vector<FilingItem> items;
    if (options.index.file.empty()) return walk(options.paths);
    items = options.paths.empty() ? files_of_index(options.index) : walk(options.paths);
    apply_index(items, options.index, console, options.wishes.is_dry);
    return items;
}

Exit file(FileOptions options, Console& console) {
    check_wishes(options);
    options.wishes.is_alone = is_one_file(options);
    std::vector<FilingItem> items = collected(options, console);
    Json also = Json::array();
    std::string dossier;
    if (!options.wishes.is_dry) {
        Api api = console.api();
        if (options.dossier != "-") dossier = api.dossier_id(options.dossier);
        for (const std::string& one : options.also) also.push_back(api.dossier_id(one));
    }
    describe(items, options, also);
    put_into(items, dossier, options.dossier);
    FilingBatch(console, options.wishes).run(items);
    return finish(items, options, console);
}

struct RefileOptions {
    std::string document;
    std::string from;
    std::string to;
    std::string reason;
};

Exit refile(const RefileOptions& options, Console& console) {
    Api api = console.api();
    const Json asked = {{"from", api.dossier_id(options.from)},
                        {"to", api.dossier_id(options.to)},
                        {"reason", options.reason}};
    const Json answer = api.post("/documents/" + encoded(options.document) + "/refile", asked);
    console.result(answer, [&](std::ostream& out) {
        const Lang lang = console.lang();
        out << say(lang, "refile.done", {options.document, options.from, options.to}) << '\n';
        std::vector<std::vector<std::string>> rows;
        for (const Json& reader : answer.value("readers", Json::array())) {
            rows.push_back(
                {cell(reader, "account"), cell(reader, "time"), cell(reader, "purpose")});
        }
        if (rows.empty()) {
            out << say(lang, "refile.nobody") << '\n';
            return;
        }
        out << say(lang, "refile.readers") << '\n';
        print_table(
            out, {say(lang, "column.name"), say(lang, "column.time"), say(lang, "column.purpose")},
            rows);
    });
    return Exit::ok;
}

std::vector<Option> file_options(const std::shared_ptr<FileOptions>& options) {
    std::vector<Option> all = {
        {"DOSSIER",
         &options->dossier,
         {"Fascicolo, come id o codice; «-» se lo dice --index per ogni file",
          "Dossier, as id or code; \"-\" when --index says it file by file"},
         "",
         true},
        {"PATH",
         &options->paths,
         {"File e cartelle; le cartelle si percorrono per intero, in ordine",
          "Files and folders; folders are walked whole, in order"}},
    };
    for (Option& option : options->metadata.described()) all.push_back(std::move(option));
    const std::vector<Option> rest = {
        {"--name",
         &options->name,
         {"Nome con cui archiviare il file, al posto del suo", "Name to file it under"},
         "NOME"},
        {"--also",
         &options->also,
         {"Altro fascicolo a cui appartiene (fratelli); si può ripetere",
          "Another dossier it belongs to (siblings); may be repeated"},
         "FASCICOLO"},
        {"--again",
         &options->wishes.again,
         {"Archivia di nuovo gli stessi byte nello stesso fascicolo, per questo motivo",
          "Files the same bytes once more in the same dossier, for this reason"},
         "MOTIVO"},
        {"--request-id",
         &options->wishes.request_id,
         {"Chiave della richiesta (16-64 caratteri), al posto di quella calcolata",
          "Key of the request (16-64 characters) in place of the computed one"},
         "CHIAVE"},
        {"--index",
         &options->index.file,
         {"Elenco CSV: file,fascicolo,cognome,nome,nascita,tipo,autorita,procedimento,data,"
          "mittente,oggetto",
          "CSV list: file,fascicolo,cognome,nome,nascita,tipo,autorita,procedimento,data,"
          "mittente,oggetto"},
         "FILE"},
        {"--open-missing",
         &options->index.open_missing,
         {"Apre i fascicoli che l'elenco nomina e non esistono (con --unit)",
          "Opens the dossiers that the list names and that do not exist (with --unit)"}},
        {"--unit",
         &options->index.unit,
         {"Unità dei fascicoli da aprire", "Unit of the dossiers to open"},
         "UNITÀ"},
        {"--connections",
         &options->wishes.connections,
         {"Connessioni in parallelo, da 1 a 16 (4)", "Connections at once, 1 to 16 (4)"},
         "N"},
        {"--receipts",
         &options->wishes.receipts,
         {"Cartella in cui salvare le ricevute", "Folder in which to save the receipts"},
         "CARTELLA"},
        {"--dry-run",
         &options->wishes.is_dry,
         {"Calcola le impronte e mostra che cosa si archivierebbe; non contatta il server",
          "Computes the digests and shows what would be filed; does not contact the server"}},
    };
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

}  // namespace

std::vector<Command> filing_commands() {
    const auto options = std::make_shared<FileOptions>();
    const auto refiling = std::make_shared<RefileOptions>();
    return {
        {"file",
         {"Archivia file o cartelle in un fascicolo e controlla subito ogni ricevuta. Ripetuto "
          "dopo un'interruzione, riprende da dove era",
          "Files files or folders in a dossier and checks every receipt at once. Repeated after "
          "an interruption, it resumes where it was"},
         "file 2026/VII.11/000001 decreto.pdf --type decreto --authority TM "
         "--proceeding \"R.G.V.G. 567/2025\" --dated 2026-03-12",
         file_options(options),
         {Exit::not_found, Exit::conflict, Exit::sealed, Exit::partial, Exit::integrity,
          Exit::interrupted},
         [options](Console& console) { return file(*options, console); }},
        {"refile",
         {"Sposta un documento dal fascicolo sbagliato a quello giusto ed elenca chi lo ha aperto",
          "Moves a document from the wrong dossier to the right one and lists who opened it"},
         "refile 0b1c…  --from 2026/VII.11/000001 --to 2026/VII.11/000002 --reason \"omonimia\"",
         {{"DOCUMENT", &refiling->document, {"Id del documento", "Id of the document"}, "", true},
          {"--from", &refiling->from, {"Fascicolo sbagliato", "Wrong dossier"}, "FASCICOLO", true},
          {"--to", &refiling->to, {"Fascicolo giusto", "Right dossier"}, "FASCICOLO", true},
          {"--reason", &refiling->reason, {"Motivo", "Reason"}, "MOTIVO", true}},
         {Exit::not_found, Exit::conflict, Exit::sealed},
         [refiling](Console& console) { return refile(*refiling, console); }},
    };
}

}  // namespace custode::client
