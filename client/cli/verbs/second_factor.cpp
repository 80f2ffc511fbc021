// second-factor …, session …

#include "client/cli/console.h"
#include "client/cli/qr.h"
#include "client/cli/terminal.h"

#include <unistd.h>

#include <memory>

namespace custode::client {
namespace {

struct FactorOptions {
    std::string name;
    std::string code;
    std::string password_file;
    std::string id;
    std::string user;
    bool all = false;
};

Exit show_recovery(const Json& answer, Console& console) {
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "factor.enrolled") << '\n';
        for (const Json& code : answer.at("recovery"))
            out << "  " << visible(code.get<std::string>()) << '\n';
    });
    return Exit::ok;
}

Exit confirm(const std::string& code, Console& console) {
    return show_recovery(console.api().post("/me/second-factor/confirm", {{"code", code}}),
                         console);
}

// At a terminal it goes on to the first code; a script confirms with the second verb.
Exit enrol(const FactorOptions& options, Console& console) {
    const std::string password = secret_from(options.password_file, "ask.password", console.lang());
    const Json begun = console.api().post("/me/second-factor", {{"password", password}});
    const bool goes_on = options.password_file.empty() && !console.is_json();
    console.result(begun, [&](std::ostream& out) {
        if (is_terminal(STDOUT_FILENO)) out << qr_code(cell(begun, "uri"));
        out << say(console.lang(), "factor.secret", {cell(begun, "secret"), cell(begun, "uri")})
            << '\n';
        if (!goes_on) out << say(console.lang(), "factor.confirm_next") << '\n';
    });
    if (!goes_on) return Exit::ok;
    return confirm(ask_secret(say(console.lang(), "ask.code")), console);
}

Exit remove(const std::string& name, Console& console) {
    const Json account = console.api().remove("/accounts/" + encoded(name) + "/second-factor");
    console.result(account, [&](std::ostream& out) {
        out << say(console.lang(), "factor.removed", {name}) << '\n';
    });
    return Exit::ok;
}

std::string sessions_path(const FactorOptions& options) {
    return options.user.empty() ? "/sessions" : "/accounts/" + encoded(options.user) + "/sessions";
}

Exit list_sessions(const FactorOptions& options, Console& console) {
    const Json sessions = console.api().list(sessions_path(options));
    console.result(sessions, [&](std::ostream& out) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& one : sessions.at("items"))
            rows.push_back({one.value("current", false) ? "*" : "", cell(one, "id"),
                            cell(one, "opened"), cell(one, "used"), cell(one, "address")});
        const Lang lang = console.lang();
        print_table(out,
                    {"", "id", say(lang, "column.opened"), say(lang, "column.used"),
                     say(lang, "column.address")},
                    rows);
    });
    return Exit::ok;
}

Exit revoke_sessions(const FactorOptions& options, Console& console) {
    // All of one's own end with a change of the password, which is what they are ended for.
    if (options.id.empty() != options.all || (options.all && options.user.empty()))
        throw Problem("usage.session_or_all");
    Api api = console.api();
    api.remove(sessions_path(options) + (options.all ? "" : "/" + encoded(options.id)));
    console.result(
        Json{{"revoked", options.all ? Json("all") : Json(options.id)}},
        [&](std::ostream& out) { out << say(console.lang(), "session.revoked") << '\n'; });
    return Exit::ok;
}

}  // namespace

std::vector<Command> second_factor_commands() {
    const auto options = std::make_shared<FactorOptions>();
    const std::vector<Exit> exits{Exit::not_found, Exit::conflict, Exit::sealed};
    const Option user{
        "--user",
        &options->user,
        {"Di un altro account (amministratore)", "Of another account (administrator)"},
        "NOME"};
    return {
        {"session list",
         {"Elenca le proprie sessioni aperte, o quelle di un altro account",
          "Lists one's own open sessions, or those of another account"},
         "session list",
         {user},
         exits,
         [options](Console& console) { return list_sessions(*options, console); }},
        {"session revoke",
         {"Chiude una sessione, o con --user e --all tutte quelle di un altro account",
          "Closes a session, or with --user and --all every one of another account"},
         "session revoke 3f0a6c1e-4b1d-4c55-9a53-6a2f1f0e7c10",
         {{"ID", &options->id, {"Sessione da chiudere", "Session to close"}},
          user,
          {"--all", &options->all, {"Tutte", "All of them"}}},
         exits,
         [options](Console& console) { return revoke_sessions(*options, console); }},
        {"factor enrol",
         {"Registra un secondo fattore: mostra il segreto una volta sola e ne chiede il primo "
          "codice",
          "Enrols a second factor: shows the secret once and asks for its first code"},
         "factor enrol",
         {{"--password-file",
           &options->password_file,
           {"File con la password; altrimenti la si chiede, e poi il codice",
            "File with the password; otherwise it is asked for, and then the code"},
           "FILE"}},
         exits,
         [options](Console& console) { return enrol(*options, console); }},
        {"factor confirm",
         {"Conferma il secondo fattore con il suo primo codice e mostra i codici di recupero",
          "Confirms the second factor by its first code and shows the recovery codes"},
         "factor confirm 123456",
         {{"CODE", &options->code, {"Codice di sei cifre", "Code of six digits"}, "", true}},
         exits,
         [options](Console& console) { return confirm(options->code, console); }},
        {"factor remove",
         {"Toglie il secondo fattore a un altro account, che lo ha perso",
          "Removes the second factor of another account, which lost it"},
         "factor remove maria.bianchi",
         {{"NAME", &options->name, {"Nome dell'account", "Name of the account"}, "", true}},
         exits,
         [options](Console& console) { return remove(options->name, console); }},
    };
}

}  // namespace custode::client
