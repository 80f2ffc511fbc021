// dossier history, dossier readers, break-glass, review …: who saw a dossier, and emergencies

#include "client/cli/console.h"

#include <memory>

namespace custode::client {
namespace {

struct WatchOptions {
    std::string dossier;
    std::string at;
    std::string code;
    std::string reason;
    std::string id;
    std::string verdict;
    bool for_subject = false;
};

std::string yes(const Json& object, const char* name, Lang lang) {
    return object.contains(name) && object.at(name) == true ? say(lang, "word.yes") : "";
}

Exit history(const WatchOptions& options, Console& console) {
    Api api = console.api();
    const std::string path = "/dossiers/" + api.dossier_id(options.dossier) + "/history";
    const Json seen = api.list(options.for_subject ? path + "?for_subject=1" : path);
    console.result(seen, [&](std::ostream& out) {
        const Lang lang = console.lang();
        std::vector<std::vector<std::string>> rows;
        for (const Json& one : seen.at("items")) {
            std::vector<std::string> row{cell(one, "time"), cell(one, "offices"),
                                         cell(one, "purpose")};
            if (!options.for_subject)
                row.insert(row.end(), {cell(one, "account"), cell(one, "what"),
                                       cell(one, "document"), cell(one, "reason")});
            rows.push_back(std::move(row));
        }
        std::vector<std::string> heading{say(lang, "column.time"), say(lang, "column.offices"),
                                         say(lang, "column.purpose")};
        if (!options.for_subject)
            heading.insert(heading.end(),
                           {say(lang, "column.account"), say(lang, "column.what"),
                            say(lang, "column.document"), say(lang, "column.reason")});
        print_table(out, heading, rows);
    });
    return Exit::ok;
}

/// The server takes one spelling; people leave the milliseconds out.
std::string instant(std::string text) {
    constexpr std::string_view whole = "2026-11-23T08:15:00Z";
    if (text.size() == whole.size() && text.back() == 'Z')
        text.replace(text.size() - 1, 1, ".000Z");
    return text;
}

Exit readers(const WatchOptions& options, Console& console) {
    Api api = console.api();
    std::string path = "/dossiers/" + api.dossier_id(options.dossier) + "/readers";
    if (!options.at.empty()) path += "?at=" + encoded(instant(options.at));
    const Json found = api.get(path);
    console.result(found, [&](std::ostream& out) {
        const Lang lang = console.lang();
        std::vector<std::vector<std::string>> rows;
        for (const Json& one : found.at("items"))
            rows.push_back(
                {cell(one, "account"), cell(one, "offices"), cell(one, "may"), cell(one, "rules")});
        print_table(out,
                    {say(lang, "column.account"), say(lang, "column.offices"),
                     say(lang, "column.may"), say(lang, "column.rules")},
                    rows);
        if (found.at("same_rules") != true) out << say(lang, "readers.other_rules") << '\n';
    });
    return Exit::ok;
}

Exit break_glass(const WatchOptions& options, Console& console) {
    Api api = console.api();
    const Json answer = api.post("/dossiers/" + api.dossier_id(options.dossier) + "/break-glass",
                                 {{"code", options.code}, {"reason", options.reason}});
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "break_glass.done",
                   {cell(answer, "code"), cell(answer, "until"), cell(answer, "due")})
            << '\n';
    });
    return Exit::ok;
}

Exit list_reviews(Console& console) {
    const Json reviews = console.api().list("/reviews");
    console.result(reviews, [&](std::ostream& out) {
        const Lang lang = console.lang();
        std::vector<std::vector<std::string>> rows;
        for (const Json& one : reviews.at("items"))
            rows.push_back({cell(one, "id"), cell(one, "code"), cell(one, "account"),
                            cell(one, "opened"), cell(one, "purpose"), cell(one, "reason"),
                            cell(one, "state"), cell(one, "due"), yes(one, "overdue", lang)});
        print_table(
            out,
            {"id", say(lang, "column.code"), say(lang, "column.account"),
             say(lang, "column.opened"), say(lang, "column.purpose"), say(lang, "column.reason"),
             say(lang, "column.state"), say(lang, "column.due"), say(lang, "column.overdue")},
            rows);
    });
    return Exit::ok;
}

Exit close_review(const WatchOptions& options, Console& console) {
    const Json answer =
        console.api().post("/reviews/" + encoded(options.id),
                           {{"verdict", options.verdict}, {"reason", options.reason}});
    console.result(answer, [&](std::ostream& out) {
        out << say(console.lang(), "review.done",
                   {options.id, cell(answer, "verdict"), cell(answer, "state")})
            << '\n';
    });
    return Exit::ok;
}

}  // namespace

std::vector<Command> watch_commands() {
    const auto options = std::make_shared<WatchOptions>();
    const Option dossier{"DOSSIER",
                         &options->dossier,
                         {"Fascicolo, come id o codice (2026/VII.11/000001)",
                          "Dossier, as id or code (2026/VII.11/000001)"},
                         "",
                         true};
    const Option reason{
        "--reason", &options->reason, {"Motivo, a parole", "Reason, in words"}, "MOTIVO", true};
    const std::vector<Exit> exits{Exit::not_found, Exit::conflict, Exit::sealed};
    return {
        {"dossier history",
         {"Chi ha visto che cosa di un fascicolo, quando e perché",
          "Who saw what of a dossier, when and why"},
         "dossier history 2026/VII.11/000001 --for-subject",
         {dossier,
          {"--for-subject",
           &options->for_subject,
           {"Solo uffici, date e finalità: ciò che l'interessato può sapere",
            "Offices, dates and purposes only: what the person concerned may know"}}},
         exits,
         [options](Console& console) { return history(*options, console); }},
        {"dossier readers",
         {"Chi poteva vedere un fascicolo in un dato momento, dal registro",
          "Who could see a dossier at a given time, from the journal"},
         "dossier readers 2026/VII.11/000001 --at 2026-11-23T08:15:00Z",
         {dossier,
          {"--at",
           &options->at,
           {"Momento in UTC (se manca: adesso)", "Time in UTC (when absent: now)"},
           "MOMENTO"}},
         exits,
         [options](Console& console) { return readers(*options, console); }},
        {"break-glass",
         {"Apre un fascicolo in emergenza: sola lettura, 120 minuti, e altri la rivedranno",
          "Opens a dossier in an emergency: view only, 120 minutes, and others will review it"},
         "break-glass 2026/VII.11/000001 --code ricovero --reason \"pronto soccorso, ore 2:10\"",
         {dossier,
          {"--code",
           &options->code,
           {"403, fuga-scomparsa, ricovero, richiesta-ag o altro",
            "403, fuga-scomparsa, ricovero, richiesta-ag or altro"},
           "CODICE",
           true},
          reason},
         exits,
         [options](Console& console) { return break_glass(*options, console); }},
        {"review list",
         {"Elenca le aperture in emergenza ancora da rivedere",
          "Lists the emergencies still to be reviewed"},
         "review list",
         {},
         exits,
         list_reviews},
        {"review close",
         {"Giudica un'apertura in emergenza fatta da altri",
          "Judges an emergency of somebody else"},
         "review close 0b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111 --verdict justified --reason "
         "\"ricovero "
         "confermato\"",
         {{"REVIEW", &options->id, {"Apertura, come id", "Emergency, as id"}, "", true},
          {"--verdict",
           &options->verdict,
           {"justified; not-justified (resta come incidente); incident-closed",
            "justified; not-justified (stays as an incident); incident-closed"},
           "ESITO",
           true},
          reason},
         exits,
         [options](Console& console) { return close_review(*options, console); }},
    };
}

}  // namespace custode::client
