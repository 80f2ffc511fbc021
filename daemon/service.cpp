#include "daemon/service.h"

#include "archive/records/json.h"
#include "daemon/log.h"
#include "daemon/request_values.h"

namespace custode::daemon {
namespace {

using Json = nlohmann::json;

constexpr std::size_t json_body_bytes_max = 1U << 20U;
constexpr std::size_t limit_default = 50;

std::string bearer(const Exchange& exchange) {
    const auto header = exchange.header("Authorization");
    constexpr std::string_view scheme = "bearer ";  // in any case: RFC 9110, 11.1
    if (!header || header->size() < scheme.size()) return {};
    const bool is_ours = std::equal(
        scheme.begin(), scheme.end(), header->begin(),
        [](char wanted, char c) { return wanted == (c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return is_ours ? header->substr(scheme.size()) : std::string();
}

[[noreturn]] void bad_field(const char* kind, std::string_view name) {
    throw Error(ErrorCode::invalid_argument, kind,
                "could not read the request: member " + std::string(name));
}

/// Members that a code carries beyond the common ones.
Json members_of(const Error& error) {
    if (const auto* duplicate = dynamic_cast<const acts::DuplicateError*>(&error))
        return duplicate->document().is_nil() ? Json::object()
                                              : Json{{"document", to_text(duplicate->document())}};
    if (const auto* twin = dynamic_cast<const acts::TwinError*>(&error)) {
        Json twins = Json::array();
        for (const auto& one : twin->twins())
            twins.push_back({{"id", to_text(one.id)}, {"code", one.code}});
        return {{"twins", std::move(twins)}};
    }
    return Json::object();
}

void answer_problem(Exchange& exchange, const Error& error) {
    const Language language = language_of(exchange.header("Accept-Language").value_or(""));
    const int status = problem_text(error.name(), error.code(), language).status;
    log_request(exchange, status, error.name());
    if (exchange.answered()) return;
    Headers headers;
    if (status == 503 || status == 429 || error.name() == "idempotency.in_flight")
        headers.emplace_back("Retry-After", "2");
    if (status == 401) headers.emplace_back("WWW-Authenticate", "Bearer");
    if (const auto* range = dynamic_cast<const RangeError*>(&error))
        headers.emplace_back("Content-Range", "bytes */" + std::to_string(range->size()));
    // The missing and the forbidden are one sentence, whatever was tried.
    const std::string detail = error.code() == ErrorCode::not_found ? "" : error.what();
    const std::string body = problem_json(error.name(), error.code(), detail,
                                          exchange.correlation_id(), language, members_of(error));
    exchange.reply(status, "application/problem+json", view(body), headers);
}

}  // namespace

Service::Call Service::call(const Exchange& exchange) {
    const std::string token = bearer(exchange);
    auto open = vault_.open();
    Principal principal = open->sessions().principal(token);
    return {std::move(open), std::move(principal), token};
}

Service::Call Service::any_call(const Exchange& exchange) {
    const std::string token = bearer(exchange);
    auto open = vault_.open();
    Principal principal = open->sessions().session(token).principal;
    return {std::move(open), std::move(principal), token};
}

void answer_error(Exchange& exchange, std::exception_ptr error) {
    try {
        std::rethrow_exception(error);
    } catch (const Error& known) {
        answer_problem(exchange, known);
    } catch (const std::exception& unknown) {
        log_failure(exchange, unknown.what());
        answer_problem(exchange, Error(ErrorCode::storage, "server.failed",
                                       "could not answer: an unexpected failure was logged"));
    }
}

void reply_json(Exchange& exchange, int status, const Json& json, const Headers& more) {
    const std::string body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    exchange.reply(status, "application/json", view(body), more);
    log_request(exchange, status, "");
}

void reply_nothing(Exchange& exchange) {
    exchange.reply(204, "", {});
    log_request(exchange, 204, "");
}

Json read_json(Exchange& exchange) {
    const Bytes body = exchange.read_all(json_body_bytes_max);
    Json json = body.empty() ? Json::object() : records::parse_json(text(body));
    if (!json.is_object()) bad_field("field.invalid", "(not an object)");
    return json;
}

void only_members(const Json& json, const std::vector<std::string_view>& names) {
    for (const auto& [name, value] : json.items())
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const bool plain =
                name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
                    return (c >= 'a' && c <= 'z') || c == '_';
                });
            bad_field("field.unknown", plain ? name : "(unprintable)");
        }
}

std::string needed_text(const Json& json, const char* name) {
    if (!json.contains(name)) bad_field("field.missing", name);
    if (!json.at(name).is_string()) bad_field("field.invalid", name);
    return json.at(name).get<std::string>();
}

bool flag_or_false(const Json& json, const char* name) {
    if (!json.contains(name)) return false;
    if (!json.at(name).is_boolean()) bad_field("field.invalid", name);
    return json.at(name).get<bool>();
}

std::string text_or_empty(const Json& json, const char* name) {
    return json.contains(name) ? needed_text(json, name) : std::string();
}

std::optional<Day> maybe_day(const Json& json, const char* name) {
    const std::string text = text_or_empty(json, name);
    if (text.empty()) return std::nullopt;
    const auto day = parse_day(text);
    if (!day) bad_field("field.invalid", name);
    return day;
}

std::size_t limit_of(const Exchange& exchange) {
    const auto text = exchange.query("limit");
    if (!text) return limit_default;
    return read_limit(*text);
}

std::string cursor_of(const Exchange& exchange) {
    const auto text = exchange.query("cursor");
    return text ? read_cursor(*text) : std::string();
}

Json page_json(Json items, const std::string& next) {
    return {{"items", std::move(items)},
            {"next", next.empty() ? Json(nullptr) : Json(write_cursor(next))}};
}

Purpose purpose_of(const Exchange& exchange) {
    Purpose purpose;
    purpose.code = exchange.header("Custode-Purpose").value_or("");
    if (const auto reason = exchange.header("Custode-Reason"))
        purpose.reason = read_reason(*reason);
    return purpose;
}

std::vector<Route> routes(Service& service) {
    std::vector<Route> all;
    for (auto family : {vault_routes, session_routes, account_routes, proposal_routes,
                        dossier_routes, document_routes, watch_routes})
        for (Route& route : family(service)) all.push_back(std::move(route));
    return all;
}

}  // namespace custode::daemon
