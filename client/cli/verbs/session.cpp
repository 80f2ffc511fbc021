// login, logout, whoami, status

#include "client/cli/console.h"
#include "client/cli/terminal.h"
#include "client/cli/trust.h"

#include <cstdlib>
#include <memory>

namespace custode::client {
namespace {

// The options of a verb live in a value shared by its parser and its deed, which both live in the
// Command and end with it.
struct LoginOptions {
    std::string user;
    std::string password_file;
    std::string otp;
    std::string trust_key;
};

// The session that the server just opened must not stay behind when we refuse to use it.
void give_back(Api& api) {
    try {
        api.remove("/sessions/current");
    } catch (const Problem&) {
        // It ends by itself after its idle time.
    }
}

Exit log_in(const LoginOptions& options, Console& console) {
    const char* file = std::getenv("CUSTODE_PASSWORD_FILE");
    const bool from_environment = options.password_file.empty() && file != nullptr;
    const std::string password = secret_from(from_environment ? file : options.password_file,
                                             "ask.password", console.lang());
    const Endpoint endpoint = console.endpoint();
    Api api = console.guest();
    Json asked = {{"user", options.user}, {"password", password}};
    const bool is_asked = options.password_file.empty() && !from_environment;
    // The server says nothing of whether the account has a second factor before it is shown.
    const std::string code = options.otp.empty() && is_asked
                                 ? ask_secret(say(console.lang(), "ask.maybe_code"))
                                 : options.otp;
    if (!code.empty()) asked["otp"] = code;
    const Json given = api.post("/sessions", asked);
    api.use_token(given.at("token").get<std::string>());

    const proof::VerifierKey key = parse_key(given.at("key").get<std::string>());
    TrustOutcome trust;
    try {
        std::optional<proof::VerifierKey> expected;
        if (!options.trust_key.empty()) expected = parse_key(options.trust_key);
        trust = demand_consistency(api, console.paths().pins, key,
                                   given.at("checkpoint").get<std::string>(), expected);
    } catch (...) {
        give_back(api);
        throw;
    }
    const Json& account = given.at("account");
    save_session(console.paths().session,
                 {endpoint.url(), endpoint.ca_file, given.at("token").get<std::string>(),
                  account.at("name").get<std::string>(), given.at("expires").get<std::string>(),
                  key.text()});
    if (trust.is_first_meeting) console.note("trust.first", {key.text()});
    if (cell(given, "owed") == "password") console.note("login.owes_password");
    if (cell(given, "owed") == "second-factor") console.note("login.owes_factor");
    const Json result = {{"account", account},
                         {"expires", given.at("expires")},
                         {"server", endpoint.url()},
                         {"key", key.text()},
                         {"checkpoint_size", trust.to}};
    console.result(result, [&](std::ostream& out) {
        out << say(console.lang(), "login.done",
                   {cell(account, "name"), endpoint.url(), cell(given, "expires"),
                    std::to_string(trust.to)})
            << '\n';
    });
    return Exit::ok;
}

Exit log_out(Console& console) {
    Api api = console.api();
    try {
        api.remove("/sessions/current");
    } catch (const Problem& problem) {
        // Expired is as good as closed; anything else leaves the token alive on the server.
        if (problem.status() != 401) throw;
    }
    forget_session(console.paths().session);
    console.result(Json{{"state", "closed"}},
                   [&](std::ostream& out) { out << say(console.lang(), "logout.done") << '\n'; });
    return Exit::ok;
}

std::string role_text(const Json& role) {
    std::string text = cell(role, "role");
    if (!cell(role, "unit").empty()) text += " (" + cell(role, "unit") + ")";
    if (!cell(role, "until").empty()) text += " → " + cell(role, "until");
    return text;
}

Exit who_am_i(Console& console) {
    const Json me = console.api().get("/me");
    console.result(me, [&](std::ostream& out) {
        const Json& account = me.at("account");
        out << say(console.lang(), "whoami.account", {cell(account, "name"), cell(me, "expires")})
            << '\n';
        for (const Json& role : account.value("roles", Json::array())) {
            out << "  " << visible(role.is_string() ? role.get<std::string>() : role_text(role))
                << '\n';
        }
    });
    return Exit::ok;
}

Exit show_status(Console& console) {
    const Json status = console.guest().get("/status");
    console.result(status, [&](std::ostream& out) {
        const std::string state = cell(status, "state");
        const char* sentence = state == "unsealed"    ? "status.unsealed"
                               : state == "read_only" ? "status.read_only"
                                                      : "status.sealed";
        out << say(console.lang(), sentence, {cell(status, "vault"), cell(status, "version")})
            << '\n';
        if (state == "sealed" && status.contains("unseal")) {
            const Json& unseal = status.at("unseal");
            // Only shares are given one after another.
            const bool counts = cell(unseal, "needed") != "0";
            out << "  "
                << say(console.lang(), counts ? "status.unseal" : "status.slots",
                       {cell(unseal, "slots"), cell(unseal, "given"), cell(unseal, "needed")})
                << '\n';
        }
        out << "  " << say(console.lang(), "status.log", {cell(status, "key")}) << '\n';
        if (status.contains("second_administrator") && !status.at("second_administrator"))
            out << "  " << say(console.lang(), "status.alone") << '\n';
        const std::string destruction = cell(status, "destruction_level");
        if (!destruction.empty())
            out << "  " << say(console.lang(), "status.destruction", {destruction}) << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> session_commands() {
    const auto login = std::make_shared<LoginOptions>();
    return {
        {"login",
         {"Apre una sessione e pretende la prova che il registro del server sia solo cresciuto",
          "Opens a session and demands proof that the server's log has only grown"},
         "--server https://custode.esempio:8443 --ca ca.pem login --user maria.bianchi",
         {{"-u,--user", &login->user, {"Nome dell'account", "Name of the account"}, "NOME", true},
          {"--password-file",
           &login->password_file,
           {"File con la password (anche CUSTODE_PASSWORD_FILE); altrimenti la si chiede senza eco",
            "File with the password (also CUSTODE_PASSWORD_FILE); otherwise it is asked for"},
           "FILE"},
          {"--otp",
           &login->otp,
           {"Codice temporaneo, se l'account lo richiede", "One-time code, if the account asks it"},
           "CODICE"},
          {"--trust-key",
           &login->trust_key,
           {"Chiave del registro ricevuta dall'amministratore per altra via: si accetta solo "
            "quella",
            "Key of the log as the administrator gave it by another way: only that one is taken"},
           "CHIAVE"}},
         {Exit::sealed, Exit::integrity},
         [login](Console& console) { return log_in(*login, console); }},
        {"logout",
         {"Chiude la sessione, sul server e qui", "Closes the session, on the server and here"},
         "logout",
         {},
         {Exit::sealed},
         log_out},
        {"whoami",
         {"Mostra account, ruoli e scadenza della sessione",
          "Shows account, roles and expiry of the session"},
         "whoami --json",
         {},
         {Exit::sealed},
         who_am_i},
        {"status",
         {"Mostra se l'archivio è aperto o sigillato; non richiede una sessione",
          "Shows whether the vault is open or sealed; needs no session"},
         "status",
         {},
         {},
         show_status},
    };
}

}  // namespace custode::client
