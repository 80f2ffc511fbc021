// daemon/service.h
#pragma once

#include "archive/vault.h"
#include "daemon/http/server.h"
#include "daemon/problems.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace custode::daemon {

/// What routes share: the vault, and the way from a request to who asks.
class Service {
public:
    struct Options {
        std::string version;
    };
    Service(Vault& vault, const Clock& clock, Options options)
        : vault_(vault), clock_(clock), options_(std::move(options)) {}

    Vault& vault() { return vault_; }
    const Clock& clock() const { return clock_; }
    const std::string& version() const { return options_.version; }

    /// A request of somebody signed in: the open vault and the principal.
    struct Call {
        std::shared_ptr<OpenVault> open;
        Principal principal;
        std::string token;
    };
    /// @throws Error(sealed, "vault.sealed" | "password.must_change"),
    ///         Error(unauthenticated, "session.…")
    Call call(const Exchange& exchange);
    /// The same for the few things that a session may do whatever it still owes: pay it, leave, see
    /// whose it is, and have the journal's consistency proved.
    Call any_call(const Exchange& exchange);

private:
    Vault& vault_;
    const Clock& clock_;
    Options options_;
};

/// A range that the content does not have; the answer says how long it is.
class RangeError : public Error {
public:
    explicit RangeError(std::uint64_t size)
        : Error(ErrorCode::invalid_argument, "range.unsatisfiable", "could not read that range"),
          size_(size) {}
    std::uint64_t size() const { return size_; }

private:
    std::uint64_t size_;
};

/// The route table; daemon/API.md describes each line.
std::vector<Route> routes(Service& service);

std::vector<Route> vault_routes(Service& service);
std::vector<Route> session_routes(Service& service);
std::vector<Route> account_routes(Service& service);
std::vector<Route> dossier_routes(Service& service);
std::vector<Route> proposal_routes(Service& service);
std::vector<Route> document_routes(Service& service);
std::vector<Route> watch_routes(Service& service);

/// Answers whatever a handler threw as a problem; logs it without personal data.
void answer_error(Exchange& exchange, std::exception_ptr error);

// Small help for handlers.
void reply_json(Exchange& exchange, int status, const nlohmann::json& json,
                const Headers& more = {});
void reply_nothing(Exchange& exchange);  ///< 204
/// The body as a JSON object; strict and bounded.
nlohmann::json read_json(Exchange& exchange);
/// Refuses members that are not named; gives the text of one that must be there.
void only_members(const nlohmann::json& json, const std::vector<std::string_view>& names);
std::string needed_text(const nlohmann::json& json, const char* name);
bool flag_or_false(const nlohmann::json& json, const char* name);
std::string text_or_empty(const nlohmann::json& json, const char* name);
std::optional<Day> maybe_day(const nlohmann::json& json, const char* name);
template <class IdType>
IdType needed_id(std::string_view text) {
    const auto id = parse_id<IdType>(text);
    // An id that cannot be one is an id that nothing has.
    return id ? *id : IdType{};
}
std::size_t limit_of(const Exchange& exchange);
std::string cursor_of(const Exchange& exchange);
nlohmann::json page_json(nlohmann::json items, const std::string& next);
/// Purpose and reason from their headers.
Purpose purpose_of(const Exchange& exchange);

}  // namespace custode::daemon
