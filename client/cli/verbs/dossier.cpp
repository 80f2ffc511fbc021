// dossier open, list, show, assign, conflict, correct

#include "client/cli/console.h"
#include "client/cli/person.h"
#include "client/cli/terminal.h"
#include "client/cli/trust.h"

#include <memory>

namespace custode::client {
namespace {

struct DossierOptions {
    PersonOptions person;
    std::string dossier;
    std::string unit;
    std::string twin_reason;
    std::string reason;
    std::string source;
    std::string account;
    std::string team;
    bool remove = false;
};

Exit open(const DossierOptions& options, Console& console) {
    Json asked = {{"person", person_json(options.person)}, {"unit", options.unit}};
    if (!options.twin_reason.empty()) asked["twin_reason"] = options.twin_reason;
    const Json answer = console.api().post("/dossiers", asked);
    if (answer.contains("receipt")) {
        const auto why =
            proof::check(receipt_of(answer.at("receipt")), parse_key(console.session().key));
        if (why) throw Problem("receipt.wrong", {*why});
    }
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "dossier.opened", {cell(answer, "code"), cell(answer, "id")})
            << '\n';
    });
    return Exit::ok;
}

std::string state_text(const Json& dossier, Lang lang) {
    const std::string state = cell(dossier, "state");
    if (lang == Lang::en) return state;
    return state == "open" ? "aperto" : state == "closed" ? "chiuso" : state;
}

Exit list(Console& console) {
    const Json dossiers = console.api().list("/dossiers");
    console.result(dossiers, [&](std::ostream& out) {
        const Lang lang = console.lang();
        std::vector<std::vector<std::string>> rows;
        for (const Json& dossier : dossiers.at("items")) {
            rows.push_back({cell(dossier, "code"), cell(dossier, "designation"),
                            cell(dossier, "birth"), cell(dossier, "unit"),
                            state_text(dossier, lang), cell(dossier, "documents"),
                            cell(dossier, "id")});
        }
        print_table(out,
                    {say(lang, "column.code"), say(lang, "column.designation"),
                     say(lang, "column.birth"), say(lang, "column.unit"), say(lang, "column.state"),
                     say(lang, "column.documents"), "id"},
                    rows);
    });
    return Exit::ok;
}

std::string designation_text(const Json& designation) {
    if (!cell(designation, "text").empty()) return cell(designation, "text");
    return cell(designation, "surname") + " " + cell(designation, "name");
}

void print_dossier(std::ostream& out, const Json& dossier, Lang lang) {
    out << visible(cell(dossier, "code")) << "  " << visible(cell(dossier, "id")) << '\n';
    const auto line = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) out << "  " << fitted(say(lang, label), 18) << visible(value) << '\n';
    };
    const Json person = dossier.value("person", Json::object());
    for (const Json& one : person.value("designations", Json::array())) {
        line("column.designation", designation_text(one));
    }
    for (const Json& one : person.value("aliases", Json::array())) {
        line("column.alias", designation_text(one));
    }
    const Json birth = person.value("birth", Json::object());
    std::string born = cell(birth, "day") + cell(birth, "year") + cell(birth, "from");
    if (!cell(birth, "to").empty()) born += "–" + cell(birth, "to");
    line("column.birth", born);
    line("column.birth_place", cell(birth, "place"));
    for (const Json& one : person.value("tax_codes", Json::array())) {
        line("column.tax_code", cell(one, "code"));
    }
    for (const Json& one : person.value("external_ids", Json::array())) {
        line("column.external", cell(one, "system") + ":" + cell(one, "value"));
    }
    line("column.unit", cell(dossier, "unit"));
    line("column.state", state_text(dossier, lang));
    line("column.opened", cell(dossier, "opened"));
    line("column.classification", cell(dossier, "classification"));
    line("column.assigned", cell(dossier, "assigned"));
    std::string kept_out;
    for (const Json& one : dossier.value("conflicts", Json::array()))
        kept_out += (kept_out.empty() ? "" : ", ") + cell(one, "account");
    line("column.conflicts", kept_out);
    line("column.documents", cell(dossier, "documents"));
}

Exit show_dossier(const Json& dossier, Console& console) {
    console.result(dossier,
                   [&](std::ostream& out) { print_dossier(out, dossier, console.lang()); });
    return Exit::ok;
}

Exit show(const DossierOptions& options, Console& console) {
    Api api = console.api();
    return show_dossier(api.get("/dossiers/" + api.dossier_id(options.dossier)), console);
}

Exit assign_team(const DossierOptions& options, Console& console) {
    Api api = console.api();
    const std::string path = "/dossiers/" + api.dossier_id(options.dossier) + "/teams";
    Json answer = options.remove
                      ? api.remove(path + "/" + encoded(options.unit) + "/" + encoded(options.team))
                      : api.post(path, {{"unit", options.unit}, {"team", options.team}});
    if (answer.empty()) answer = {{"team", options.team}, {"dossier", options.dossier}};
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), options.remove ? "assign.removed" : "assign.done",
                   {options.dossier, options.unit + "/" + options.team})
            << '\n';
    });
    return Exit::ok;
}

Exit assign(const DossierOptions& options, Console& console) {
    if (options.account.empty() == options.team.empty()) throw Problem("usage.to_or_team");
    if (!options.team.empty()) return assign_team(options, console);
    Api api = console.api();
    const std::string path = "/dossiers/" + api.dossier_id(options.dossier) + "/assignments";
    Json answer = options.remove ? api.remove(path + "/" + encoded(options.account))
                                 : api.post(path, {{"account", options.account}});
    if (answer.empty()) answer = {{"account", options.account}, {"dossier", options.dossier}};
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), options.remove ? "assign.removed" : "assign.done",
                   {options.dossier, options.account})
            << '\n';
    });
    return Exit::ok;
}

Exit conflict(const DossierOptions& options, Console& console) {
    Api api = console.api();
    const std::string path = "/dossiers/" + api.dossier_id(options.dossier) + "/conflicts";
    Json answer = options.remove
                      ? api.remove(path + "/" + encoded(options.account), options.reason)
                      : api.post(path, {{"account", options.account}, {"reason", options.reason}});
    if (answer.empty()) answer = {{"account", options.account}, {"dossier", options.dossier}};
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), options.remove ? "conflict.ended" : "conflict.done",
                   {options.dossier, options.account})
            << '\n';
    });
    return Exit::ok;
}

Exit correct(const DossierOptions& options, Console& console) {
    Json asked = {{"reason", options.reason}, {"person", person_changes(options.person)}};
    if (!options.source.empty()) asked["source"] = options.source;
    Api api = console.api();
    const std::string id = api.dossier_id(options.dossier);
    return show_dossier(api.post("/dossiers/" + id + "/corrections", asked), console);
}

std::vector<Option> joined(std::vector<Option> first, const std::vector<Option>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

std::vector<Command> dossier_commands() {
    const auto options = std::make_shared<DossierOptions>();
    const Option dossier{"DOSSIER",
                         &options->dossier,
                         {"Fascicolo, come id o codice (2026/VII.11/000001)",
                          "Dossier, as id or code (2026/VII.11/000001)"},
                         "",
                         true};
    const std::vector<Exit> exits{Exit::not_found, Exit::conflict, Exit::sealed};
    return {
        {"dossier open",
         {"Apre il fascicolo di un minore", "Opens the dossier of a minor"},
         "dossier open --surname Esempi --name Anna --born 2015-04-02 --unit municipio-3",
         joined(options->person.described(), {{"--unit",
                                               &options->unit,
                                               {"Unità che tiene il fascicolo (vedi «unit list»)",
                                                "Unit that keeps the dossier (see \"unit list\")"},
                                               "UNITÀ",
                                               true},
                                              {"--twin-reason",
                                               &options->twin_reason,
                                               {"Perché non è il minore omonimo già presente",
                                                "Why this is not the probable twin already there"},
                                               "MOTIVO"}}),
         {Exit::not_found, Exit::conflict, Exit::sealed, Exit::integrity},
         [options](Console& console) { return open(*options, console); }},
        {"dossier list",
         {"Elenca i fascicoli visibili", "Lists the dossiers one may see"},
         "dossier list --json",
         {},
         exits,
         list},
        {"dossier show",
         {"Mostra un fascicolo", "Shows a dossier"},
         "dossier show 2026/VII.11/000001",
         {dossier},
         exits,
         [options](Console& console) { return show(*options, console); }},
        {"dossier assign",
         {"Assegna un fascicolo a un operatore o a un'équipe",
          "Assigns a dossier to a worker or a team"},
         "dossier assign 2026/VII.11/000001 --to giulia.neri",
         {dossier,
          {"--to,--account",
           &options->account,
           {"Account dell'operatore", "Account of the worker"},
           "NOME"},
          {"--team", &options->team, {"Équipe, con --unit", "Team, with --unit"}, "ÉQUIPE"},
          {"--unit", &options->unit, {"Unità dell'équipe", "Unit of the team"}, "UNITÀ"},
          {"--remove", &options->remove, {"Toglie l'assegnazione", "Takes the assignment away"}}},
         exits,
         [options](Console& console) { return assign(*options, console); }},
        {"dossier conflict",
         {"Tiene fuori da un fascicolo chi ha un conflitto di interessi",
          "Keeps out of a dossier whoever has a conflict of interest"},
         "dossier conflict 2026/VII.11/000001 --of anna.rossi --reason \"zia del minore\"",
         {dossier,
          {"--of,--account",
           &options->account,
           {"Account di chi deve restare fuori", "Account of who must stay out"},
           "NOME",
           true},
          {"--reason", &options->reason, {"Motivo", "Reason"}, "MOTIVO", true},
          {"--remove", &options->remove, {"Il conflitto è cessato", "The conflict has ended"}}},
         exits,
         [options](Console& console) { return conflict(*options, console); }},
        {"dossier correct",
         {"Corregge i dati della persona; i valori precedenti restano nella storia",
          "Corrects the person's data; the former values stay in the history"},
         "dossier correct 2026/VII.11/000001 --surname Esempio --reason \"errore di battitura\"",
         joined({dossier,
                 {"--reason", &options->reason, {"Motivo", "Reason"}, "MOTIVO", true},
                 {"--source",
                  &options->source,
                  {"Fonte del dato corretto", "Where the right value comes from"},
                  "FONTE"}},
                options->person.described()),
         exits,
         [options](Console& console) { return correct(*options, console); }},
    };
}

}  // namespace custode::client
