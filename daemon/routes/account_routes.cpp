#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;

records::RoleHeld role_from(const Json& json) {
    records::RoleHeld held;
    held.role = needed_text(json, "role");
    held.unit = text_or_empty(json, "unit");
    held.from = maybe_day(json, "from");
    held.until = maybe_day(json, "until");
    held.team = text_or_empty(json, "team");
    return held;
}

/// 202 when it was put to a second person instead of being done.
void reply_change(Exchange& e, int status, const Json& json) {
    reply_json(e, json.contains("proposal") ? 202 : status, json);
}

void create(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::account_create>(call.principal, OnNothing{});
    const Json json = read_json(e);
    only_members(json, {"name", "role", "unit", "team", "from", "until", "password", "temporary"});
    reply_change(e, 201,
                 call.open->administration().create(
                     permit, {needed_text(json, "name"), role_from(json),
                              needed_text(json, "password"), flag_or_false(json, "temporary")}));
}

void list(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::account_list>(
        call.principal, OnNothing{}, {}, "account.list");
    reply_json(e, 200, page_json(call.open->administration().list(permit), {}));
}

void set_state(const Call& call, Exchange& e, records::AccountState state) {
    const auto permit = call.open->door().ask<Action::account_disable>(call.principal, OnNothing{});
    reply_change(e, 200, call.open->administration().set_state(permit, e.parameter("name"), state));
}

void unlock(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::account_disable>(call.principal, OnNothing{});
    reply_json(e, 200, call.open->administration().unlock(permit, e.parameter("name")));
}

/// One's own password with the old one; another's as administrator.
void set_password(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"password", "old"});
    const std::string password = needed_text(json, "password");
    auto& administration = call.open->administration();
    if (administration.is_own(call.principal, e.parameter("name"))) {
        // Whoever finds a session open must not keep it so.
        if (!json.contains("old"))
            throw Error(ErrorCode::invalid_argument, "password.old_needed",
                        "could not change: one's own password needs the old one");
        administration.change_password(call.principal, call.token, needed_text(json, "old"),
                                       password);
    } else {
        const auto permit = call.open->door().ask<Action::account_create>(
            call.open->sessions().principal(call.token), OnNothing{});
        const Json changed = administration.set_password(permit, e.parameter("name"), password);
        if (changed.contains("proposal")) return reply_json(e, 202, changed);
    }
    reply_nothing(e);
}

void add_role(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::account_grant>(call.principal, OnNothing{});
    const Json json = read_json(e);
    only_members(json, {"role", "unit", "team", "from", "until"});
    reply_change(
        e, 200, call.open->administration().add_role(permit, e.parameter("name"), role_from(json)));
}

void remove_role(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::account_revoke>(call.principal, OnNothing{});
    reply_change(
        e, 200,
        call.open->administration().remove_role(permit, e.parameter("name"), e.parameter("role")));
}

/// The unit of a dossier lets somebody outside it work there until a day.
void grant(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"dossier", "until", "reason"});
    const auto dossier = needed_id<DossierId>(needed_text(json, "dossier"));
    const auto permit =
        call.open->door().ask<Action::dossier_assign>(call.principal, OnDossier{dossier});
    const auto until = maybe_day(json, "until");
    if (!until)
        throw Error(ErrorCode::invalid_argument, "field.missing",
                    "could not grant: until which day");
    call.open->dossiers().grant(permit, e.parameter("name"), *until, text_or_empty(json, "reason"));
    reply_json(e, 201,
               {{"account", e.parameter("name")},
                {"dossier", to_text(dossier)},
                {"until", to_text(*until)}});
}

void revoke(const Call& call, Exchange& e) {
    const auto dossier = needed_id<DossierId>(e.parameter("dossier"));
    const auto permit =
        call.open->door().ask<Action::dossier_assign>(call.principal, OnDossier{dossier});
    call.open->dossiers().revoke(permit, e.parameter("name"));
    reply_nothing(e);
}

}  // namespace

std::vector<Route> account_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const auto with_any = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.any_call(e), e); };
    };
    const std::string one = "/api/v1/accounts/{name}";
    return {
        {"POST", "/api/v1/accounts", with(create)},
        {"GET", "/api/v1/accounts", with(list)},
        {"POST", one + "/disable", with([](const Call& call, Exchange& e) {
             set_state(call, e, records::AccountState::disabled);
         })},
        {"POST", one + "/enable", with([](const Call& call, Exchange& e) {
             set_state(call, e, records::AccountState::active);
         })},
        {"POST", one + "/unlock", with(unlock)},
        {"PUT", one + "/password", with_any(set_password)},
        {"POST", one + "/roles", with(add_role)},
        {"DELETE", one + "/roles/{role}", with(remove_role)},
        {"POST", one + "/grants", with(grant)},
        {"DELETE", one + "/grants/{dossier}", with(revoke)},
    };
}

}  // namespace custode::daemon
