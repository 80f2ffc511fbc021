// codes, version

#include "client/cli/console.h"

#include <algorithm>
#include <memory>

namespace custode::client {
namespace {

Exit list_codes(const std::string& kind, Console& console) {
    static constexpr std::string_view kinds[] = {"authorities", "document-types", "purposes"};
    if (std::find(std::begin(kinds), std::end(kinds), kind) == std::end(kinds)) {
        throw Problem("usage.codes", {kind});
    }
    const Json codes = console.api().list("/codes/" + kind);
    console.result(codes, [&](std::ostream& out) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& code : codes.at("items")) {
            rows.push_back({cell(code, "id"), cell(code, "label"), cell(code, "valid_from"),
                            cell(code, "valid_until")});
        }
        const Lang lang = console.lang();
        print_table(
            out,
            {"id", say(lang, "column.label"), say(lang, "column.from"), say(lang, "column.until")},
            rows);
    });
    return Exit::ok;
}

// The server's version is told when there is a server to ask; its absence is no failure here.
Exit show_version(Console& console) {
    Json result = {{"client", CUSTODE_VERSION}, {"api", 1}, {"server", nullptr}};
    try {
        const Json status = console.guest().get("/status");
        result["server"] = {{"version", status.value("version", Json())},
                            {"api", status.value("api", Json())}};
    } catch (const Problem&) {
        result["server"] = nullptr;
    }
    console.result(result, [&](std::ostream& out) {
        out << "custode " CUSTODE_VERSION " (API 1)\n";
        if (!result["server"].is_null()) {
            out << say(console.lang(), "version.server",
                       {cell(result["server"], "version"), cell(result["server"], "api")})
                << '\n';
        }
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> reference_commands() {
    const auto kind = std::make_shared<std::string>();
    return {
        {"codes",
         {"Elenca i codici in uso: authorities, document-types, purposes",
          "Lists the codes in use: authorities, document-types, purposes"},
         "codes document-types",
         {{"KIND",
           kind.get(),
           {"authorities, document-types o purposes", "authorities, document-types or purposes"},
           "",
           true}},
         {Exit::sealed},
         [kind](Console& console) { return list_codes(*kind, console); }},
        {"version",
         {"Mostra la versione del programma e del server",
          "Shows the version of the program and of the server"},
         "version",
         {},
         {},
         show_version},
    };
}

}  // namespace custode::client
