#include "daemon/upkeep.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/upkeep.h"
#include "archive/vault.h"
#include "daemon/init.h"
#include "daemon/spoken.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

namespace custode::daemon {
namespace {

using Json = nlohmann::json;

constexpr int integrity_broken = 7;

std::string read_whole(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in.is_open())
        throw Error(ErrorCode::not_found, "file.unreadable", "could not read " + file);
    return text.str();
}

crypto::UnsealInput input_of(const UpkeepOptions& options) {
    crypto::UnsealInput input;
    if (!options.keyfile.empty()) input.keyfile = copy(view(read_whole(options.keyfile)));
    if (!options.passphrase_file.empty())
        input.passphrase = read_secret_line(options.passphrase_file);
    for (const std::string& file : options.share_files)
        input.shares.push_back(read_secret_line(file));
    if (!input.keyfile && !input.passphrase && input.shares.empty())
        throw Error(ErrorCode::invalid_argument, "unseal.no_key",
                    "give --keyfile, --passphrase-file or --share-file");
    return input;
}

/// On a terminal only: what is being looked at and how far it is.
void show_progress(const char* what, std::uint64_t done, std::uint64_t all) {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::cerr << "\r" << what << " " << done << "/" << all << (done == all ? "\n" : "")
              << std::flush;
}

Json to_json(const UpkeepReport& report) {
    Json tables = Json::array();
    for (const auto& table : report.tables) {
        Json one = {{"name", table.name}, {"rows", table.rows}, {"digest", table.digest}};
        if (!table.rebuilt.empty()) one["rebuilt"] = table.rebuilt;
        tables.push_back(std::move(one));
    }
    return {{"intact", report.findings.empty()}, {"events", report.events},
            {"documents", report.documents},     {"bytes", report.bytes},
            {"segments", report.segments},       {"tables", std::move(tables)},
            {"findings", report.findings},       {"replaced", report.replaced}};
}

std::string rebuilt_text(const auto& table) {
    if (table.rebuilt.empty()) return {};
    if (table.rebuilt == table.digest) return told("  = ricostruita", "  = rebuilt");
    return told("  ≠ ricostruita ", "  ≠ rebuilt ") + table.rebuilt.substr(0, 16);
}

int print(const UpkeepReport& report, bool json, const char* verb) {
    if (json) {
        std::cout << to_json(report).dump() << std::endl;
        return report.findings.empty() ? 0 : integrity_broken;
    }
    std::cout << verb << ": " << report.events << told(" eventi", " events");
    if (report.documents != 0)
        std::cout << ", " << report.documents << told(" documenti, ", " documents, ")
                  << report.bytes
                  << told(" byte aperti e confrontati, ", " bytes opened and compared, ")
                  << report.segments << told(" segmenti chiusi", " closed segments");
    std::cout << "\n";
    for (const auto& table : report.tables)
        std::cout << "  " << table.name
                  << std::string(14 - std::min<std::size_t>(13, table.name.size()), ' ')
                  << table.rows << told(" righe  ", " rows  ") << table.digest.substr(0, 16)
                  << rebuilt_text(table) << "\n";
    for (const std::string& finding : report.findings)
        std::cout << told("  GUASTO: ", "  BROKEN: ") << finding << "\n";
    if (report.replaced)
        std::cout << told("  catalogue.mdb sostituito; il precedente è catalogue.mdb.old\n",
                          "  catalogue.mdb replaced; the former one is catalogue.mdb.old\n");
    std::cout << (report.findings.empty()
                      ? told("Tutto integro.", "All is intact.")
                      : told("L’integrità NON è confermata.", "Integrity is NOT confirmed."))
              << std::endl;
    return report.findings.empty() ? 0 : integrity_broken;
}

}  // namespace

int run_verify(const UpkeepOptions& options) {
    return print(verify_vault(options.vault, input_of(options), SystemClock(), show_progress),
                 options.json, told("Verifica", "Verification"));
}

int run_rebuild(const UpkeepOptions& options) {
    return print(rebuild_vault(options.vault, input_of(options), SystemClock(), options.replace,
                               show_progress),
                 options.json, told("Ricostruzione", "Rebuilding"));
}

int run_rekey(const UpkeepOptions& options) {
    const SystemClock clock;
    const crypto::UnsealInput root = input_of(options);
    Vault::Options open;
    open.allow_any_file_system = true;
    open.reserve_bytes = 0;
    Vault vault(options.vault, clock, open);
    const auto progress = vault.unseal(root);
    if (!progress.unsealed)
        throw Error(ErrorCode::unauthenticated, "share.too_few",
                    "could not open: " + std::to_string(progress.given) + " of " +
                        std::to_string(progress.needed) + " shares");
    const auto open_vault = vault.open();
    const std::uint32_t epoch =
        open_vault->switch_epoch(root, {options.holders.begin(), options.holders.end()});
    const auto description = open_vault->description();
    if (options.json) {
        std::cout << Json{{"epoch", epoch},
                          {"holders", description.holders},
                          {"destruction_level", description.destruction_level}}
                         .dump()
                  << std::endl;
        return 0;
    }
    std::cout << told("Epoca ", "Epoch ") << epoch
              << told(" in vigore: ogni chiave è avvolta di nuovo.\n",
                      " in force: every key is wrapped anew.\n");
    for (const std::string& holder : description.holders)
        std::cout << told("  detentore  ", "  holder  ") << holder << "\n";
    std::cout << told("Una distruzione arriverebbe oggi al livello D",
                      "A destruction today would reach level D")
              << description.destruction_level << "." << std::endl;
    return 0;
}

namespace {

void tell(const RulesExplained& explained) {
    for (const auto& role : explained.roles) {
        std::cout << '\n' << role.name << "  (" << role.id << ")\n";
        for (const auto& line : role.lines)
            std::cout << "  · " << line.text << "  [" << line.rule << "]\n";
    }
    std::cout << std::flush;
}

Json as_json(const RulesExplained& explained) {
    Json roles = Json::array();
    for (const auto& role : explained.roles) {
        Json lines = Json::array();
        for (const auto& line : role.lines)
            lines.push_back({{"may", line.text}, {"rule", line.rule}});
        roles.push_back({{"role", role.id}, {"name", role.name}, {"rules", std::move(lines)}});
    }
    return roles;
}

}  // namespace

int run_rules_check(const std::vector<std::string>& files, bool json) {
    const bool italian = spoken_language() == Language::italian;
    bool good = true;
    Json answers = Json::array();
    const auto check = [&](const std::string& file, const std::string& text) {
        const auto fault = check_rules(text);
        good = good && !fault;
        if (fault) {
            answers.push_back({{"file", file}, {"line", fault->line}, {"reason", fault->reason}});
            if (!json)
                std::cout << file << ":" << fault->line << ": " << fault->reason << std::endl;
            return;
        }
        const RulesExplained explained = explain_rules(text, italian);
        answers.push_back({{"file", file},
                           {"ok", true},
                           {"sha256", explained.sha256},
                           {"roles", as_json(explained)}});
        if (json) return;
        std::cout << file << told(": in ordine", ": in order") << "  " << explained.sha256 << '\n';
        tell(explained);
    };
    for (const std::string& file : files) check(file, read_whole(file));
    if (files.empty())
        check(told("(le regole di serie)", "(the shipped rules)"), std::string(shipped_rules()));
    if (json) std::cout << answers.dump() << std::endl;
    return good ? 0 : 2;
}

}  // namespace custode::daemon
