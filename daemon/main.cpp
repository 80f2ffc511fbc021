// custoded: the vault daemon and the verbs that work on a vault folder.
#include "archive/records/json.h"
#include "daemon/init.h"
#include "daemon/problems.h"
#include "daemon/serve.h"
#include "daemon/upkeep.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

using custode::Error;
using custode::ErrorCode;
namespace daemon = custode::daemon;

constexpr const char* version = "0.1.0";
constexpr const char* exits =
    "\nCodici di uscita: 0 riuscito · 1 fallito · 2 uso · 3 non trovato o non permesso · "
    "4 conflitto · 5 sigillato o bloccato · 7 integrità non confermata";

int exit_code(ErrorCode code) {
    switch (code) {  // no default: the compiler names a missing case
        case ErrorCode::invalid_argument: return 2;
        case ErrorCode::not_found: return 3;
        case ErrorCode::conflict: return 4;
        case ErrorCode::sealed:
        case ErrorCode::unauthenticated: return 5;
        case ErrorCode::corrupt: return 7;
        case ErrorCode::busy:
        case ErrorCode::full:
        case ErrorCode::storage:
        case ErrorCode::unsupported: return 1;
    }
    return 1;
}

bool english() {
    for (const char* name : {"CUSTODE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("en");
    return false;
}

int fail(const Error& error, bool json) {
    const auto language = english() ? daemon::Language::english : daemon::Language::italian;
    const auto text = daemon::problem_text(error.name(), error.code(), language);
    if (json) {
        std::cerr << nlohmann::json{{"code", error.name()},
                                    {"message", std::string(text.title) + ": " + error.what()},
                                    {"hint", text.hint}}
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  << std::endl;
    } else {
        std::cerr << "custoded: " << text.title << ".\n  " << error.what() << "  [" << error.name()
                  << "]\n  " << (english() ? "What to do: " : "Cosa fare: ") << text.hint
                  << std::endl;
    }
    return exit_code(error.code());
}

/// The verbs and where their options go.
struct Verbs {
    daemon::InitOptions init;
    daemon::ServeOptions serve;
    daemon::UpkeepOptions upkeep;
    std::string config;
    std::string listen;
    std::string monitor;
    std::vector<std::string> rule_files;
    bool json = false;
};

CLI::App* add_init(CLI::App& app, Verbs& verbs) {
    auto* verb = app.add_subcommand("init", "Crea un archivio nuovo in una cartella vuota");
    verb->add_option("DIR", verbs.init.vault, "La cartella dell’archivio")->required();
    verb->add_option("--keyfile", verbs.init.keyfile, "Scrive qui la chiave di apertura");
    verb->add_option("--passphrase-file", verbs.init.passphrase_file, "La frase di apertura");
    verb->add_option("--shares", verbs.init.shares, "Quante quote consegnare");
    verb->add_option("--threshold", verbs.init.threshold, "Quante quote bastano ad aprire");
    verb->add_option("--shares-dir", verbs.init.shares_dir, "Dove scrivere le quote");
    verb->add_option("--holder", verbs.init.holders, "File detentore del segreto d’epoca");
    verb->add_option("--name", verbs.init.names, "Nome DNS o indirizzo per il certificato");
    verb->add_option("--admin-password-file", verbs.init.administrator_password_file,
                     "La password di admin; senza, ne viene generata una");
    verb->add_flag("--allow-any-file-system", verbs.init.allow_any_file_system,
                   "Accetta anche overlay e FUSE");
    verb->footer(std::string("Esempio: custoded init /srv/custode --shares 5 --threshold 3 "
                             "--shares-dir /media/usb") +
                 exits);
    return verb;
}

CLI::App* add_serve(CLI::App& app, Verbs& verbs) {
    auto* verb = app.add_subcommand("serve", "Serve l’archivio; parte sigillato");
    verb->add_option("DIR", verbs.serve.vault, "La cartella dell’archivio")->required();
    verb->add_option("--listen", verbs.listen, "Indirizzo:porta; porta 0 ne sceglie una libera");
    verb->add_option("--monitor", verbs.monitor, "Indirizzo:porta di /healthz /readyz /metrics");
    verb->add_option("--config", verbs.config, "File TOML di configurazione");
    verb->add_option("--keyfile", verbs.serve.keyfile, "Apre da sé con questa chiave");
    verb->add_option("--passphrase-file", verbs.serve.passphrase_file,
                     "Apre da sé con questa frase");
    verb->add_flag("--quiet", verbs.serve.quiet, "Registra solo gli avvisi");
    verb->footer(std::string("Esempio: custoded serve /srv/custode --listen 0.0.0.0:8443") + exits);
    return verb;
}

CLI::App* add_upkeep(CLI::App& app, Verbs& verbs, const char* name, const char* what) {
    auto* verb = app.add_subcommand(name, what);
    verb->add_option("DIR", verbs.upkeep.vault, "La cartella dell’archivio")->required();
    verb->add_option("--keyfile", verbs.upkeep.keyfile, "La chiave di apertura");
    verb->add_option("--passphrase-file", verbs.upkeep.passphrase_file, "La frase di apertura");
    verb->add_option("--share-file", verbs.upkeep.share_files, "Una quota; si ripete");
    verb->footer(std::string("Esempio: custoded ") + name +
                 " /srv/custode --keyfile /media/usb/chiave" + exits);
    return verb;
}

void prepare_serve(Verbs& verbs) {
    if (!verbs.config.empty()) verbs.serve.config = daemon::read_config(verbs.config);
    if (!verbs.listen.empty()) verbs.serve.config.listen = verbs.listen;
    if (!verbs.monitor.empty()) verbs.serve.config.monitor = verbs.monitor;
    verbs.serve.version = version;
    verbs.serve.json = verbs.json;
}

}  // namespace

int main(int argc, char** argv) {
    ::umask(0077);  // Whatever is made here is nobody else's, unless said otherwise.
    CLI::App app{"custoded: l’archivio cifrato dei fascicoli dei minori", "custoded"};
    app.set_version_flag("--version", version);
    app.require_subcommand(1);
    app.fallthrough();
    Verbs verbs;
    app.add_flag("--json", verbs.json, "Risponde con un oggetto JSON");
    const auto* init = add_init(app, verbs);
    const auto* serve = add_serve(app, verbs);
    const auto* verify = add_upkeep(app, verbs, "verify", "Verifica l’archivio, con le chiavi");
    const auto* rebuild =
        add_upkeep(app, verbs, "rebuild", "Ricostruisce le tabelle dal registro e le confronta");
    auto* rekey =
        add_upkeep(app, verbs, "rekey",
                   "Avvolge ogni chiave sotto un nuovo segreto d’epoca, ad archivio chiuso");
    rekey->add_option("--holder", verbs.upkeep.holders,
                      "File detentore del nuovo segreto; si ripete. Senza: quelli di prima");
    auto* rules = app.add_subcommand("rules", "Le regole di accesso");
    auto* check = rules->add_subcommand("check", "Controlla un file di regole");
    check->add_option("FILE", verbs.rule_files, "I file da controllare")->required();
    rules->require_subcommand(1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    try {
        verbs.init.json = verbs.upkeep.json = verbs.json;
        if (*init) daemon::run_init(verbs.init, custode::SystemClock());
        if (*serve) {
            prepare_serve(verbs);
            daemon::run_serve(verbs.serve);
        }
        if (*verify) return daemon::run_verify(verbs.upkeep);
        if (*rebuild) return daemon::run_rebuild(verbs.upkeep);
        if (*rekey) return daemon::run_rekey(verbs.upkeep);
        if (*check) return daemon::run_rules_check(verbs.rule_files, verbs.json);
        return 0;
    } catch (const Error& error) {
        return fail(error, verbs.json);
    } catch (const std::exception& error) {
        return fail(Error(ErrorCode::storage, "daemon.failed", error.what()), verbs.json);
    }
}
