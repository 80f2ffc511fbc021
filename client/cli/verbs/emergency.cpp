// emergency …: the one page that protects a child tonight

#include "client/cli/console.h"
#include "client/cli/state.h"
#include "client/cli/terminal.h"

#include <memory>

namespace custode::client {
namespace {

constexpr std::size_t sheet_bytes_max = 64 * 1024;

struct EmergencyOptions {
    std::string dossier;
    std::string file;
};

constexpr std::pair<const char*, const char*> lists[] = {{"responsibility", "sheet.responsibility"},
                                                         {"dangers", "sheet.dangers"},
                                                         {"measures", "sheet.measures"},
                                                         {"health", "sheet.health"},
                                                         {"contacts", "sheet.contacts"},
                                                         {"placements", "sheet.placements"}};

void print_line(std::ostream& out, const Json& line) {
    std::string basis = cell(line, "said_by");
    if (basis.empty()) basis = cell(line, "source");
    out << "  " << visible(cell(line, "text"));
    if (!cell(line, "until").empty()) out << "  → " << visible(cell(line, "until"));
    out << "  [" << visible(basis) << "]\n";
}

Exit show_sheet(const Json& answer, Console& console) {
    console.result(answer, [&](std::ostream& out) {
        const Lang lang = console.lang();
        out << visible(cell(answer, "designation")) << "  " << visible(cell(answer, "birth"))
            << "\n"
            << visible(cell(answer, "code")) << "  " << visible(cell(answer, "unit")) << "  "
            << visible(cell(answer, "assigned")) << "\n\n";
        const Json& sheet = answer.at("sheet");
        if (sheet.is_null()) {
            out << say(lang, "sheet.none") << '\n';
            return;
        }
        for (const auto& [name, title] : lists) {
            if (!sheet.contains(name)) continue;
            out << say(lang, title) << '\n';
            for (const Json& line : sheet.at(name)) print_line(out, line);
        }
        out << '\n'
            << say(lang, "sheet.validated", {cell(sheet, "validated"), cell(sheet, "validated_by")})
            << '\n';
    });
    return Exit::ok;
}

std::string path_of(Api& api, const EmergencyOptions& options) {
    return "/dossiers/" + api.dossier_id(options.dossier) + "/emergency-sheet";
}

Exit show(const EmergencyOptions& options, Console& console) {
    Api api = console.api();
    return show_sheet(api.get(path_of(api, options)), console);
}

Exit write(const EmergencyOptions& options, Console& console) {
    const auto content = read_small_file(options.file, sheet_bytes_max);
    if (!content) throw Problem("file.missing", {options.file});
    const Json sheet = parse_answer(*content);
    Api api = console.api();
    return show_sheet(api.put(path_of(api, options), sheet), console);
}

}  // namespace

std::vector<Command> emergency_commands() {
    const auto options = std::make_shared<EmergencyOptions>();
    const Option dossier{"DOSSIER",
                         &options->dossier,
                         {"Fascicolo, come id o codice (2026/VII.11/000001)",
                          "Dossier, as id or code (2026/VII.11/000001)"},
                         "",
                         true};
    const std::vector<Exit> exits{Exit::not_found, Exit::sealed};
    return {
        {"emergency show",
         {"La scheda di emergenza: ciò che protegge il minore stanotte",
          "The emergency sheet: what protects the child tonight"},
         "emergency show 2026/VII.11/000001",
         {dossier},
         exits,
         [options](Console& console) { return show(*options, console); }},
        {"emergency write",
         {"Scrive la scheda di emergenza, che si valida con la data di oggi",
          "Writes the emergency sheet, validated with today's date"},
         "emergency write 2026/VII.11/000001 --file scheda.json",
         {dossier,
          {"--file",
           &options->file,
           {"Scheda in JSON: responsibility, measures, dangers, health, contacts, placements",
            "Sheet in JSON: responsibility, measures, dangers, health, contacts, placements"},
           "FILE",
           true}},
         exits,
         [options](Console& console) { return write(*options, console); }},
    };
}

}  // namespace custode::client
