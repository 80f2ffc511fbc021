// export court

#include "client/cli/console.h"
#include "client/cli/download.h"
#include "client/cli/progress.h"
#include "client/cli/terminal.h"

#include <memory>

namespace custode::client {
namespace {

struct ExportOptions {
    std::string dossier;
    DownloadWishes wishes;
    std::string purpose;
    std::string recipient;
    std::string reason;
};

Exit export_court(ExportOptions options, Console& console) {
    Api api = console.api();
    const std::string id = api.dossier_id(options.dossier);
    Json asked = {
        {"kind", "court"}, {"purpose", options.purpose}, {"recipient", options.recipient}};
    if (!options.reason.empty()) asked["reason"] = options.reason;
    Request request = api.request("POST", "/dossiers/" + id + "/exports");
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = asked.dump();
    options.wishes.fallback_name = "export-" + id + ".zip";
    const Downloaded got = download(console, api, request, options.wishes);
    if (got.path.empty()) return Exit::ok;
    const Json result = {
        {"dossier", id}, {"path", visible(got.path)}, {"bytes", got.bytes}, {"sha256", got.sha256}};
    console.result(result, [&](std::ostream& out) {
        const Lang lang = console.lang();
        out << say(lang, "export.done", {got.path, size_text(got.bytes, lang), got.sha256}) << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> export_commands() {
    const auto options = std::make_shared<ExportOptions>();
    return {
        {"export court",
         {"Esporta un fascicolo per l'autorità giudiziaria: originali, indice, prove",
          "Exports a dossier for the court: originals, index, proofs"},
         "export court 2026/VII.11/000001 -o fascicolo.zip --purpose avvocatura "
         "--recipient \"Tribunale per i minorenni\"",
         {{"DOSSIER",
           &options->dossier,
           {"Fascicolo, come id o codice", "Dossier, as id or code"},
           "",
           true},
          {"-o,--output",
           &options->wishes.output,
           {"Archivio zip da scrivere; «-» per l'uscita standard",
            "Zip archive to write; \"-\" for standard output"},
           "FILE",
           true},
          {"--purpose",
           &options->purpose,
           {"Finalità (vedi «codes purposes»)", "Purpose (see \"codes purposes\")"},
           "CODICE",
           true},
          {"--recipient", &options->recipient, {"Destinatario", "Recipient"}, "TESTO", true},
          {"--reason",
           &options->reason,
           {"Motivo, dove la regola lo chiede", "Reason, where the rule asks for one"},
           "TESTO"},
          {"--force",
           &options->wishes.force,
           {"Sostituisce un file esistente", "Replaces an existing file"}}},
         {Exit::not_found, Exit::sealed, Exit::integrity, Exit::interrupted},
         [options](Console& console) { return export_court(*options, console); }},
    };
}

}  // namespace custode::client
