#include "daemon/log.h"
#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;

template <Action action>
Permit<action> on_dossier(const Call& call, const Exchange& e, const Purpose& purpose = {}) {
    return call.open->door().ask<action>(
        call.principal, OnDossier{needed_id<DossierId>(e.parameter("id"))}, purpose);
}

void open(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"person", "unit", "twin_reason"});
    const std::string unit = needed_text(json, "unit");
    const auto permit = call.open->door().ask<Action::dossier_open>(call.principal, OnUnit{unit});
    if (!json.contains("person"))
        throw Error(ErrorCode::invalid_argument, "field.missing", "could not open: whose is it");
    const auto opened =
        call.open->dossiers().open(permit, records::person_from_json(json.at("person")), unit,
                                   text_or_empty(json, "twin_reason"));
    reply_json(e, 201,
               {{"id", to_text(opened.id)},
                {"code", opened.code},
                {"receipt", Json::parse(opened.receipt.json())}});
}

void list(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::dossier_list>(call.principal, OnNothing{});
    const auto page =
        call.open->dossiers().list(permit, e.query("code").value_or(""), cursor_of(e), limit_of(e));
    reply_json(e, 200, page_json(page.items, page.next));
}

void show(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::dossier_show>(
        call.principal, OnDossier{needed_id<DossierId>(e.parameter("id"))}, purpose_of(e),
        "dossier.show");
    reply_json(e, 200, call.open->dossiers().show(permit));
}

void assign(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_assign>(call, e);
    const Json json = read_json(e);
    only_members(json, {"account"});
    call.open->dossiers().assign(permit, needed_text(json, "account"));
    reply_json(e, 201, {{"dossier", e.parameter("id")}, {"account", needed_text(json, "account")}});
}

void unassign(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_assign>(call, e);
    call.open->dossiers().unassign(permit, e.parameter("name"));
    reply_nothing(e);
}

void add_team(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_assign>(call, e);
    const Json json = read_json(e);
    only_members(json, {"unit", "team"});
    const records::Team team{needed_text(json, "unit"), needed_text(json, "team")};
    call.open->dossiers().add_team(permit, team);
    reply_json(e, 201, {{"dossier", e.parameter("id")}, {"unit", team.unit}, {"team", team.name}});
}

void remove_team(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_assign>(call, e);
    call.open->dossiers().remove_team(permit, {e.parameter("unit"), e.parameter("team")});
    reply_nothing(e);
}

void add_conflict(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_conflict>(call, e);
    const Json json = read_json(e);
    only_members(json, {"account", "reason"});
    call.open->dossiers().add_conflict(permit, needed_text(json, "account"),
                                       text_or_empty(json, "reason"));
    reply_json(e, 201, {{"dossier", e.parameter("id")}, {"account", needed_text(json, "account")}});
}

void end_conflict(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_conflict>(call, e);
    call.open->dossiers().end_conflict(permit, e.parameter("name"), purpose_of(e).reason);
    reply_nothing(e);
}

void correct(const Call& call, Exchange& e) {
    const auto permit = on_dossier<Action::dossier_correct>(call, e);
    const auto correction = records::person_correction_from_json(read_json(e));
    reply_json(e, 200, call.open->dossiers().correct(permit, correction));
}

void search(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"query", "in"});
    const std::string query = needed_text(json, "query");
    const std::string in = json.contains("in") ? needed_text(json, "in") : "dossiers";
    if (in != "dossiers" && in != "documents")
        throw Error(ErrorCode::invalid_argument, "field.invalid", "could not search: in");
    auto& searching = call.open->searching();
    auto& door = call.open->door();
    Json items = in == "dossiers"
                     ? searching.dossiers(
                           door.ask<Action::search_dossiers>(call.principal, OnNothing{}), query)
                     : searching.documents(
                           door.ask<Action::search_documents>(call.principal, OnNothing{}), query);
    reply_json(e, 200, page_json(std::move(items), {}));
}

/// The query travels in the body, so that no log keeps it.
void locate(const Call& call, Exchange& e) {
    const auto permit =
        call.open->door().ask<Action::dossier_locate>(call.principal, OnNothing{}, purpose_of(e));
    const Json json = read_json(e);
    only_members(json, {"query"});
    auto found = call.open->locating().locate(permit, needed_text(json, "query"));
    reply_json(e, 200, {{"items", std::move(found.items)}, {"more", found.has_more}});
}

void export_court(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"kind", "purpose", "recipient", "reason"});
    if (needed_text(json, "kind") != "court")
        throw Error(ErrorCode::invalid_argument, "field.invalid", "could not export: kind");
    const Purpose purpose{needed_text(json, "purpose"), text_or_empty(json, "reason")};
    const auto permit = on_dossier<Action::export_court>(call, e, purpose);
    auto court = call.open->exporting().court(permit, needed_text(json, "recipient"));
    bool begun = false;
    court.write([&](BytesView bytes) {
        if (call.open->closing())
            throw Error(ErrorCode::sealed, "vault.sealed", "could not go on: the vault is sealing");
        // The answer begins with the first byte, so that a failure before it is still a problem.
        if (!begun)
            e.begin(
                200, "application/zip", std::nullopt,
                {{"Custode-Export", court.id()},
                 {"Content-Disposition", "attachment; filename=\"" + court.file_name() + "\""}});
        begun = true;
        e.send(bytes);
    });
    e.finish();
    log_request(e, 200, "");
}

}  // namespace

std::vector<Route> dossier_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const std::string one = "/api/v1/dossiers/{id}";
    return {
        {"POST", "/api/v1/dossiers", with(open)},
        {"GET", "/api/v1/dossiers", with(list)},
        {"GET", one, with(show)},
        {"POST", one + "/assignments", with(assign)},
        {"DELETE", one + "/assignments/{name}", with(unassign)},
        {"POST", one + "/teams", with(add_team)},
        {"DELETE", one + "/teams/{unit}/{team}", with(remove_team)},
        {"POST", one + "/conflicts", with(add_conflict)},
        {"DELETE", one + "/conflicts/{name}", with(end_conflict)},
        {"POST", one + "/corrections", with(correct)},
        {"POST", one + "/exports", with(export_court)},
        {"POST", "/api/v1/searches", with(search)},
        {"POST", "/api/v1/locations", with(locate)},
    };
}

}  // namespace custode::daemon
