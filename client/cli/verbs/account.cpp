// account …, unit list

#include "client/cli/console.h"
#include "client/cli/terminal.h"

#include <memory>

namespace custode::client {
namespace {

struct AccountOptions {
    std::string name;
    std::string role;
    std::string unit;
    std::string team;
    std::string from;
    std::string until;
    std::string dossier;
    std::string password_file;
    std::string old_password_file;
    bool temporary = false;
};

std::string roles_text(const Json& account) {
    std::string text;
    for (const Json& role : account.value("roles", Json::array())) {
        if (!text.empty()) text += ", ";
        text += role.is_string() ? role.get<std::string>() : cell(role, "role");
        if (role.is_object() && !cell(role, "unit").empty()) text += "@" + cell(role, "unit");
        if (role.is_object() && !cell(role, "team").empty()) text += "/" + cell(role, "team");
    }
    return text;
}

/// What awaits a second administrator, instead of the account as it has become.
Exit show_waiting(const Json& answer, Console& console) {
    console.result(answer, [&](std::ostream& out) {
        const Json& proposal = answer.at("proposal");
        out << say(console.lang(), "proposal.waits",
                   {cell(proposal, "account"), cell(proposal, "kind"), cell(proposal, "id"),
                    cell(proposal, "expires")})
            << '\n';
    });
    return Exit::ok;
}

Exit show(const Json& account, Console& console) {
    if (account.contains("proposal")) return show_waiting(account, console);
    console.result(account, [&](std::ostream& out) {
        out << say(console.lang(), "account.line",
                   {cell(account, "name"), cell(account, "state"), roles_text(account)})
            << '\n';
    });
    return Exit::ok;
}

// A new password typed by hand is typed twice: nobody sees what is typed.
std::string new_password(const std::string& file, Lang lang) {
    if (!file.empty()) return secret_from(file, "ask.new_password", lang);
    const std::string first = ask_secret(say(lang, "ask.new_password"));
    if (first != ask_secret(say(lang, "ask.again"))) throw Problem("password.differs");
    return first;
}

void add_role_members(const AccountOptions& options, Json& asked) {
    for (const auto& [name, value] : {std::pair{"unit", options.unit},
                                      {"team", options.team},
                                      {"from", options.from},
                                      {"until", options.until}})
        if (!value.empty()) asked[name] = value;
}

Exit create(const AccountOptions& options, Console& console) {
    Json asked = {{"name", options.name},
                  {"role", options.role},
                  {"password", new_password(options.password_file, console.lang())}};
    add_role_members(options, asked);
    if (options.temporary) asked["temporary"] = true;
    return show(console.api().post("/accounts", asked), console);
}

Exit list(Console& console) {
    const Json accounts = console.api().list("/accounts");
    console.result(accounts, [&](std::ostream& out) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& account : accounts.at("items")) {
            rows.push_back({cell(account, "name"), cell(account, "state"),
                            cell(account, "locked_until"), roles_text(account)});
        }
        const Lang lang = console.lang();
        print_table(out,
                    {say(lang, "column.name"), say(lang, "column.state"),
                     say(lang, "column.locked"), say(lang, "column.roles")},
                    rows);
    });
    return Exit::ok;
}

Exit change_state(const std::string& name, const char* deed, Console& console) {
    const std::string path = "/accounts/" + encoded(name) + deed;
    return show(console.api().post(path, Json::object()), console);
}

void need_role_or_dossier(const AccountOptions& options) {
    if (options.role.empty() == options.dossier.empty()) throw Problem("usage.role_or_dossier");
}

Exit grant(const AccountOptions& options, Console& console) {
    need_role_or_dossier(options);
    Api api = console.api();
    const std::string account = "/accounts/" + encoded(options.name);
    if (options.dossier.empty()) {
        Json asked = {{"role", options.role}};
        add_role_members(options, asked);
        return show(api.post(account + "/roles", asked), console);
    }
    if (options.until.empty()) throw Problem("usage.grant_until");
    const Json asked = {{"dossier", api.dossier_id(options.dossier)}, {"until", options.until}};
    const Json answer = api.post(account + "/grants", asked);
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "grant.done", {options.name, options.dossier, options.until})
            << '\n';
    });
    return Exit::ok;
}

Exit revoke(const AccountOptions& options, Console& console) {
    need_role_or_dossier(options);
    Api api = console.api();
    const std::string account = "/accounts/" + encoded(options.name);
    if (options.dossier.empty()) {
        return show(api.remove(account + "/roles/" + encoded(options.role)), console);
    }
    api.remove(account + "/grants/" + api.dossier_id(options.dossier));
    console.result(Json{{"revoked", options.dossier}}, [&](std::ostream& out) {
        out << say(console.lang(), "revoke.done", {options.name, options.dossier}) << '\n';
    });
    return Exit::ok;
}

Exit set_password(const AccountOptions& options, Console& console) {
    const std::string name = options.name.empty() ? console.session().user : options.name;
    Json asked = Json::object();
    // One's own password is changed by who knows the old one, not by who finds a session open.
    const bool is_own = name == console.session().user || !options.old_password_file.empty();
    if (is_own) {
        asked["old"] = secret_from(options.old_password_file, "ask.old_password", console.lang());
    }
    asked["password"] = new_password(options.password_file, console.lang());
    const Json answer = console.api().put("/accounts/" + encoded(name) + "/password", asked);
    if (answer.contains("proposal")) return show_waiting(answer, console);
    console.result(Json{{"name", name}, {"password", "changed"}}, [&](std::ostream& out) {
        out << say(console.lang(), is_own ? "password.done" : "password.reset", {name}) << '\n';
    });
    return Exit::ok;
}

Exit list_units(Console& console) {
    const Json units = console.api().list("/units");
    console.result(units, [&](std::ostream& out) {
        std::vector<std::vector<std::string>> rows;
        for (const Json& unit : units.at("items")) {
            rows.push_back({cell(unit, "id"), cell(unit, "label")});
        }
        print_table(out, {"id", say(console.lang(), "column.label")}, rows);
    });
    return Exit::ok;
}

Option name_of(const std::shared_ptr<AccountOptions>& options, bool required = true) {
    return {"NAME", &options->name, {"Nome dell'account", "Name of the account"}, "", required};
}

}  // namespace

std::vector<Command> account_commands() {
    const auto options = std::make_shared<AccountOptions>();
    const Option password{"--password-file",
                          &options->password_file,
                          {"File con la nuova password; altrimenti la si chiede due volte",
                           "File with the new password; otherwise it is asked for twice"},
                          "FILE"};
    const Option unit{"--unit",
                      &options->unit,
                      {"Unità in cui vale il ruolo (vedi «unit list»)",
                       "Unit in which the role holds (see \"unit list\")"},
                      "UNITÀ"};
    const Option team{
        "--team",
        &options->team,
        {"Équipe dell'unità in cui vale il ruolo", "Team of the unit in which it holds"},
        "ÉQUIPE"};
    const Option from{"--from",
                      &options->from,
                      {"Primo giorno di validità, AAAA-MM-GG", "First day of validity"},
                      "DATA"};
    const Option until{"--until",
                       &options->until,
                       {"Ultimo giorno di validità, AAAA-MM-GG", "Last day of validity"},
                       "DATA"};
    const Option role{"--role",
                      &options->role,
                      {"Ruolo: administrator, archivist, social-worker, legal-office …",
                       "Role: administrator, archivist, social-worker, legal-office …"},
                      "RUOLO"};
    const Option dossier{"--dossier",
                         &options->dossier,
                         {"Fascicolo, come id o codice", "Dossier, as id or code"},
                         "FASCICOLO"};
    Option required_role = role;
    required_role.required = true;
    const std::vector<Exit> exits{Exit::not_found, Exit::conflict, Exit::sealed};
    return {
        {"account create",
         {"Crea un account con un ruolo", "Creates an account with a role"},
         "account create maria.bianchi --role archivist --unit municipio-3 --password-file pw",
         {name_of(options),
          required_role,
          unit,
          team,
          from,
          until,
          password,
          {"--temporary",
           &options->temporary,
           {"La password va cambiata al primo accesso",
            "The password has to be changed at the first login"}}},
         exits,
         [options](Console& console) { return create(*options, console); }},
        {"account list",
         {"Elenca gli account", "Lists the accounts"},
         "account list",
         {},
         exits,
         list},
        {"account disable",
         {"Disattiva un account", "Disables an account"},
         "account disable maria.bianchi",
         {name_of(options)},
         exits,
         [options](Console& console) { return change_state(options->name, "/disable", console); }},
        {"account enable",
         {"Riattiva un account", "Enables an account again"},
         "account enable maria.bianchi",
         {name_of(options)},
         exits,
         [options](Console& console) { return change_state(options->name, "/enable", console); }},
        {"account unlock",
         {"Sblocca un account bloccato dai tentativi errati",
          "Unlocks an account locked by wrong attempts"},
         "account unlock maria.bianchi",
         {name_of(options)},
         exits,
         [options](Console& console) { return change_state(options->name, "/unlock", console); }},
        {"account grant",
         {"Concede un ruolo, o un fascicolo fino a una data",
          "Grants a role, or a dossier until a date"},
         "account grant avv.verdi --dossier 2026/VII.11/000001 --until 2027-03-31",
         {name_of(options), role, unit, team, dossier, from, until},
         exits,
         [options](Console& console) { return grant(*options, console); }},
        {"account revoke",
         {"Revoca un ruolo o l'accesso a un fascicolo", "Revokes a role or access to a dossier"},
         "account revoke avv.verdi --dossier 2026/VII.11/000001",
         {name_of(options), role, dossier},
         exits,
         [options](Console& console) { return revoke(*options, console); }},
        {"account password",
         {"Cambia la propria password; quella di un altro account, che al prossimo accesso dovrà "
          "cambiarla",
          "Changes one's own password; or that of another account, which has to change it at the "
          "next login"},
         "account password",
         {name_of(options, false),
          password,
          {"--old-password-file",
           &options->old_password_file,
           {"File con la password attuale, per la propria", "File with the present password"},
           "FILE"}},
         exits,
         [options](Console& console) { return set_password(*options, console); }},
        {"unit list",
         {"Elenca le unità organizzative", "Lists the units"},
         "unit list",
         {},
         {Exit::sealed},
         list_units},
    };
}

}  // namespace custode::client
