// client/cli/api.h
#pragma once

#include "client/cli/http.h"
#include "client/cli/problem.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace custode::client {

using Json = nlohmann::json;

/// Percent-encodes everything but RFC 3986's unreserved characters.
std::string encoded(std::string_view text);

/// The JSON of an answer: bounded by Connection, nested at most 32 deep.
/// @throws Problem(answer.malformed)
Json parse_answer(std::string_view text);

/// The problem that an answer of 300 or more stands for, whatever its body is worth.
Problem problem_of(const Response& response);

/// The HTTP API of daemon/API.md as calls that give JSON or throw the server's Problem.
///
/// A GET is tried again after a cut connection, 429 or 503; anything that changes something only
/// when the server said that it did not do it (429, 503).
class Api {
public:
    static constexpr unsigned attempts_max = 4;

    Api(Endpoint endpoint, std::string token, Lang lang);

    Json get(const std::string& path);
    Json post(const std::string& path, const Json& body, const Headers& more = {});
    Json put(const std::string& path, const Json& body);
    Json remove(const std::string& path);
    /// With the reason in words that some deletions ask for.
    Json remove(const std::string& path, const std::string& reason);

    /// Every item of a list, page after page; at most items_max, and then "next" says so.
    static constexpr std::size_t items_max = 200'000;
    Json list(const std::string& path);
    Json search(const Json& body);

    /// A request with the session's headers, for uploads and downloads over connection().
    Request request(std::string method, const std::string& path) const;
    Connection& connection() { return connection_; }

    /// The id of a dossier given as a UUID or as a code like 2026/VII.11/000001.
    std::string dossier_id(const std::string& given);

    const Endpoint& endpoint() const { return connection_.endpoint(); }
    void use_token(std::string token) { token_ = std::move(token); }

private:
    Json send(const Request& request);

    Connection connection_;
    std::string token_;
    Lang lang_;
};

/// How long to wait before the next attempt (0, 1, 2 …): doubling from half a second to 15 s, or
/// what the server asked for, at most a minute.
unsigned backoff_millis(unsigned attempt, std::optional<unsigned> asked_seconds);

/// Sleeps, but notices a request to stop.  @throws Problem(interrupted)
void wait_millis(unsigned millis);

}  // namespace custode::client
