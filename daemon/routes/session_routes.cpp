#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;
using Call = Service::Call;
using acts::Sessions;

Json role_json(const records::RoleHeld& held) {
    Json json = {{"role", held.role}, {"unit", held.unit}};
    if (!held.team.empty()) json["team"] = held.team;
    if (held.from) json["from"] = to_text(*held.from);
    if (held.until) json["until"] = to_text(*held.until);
    return json;
}

Json account_short(const records::Account& account) {
    Json roles = Json::array();
    for (const auto& held : account.roles) roles.push_back(role_json(held));
    return {{"id", to_text(account.id)}, {"name", account.name}, {"roles", std::move(roles)}};
}

Json owed_json(Sessions::Owed owed) {
    switch (owed) {
        case Sessions::Owed::nothing: return nullptr;
        case Sessions::Owed::password: return "password";
        case Sessions::Owed::second_factor: return "second-factor";
    }
    return nullptr;
}

Json sessions_json(const std::vector<Sessions::Shown>& sessions) {
    Json items = Json::array();
    for (const auto& one : sessions)
        items.push_back({{"id", to_text(one.id)},
                         {"opened", to_rfc3339(one.opened)},
                         {"used", to_rfc3339(one.used)},
                         {"expires", to_rfc3339(one.expires)},
                         {"address", one.address},
                         {"current", one.current}});
    return page_json(std::move(items), {});
}

void log_in(Service& service, Exchange& exchange) {
    const auto open = service.vault().open();
    const Json json = read_json(exchange);
    only_members(json, {"user", "password", "otp"});
    const auto login = open->sessions().login(
        needed_text(json, "user"),
        {needed_text(json, "password"), text_or_empty(json, "otp"), exchange.peer()});
    Json answer = {{"token", login.token},
                   {"expires", to_rfc3339(login.expires)},
                   {"idle_seconds", std::chrono::seconds(acts::Sessions::idle).count()},
                   {"account", account_short(login.account)},
                   {"owed", owed_json(login.owed)},
                   {"checkpoint", open->checkpoint()},
                   {"key", open->verifier_key()}};
    if (login.last_login) answer["last_login"] = to_rfc3339(*login.last_login);
    reply_json(exchange, 201, answer);
}

void log_out(const Call& call, Exchange& e) {
    call.open->sessions().logout(call.token);
    reply_nothing(e);
}

void show_me(const Call& call, Exchange& e) {
    const auto session = call.open->sessions().session(call.token);
    const auto own = call.open->administration().own(call.principal);
    reply_json(e, 200,
               {{"account", account_short(own.account)},
                {"expires", to_rfc3339(session.expires)},
                {"owed", owed_json(session.owed)},
                {"second_factor", acts::SecondFactor::is_enrolled(own.row)},
                {"recovery_left", acts::SecondFactor::recovery_left(own.row)}});
}

void list_own(const Call& call, Exchange& e) {
    reply_json(
        e, 200,
        sessions_json(call.open->sessions().sessions_of(call.principal.account(), call.token)));
}

void revoke_own(const Call& call, Exchange& e) {
    call.open->sessions().revoke(call.principal, call.principal.account(),
                                 needed_id<SessionId>(e.parameter("id")));
    reply_nothing(e);
}

/// Where and since when somebody is signed in, never what they look at.
void list_others(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask_to_see<Action::account_list>(
        call.principal, OnNothing{}, {}, "session.list");
    const AccountId account = call.open->administration().account_of(e.parameter("name"));
    reply_json(e, 200, sessions_json(call.open->sessions().sessions_of(account, call.token)));
}

void revoke_others(const Call& call, Exchange& e, const std::optional<SessionId>& id) {
    const auto permit = call.open->door().ask<Action::account_disable>(call.principal, OnNothing{});
    const AccountId account = call.open->administration().account_of(e.parameter("name"));
    call.open->sessions().revoke(permit.principal(), account, id);
    reply_nothing(e);
}

void begin_factor(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"password"});
    const auto begun =
        call.open->sessions().begin_factor(call.token, needed_text(json, "password"));
    reply_json(e, 201, {{"secret", begun.text}, {"uri", begun.uri}});
}

void confirm_factor(const Call& call, Exchange& e) {
    const Json json = read_json(e);
    only_members(json, {"code"});
    reply_json(e, 201,
               {{"recovery", call.open->administration().confirm_factor(
                                 call.principal, call.token, needed_text(json, "code"))}});
}

void remove_factor(const Call& call, Exchange& e) {
    const auto permit = call.open->door().ask<Action::account_create>(call.principal, OnNothing{});
    reply_json(e, 200, call.open->administration().remove_factor(permit, e.parameter("name")));
}

}  // namespace

std::vector<Route> session_routes(Service& service) {
    const auto with = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.call(e), e); };
    };
    const auto with_any = [&service](auto handler) {
        return [&service, handler](Exchange& e) { handler(service.any_call(e), e); };
    };
    const std::string one = "/api/v1/accounts/{name}";
    return {
        {"POST", "/api/v1/sessions", [&service](Exchange& e) { log_in(service, e); }},
        {"GET", "/api/v1/sessions", with(list_own)},
        {"DELETE", "/api/v1/sessions/current", with_any(log_out)},
        {"DELETE", "/api/v1/sessions/{id}", with(revoke_own)},
        {"GET", one + "/sessions", with(list_others)},
        {"DELETE", one + "/sessions",
         with([](const Call& call, Exchange& e) { revoke_others(call, e, std::nullopt); })},
        {"DELETE", one + "/sessions/{id}", with([](const Call& call, Exchange& e) {
             revoke_others(call, e, needed_id<SessionId>(e.parameter("id")));
         })},
        {"GET", "/api/v1/me", with_any(show_me)},
        {"POST", "/api/v1/me/second-factor", with_any(begin_factor)},
        {"POST", "/api/v1/me/second-factor/confirm", with_any(confirm_factor)},
        {"DELETE", one + "/second-factor", with(remove_factor)},
    };
}

}  // namespace custode::daemon
