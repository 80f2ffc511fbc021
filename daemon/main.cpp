// custoded: the vault daemon and the verbs that work on a vault folder.
#include "archive/records/json.h"
#include "daemon/init.h"
#include "daemon/problems.h"
#include "daemon/serve.h"
#include "daemon/spoken.h"
#include "daemon/upkeep.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>

namespace {

using custode::Error;
using custode::ErrorCode;
namespace daemon = custode::daemon;

constexpr const char* version = "0.1.0";
using daemon::told;

std::string footer(const std::string& example) {
    return told("Esempio: ", "Example: ") + example +
           told(
               "\nCodici di uscita: 0 riuscito · 1 fallito · 2 uso · 3 non trovato o non permesso "
               "· "
               "4 conflitto · 5 sigillato o bloccato · 7 integrità non confermata",
               "\nExit codes: 0 done · 1 failed · 2 usage · 3 not found or not permitted · "
               "4 conflict · 5 sealed or locked · 7 integrity not confirmed");
}

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

int fail(const Error& error, bool json) {
    const auto text = daemon::problem_text(error.name(), error.code(), daemon::spoken_language());
    if (json) {
        std::cerr << nlohmann::json{{"code", error.name()},
                                    {"message", std::string(text.title) + ": " + error.what()},
                                    {"hint", text.hint}}
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  << std::endl;
    } else {
        std::cerr << "custoded: " << text.title << ".\n  " << error.what() << "  [" << error.name()
                  << "]\n  " << told("Cosa fare: ", "What to do: ") << text.hint << std::endl;
    }
    return exit_code(error.code());
}

/// The words of the help that are CLI11's own; verbs that are added later inherit them.
void speak(CLI::App& app) {
    auto formatter = std::make_shared<CLI::Formatter>();
    constexpr std::array<std::array<const char*, 3>, 7> words{{
        {"Usage", "Uso", "Usage"},
        {"OPTIONS", "OPZIONI", "OPTIONS"},
        {"SUBCOMMAND", "COMANDO", "VERB"},
        {"Positionals", "Argomenti", "Arguments"},
        {"REQUIRED", "(obbligatorio)", "(required)"},
        {"TEXT", "...", "..."},
        {"INT", "N", "N"},
    }};
    for (const auto& [key, italian, english] : words) formatter->label(key, told(italian, english));
    app.formatter(formatter);
    app.option_defaults()->group(told("Opzioni", "Options"));
    app.set_help_flag("-h,--help", told("Mostra questo aiuto", "Shows this help"))
        ->group(told("Opzioni", "Options"));
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
    auto* verb = app.add_subcommand("init", told("Crea un archivio nuovo in una cartella vuota",
                                                 "Makes a new vault in an empty folder"));
    verb->add_option("DIR", verbs.init.vault,
                     told("La cartella dell’archivio", "The vault’s folder"))
        ->required();
    verb->add_option("--keyfile", verbs.init.keyfile,
                     told("Scrive qui la chiave di apertura", "Writes the opening key here"));
    verb->add_option("--passphrase-file", verbs.init.passphrase_file,
                     told("La frase di apertura", "File with the opening passphrase"));
    verb->add_option("--shares", verbs.init.shares,
                     told("Quante quote consegnare", "How many shares to hand out"));
    verb->add_option("--threshold", verbs.init.threshold,
                     told("Quante quote bastano ad aprire", "How many shares open it"));
    verb->add_option("--shares-dir", verbs.init.shares_dir,
                     told("Dove scrivere le quote", "Where to write the shares"));
    verb->add_option(
        "--holder", verbs.init.holders,
        told("File detentore del segreto d’epoca", "A holder file of the epoch secret"));
    verb->add_option(
        "--name", verbs.init.names,
        told("Nome DNS o indirizzo per il certificato", "DNS name or address for the certificate"));
    verb->add_option("--admin-password-file", verbs.init.administrator_password_file,
                     told("La password di admin; senza, ne viene generata una",
                          "admin’s password; without it one is made up"));
    verb->add_flag("--allow-any-file-system", verbs.init.allow_any_file_system,
                   told("Accetta anche overlay e FUSE", "Accepts overlay and FUSE too"));
    verb->footer(
        footer("custoded init /srv/custode --shares 5 --threshold 3 --shares-dir /media/usb"));
    return verb;
}

CLI::App* add_serve(CLI::App& app, Verbs& verbs) {
    auto* verb = app.add_subcommand(
        "serve", told("Serve l’archivio; parte sigillato", "Serves the vault; it starts sealed"));
    verb->add_option("DIR", verbs.serve.vault,
                     told("La cartella dell’archivio", "The vault’s folder"))
        ->required();
    verb->add_option("--listen", verbs.listen,
                     told("Indirizzo:porta; porta 0 ne sceglie una libera",
                          "Address:port; port 0 picks a free one"));
    verb->add_option("--monitor", verbs.monitor,
                     told("Indirizzo:porta di /healthz /readyz /metrics",
                          "Address:port of /healthz /readyz /metrics"));
    verb->add_option("--config", verbs.config,
                     told("File TOML di configurazione", "TOML file of configuration"));
    verb->add_option("--keyfile", verbs.serve.keyfile,
                     told("Apre da sé con questa chiave", "Opens by itself with this key"));
    verb->add_option("--passphrase-file", verbs.serve.passphrase_file,
                     told("Apre da sé con questa frase", "Opens by itself with this passphrase"));
    verb->add_flag("--quiet", verbs.serve.quiet,
                   told("Registra solo gli avvisi", "Logs warnings only"));
    verb->footer(footer("custoded serve /srv/custode --listen 0.0.0.0:8443"));
    return verb;
}

CLI::App* add_upkeep(CLI::App& app, Verbs& verbs, const char* name, const char* what) {
    auto* verb = app.add_subcommand(name, what);
    verb->add_option("DIR", verbs.upkeep.vault,
                     told("La cartella dell’archivio", "The vault’s folder"))
        ->required();
    verb->add_option("--keyfile", verbs.upkeep.keyfile,
                     told("La chiave di apertura", "The opening key"));
    verb->add_option("--passphrase-file", verbs.upkeep.passphrase_file,
                     told("La frase di apertura", "File with the opening passphrase"));
    verb->add_option("--share-file", verbs.upkeep.share_files,
                     told("Una quota; si ripete", "A share; may be repeated"));
    verb->footer(
        footer(std::string("custoded ") + name + " /srv/custode --keyfile /media/usb/chiave"));
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
    CLI::App app{told("custoded: l’archivio cifrato dei fascicoli dei minori",
                      "custoded: the encrypted vault of the dossiers of minors"),
                 "custoded"};
    speak(app);
    app.set_version_flag("--version", version, told("Mostra la versione", "Shows the version"));
    app.require_subcommand(1);
    app.fallthrough();
    Verbs verbs;
    app.add_flag("--json", verbs.json,
                 told("Risponde con un oggetto JSON", "Answers with a JSON object"));
    const auto* init = add_init(app, verbs);
    const auto* serve = add_serve(app, verbs);
    const auto* verify =
        add_upkeep(app, verbs, "verify",
                   told("Verifica l’archivio, con le chiavi", "Verifies the vault, with its keys"));
    const auto* rebuild =
        add_upkeep(app, verbs, "rebuild",
                   told("Ricostruisce le tabelle dal registro e le confronta",
                        "Rebuilds the tables from the journal and compares them"));
    auto* rekey =
        add_upkeep(app, verbs, "rekey",
                   told("Avvolge ogni chiave sotto un nuovo segreto d’epoca, ad archivio chiuso",
                        "Wraps every key under a new epoch secret, the vault being closed"));
    rekey->add_option(
        "--holder", verbs.upkeep.holders,
        told("File detentore del nuovo segreto; si ripete. Senza: quelli di prima",
             "A holder file of the new secret; may be repeated. Without: those of before"));
    auto* rules = app.add_subcommand("rules", told("Le regole di accesso", "The rules of access"));
    auto* check = rules->add_subcommand(
        "check", told("Controlla un file di regole", "Checks a file of rules"));
    check->add_option("FILE", verbs.rule_files,
                      told("I file da controllare; senza, le regole di serie",
                           "The files to check; without any, the shipped rules"));
    check->footer(footer("custoded rules check /etc/custode/access.toml"));
    rules->require_subcommand(1);
    for (CLI::App* verb : app.get_subcommands({})) {
        verb->group(told("Comandi", "Verbs"));
        verb->get_help_ptr()->group(told("Opzioni", "Options"));
    }
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
