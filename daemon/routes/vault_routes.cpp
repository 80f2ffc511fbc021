#include "archive/base/encoding.h"
#include "archive/records/code_list.h"
#include "daemon/log.h"
#include "daemon/service.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;

Json codes_json(const records::CodeList& list) {
    Json items = Json::array();
    for (const records::CodeEntry& entry : list.entries()) {
        Json item = {{"id", entry.id}, {"label", entry.label}};
        if (entry.valid_from) item["valid_from"] = to_text(*entry.valid_from);
        if (entry.valid_until) item["valid_until"] = to_text(*entry.valid_until);
        items.push_back(std::move(item));
    }
    return page_json(std::move(items), {});
}

/// Purposes that an office of this kind has; others may be used, the journal keeps the code.
Json purposes_json() {
    constexpr std::pair<const char*, const char*> purposes[] = {
        {"presa-in-carico", "Presa in carico del minore"},
        {"gestione-caso", "Gestione del caso"},
        {"archiviazione", "Archiviazione e controllo dell’archiviato"},
        {"udienza", "Preparazione di un’udienza"},
        {"relazione", "Stesura di una relazione all’autorità giudiziaria"},
        {"emergenza", "Intervento urgente"},
        {"avvocatura", "Difesa in giudizio dell’ente"},
        {"accesso", "Risposta a una richiesta di accesso"},
        {"verifica", "Verifica e controllo"}};
    Json items = Json::array();
    for (const auto& [id, label] : purposes) items.push_back({{"id", id}, {"label", label}});
    return page_json(std::move(items), {});
}

void status(Service& service, Exchange& exchange) {
    const auto open = service.vault().open_if_unsealed();
    const Vault::Progress progress = service.vault().progress();
    const auto described = service.vault().describe();
    Json json = {
        {"state", open ? (open->figures().read_only ? "read_only" : "unsealed") : "sealed"},
        {"vault", to_text(service.vault().id())},
        {"version", service.version()},
        {"api", 1},
        {"origin", described.origin},
        {"key", open ? open->verifier_key() : described.key},
        {"unseal",
         {{"slots", described.slots},
          {"given", progress.given},
          {"needed", progress.needed != 0 ? progress.needed : described.needed}}},
        {"time", to_rfc3339(service.clock().now())}};
    if (open) {
        const auto keys = open->description();
        json["arena"] = keys.arena;
        json["destruction_level"] = "D" + std::to_string(keys.destruction_level);
        json["clock_set_back"] = open->figures().clock_set_back;
        json["second_administrator"] = open->administration().has_second_administrator();
        json["rollback_visible_to"] = "clients";  // No witness is configured.
    }
    reply_json(exchange, 200, json);
}

void unseal(Service& service, Exchange& exchange) {
    const Json json = read_json(exchange);
    only_members(json, {"share", "passphrase", "keyfile"});
    if (json.size() != 1)
        throw Error(ErrorCode::invalid_argument, "field.missing",
                    "could not unseal: give one of share, passphrase, keyfile");
    crypto::UnsealInput input;
    if (json.contains("share")) input.shares.push_back(needed_text(json, "share"));
    if (json.contains("passphrase")) input.passphrase = needed_text(json, "passphrase");
    if (json.contains("keyfile")) {
        input.keyfile = from_base64(needed_text(json, "keyfile"));
        if (!input.keyfile)
            throw Error(ErrorCode::invalid_argument, "field.invalid", "could not read keyfile");
    }
    const auto progress = service.vault().unseal(input);
    if (progress.unsealed) log_event("vault.unsealed");
    if (const auto refused = service.vault().rules_refused(); progress.unsealed && refused)
        log_event("rules.refused", std::to_string(refused->line) + ": " + refused->reason +
                                       "; the old rules stay in force");
    reply_json(
        exchange, 200,
        progress.unsealed
            ? Json{{"state", "unsealed"}}
            : Json{{"state", "sealed"}, {"given", progress.given}, {"needed", progress.needed}});
}

void consistency(Service& service, Exchange& exchange) {
    const auto call = service.any_call(exchange);
    const std::string text = exchange.query("from").value_or("");
    std::uint64_t from = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || from > (std::uint64_t{1} << 58U))
            throw Error(ErrorCode::invalid_argument, "field.invalid", "could not read from");
        from = from * 10 + static_cast<std::uint64_t>(c - '0');
    }
    const std::string note = call.open->checkpoint();
    const auto checkpoint = proof::parse_checkpoint_body(note);
    require(checkpoint.has_value(), "our own checkpoint parses");
    if (text.empty() || from == 0 || from > checkpoint->size)
        throw Error(ErrorCode::invalid_argument, "field.invalid",
                    "could not prove: from is a size that this journal has had");
    Json path = Json::array();
    for (const proof::Hash& hash : call.open->consistency(from, checkpoint->size))
        path.push_back(to_hex(hash));
    reply_json(exchange, 200,
               {{"from", from},
                {"to", checkpoint->size},
                {"path", std::move(path)},
                {"checkpoint", note}});
}

}  // namespace

std::vector<Route> vault_routes(Service& service) {
    const auto signed_in = [&service](auto handler) {
        return [&service, handler](Exchange& exchange) {
            const auto call = service.call(exchange);
            handler(call, exchange);
        };
    };
    return {
        {"GET", "/api/v1/status", [&service](Exchange& e) { status(service, e); }},
        {"POST", "/api/v1/unseal", [&service](Exchange& e) { unseal(service, e); }},
        {"POST", "/api/v1/seal",
         [&service](Exchange& e) {
             const AccountId by = [&] {
                 const auto call = service.call(e);
                 call.open->door().ask<Action::vault_seal>(call.principal, OnNothing{});
                 return call.principal.account();
             }();
             service.vault().seal(by);
             log_event("vault.sealed");
             reply_json(e, 200, {{"state", "sealed"}});
         }},
        {"GET", "/api/v1/checkpoint", signed_in([](const Service::Call& call, Exchange& e) {
             reply_json(
                 e, 200,
                 {{"checkpoint", call.open->checkpoint()}, {"key", call.open->verifier_key()}});
         })},
        {"GET", "/api/v1/checkpoint/consistency",
         [&service](Exchange& e) { consistency(service, e); }},
        {"GET", "/api/v1/units", signed_in([](const Service::Call&, Exchange& e) {
             reply_json(e, 200, codes_json(records::units()));
         })},
        {"GET", "/api/v1/codes/authorities", signed_in([](const Service::Call&, Exchange& e) {
             reply_json(e, 200, codes_json(records::authorities()));
         })},
        {"GET", "/api/v1/codes/document-types", signed_in([](const Service::Call&, Exchange& e) {
             reply_json(e, 200, codes_json(records::document_types()));
         })},
        {"GET", "/api/v1/codes/purposes",
         signed_in([](const Service::Call&, Exchange& e) { reply_json(e, 200, purposes_json()); })},
    };
}

}  // namespace custode::daemon
