// daemon/http/answer.h
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace custode::daemon {

using Header = std::pair<std::string, std::string>;  ///< Name as written on the wire, value.
using Headers = std::vector<Header>;

/// The reason phrase of a status; "Unknown" for one that we never send.
std::string_view reason_of(int status);

/// Whether an answer of that status has a body at all (RFC 9110 §6.4.1).
bool has_body(int status);

/// What every answer carries, whoever wrote it: nothing is cached, sniffed, framed or referred.
///
/// `secure` adds Strict-Transport-Security, which means nothing over plain HTTP.
Headers fixed_headers(bool secure);

/// The head of an answer: status line, Date, length, `layers` of headers, blank line.
///
/// A name in a later layer replaces the same name of an earlier one, so that a route can loosen
/// the content policy for its page and nothing is ever sent twice.
///
/// Errors    Error(invalid_argument, "header.unsafe") for a name that is no token or a value with
///           a control character: the one place where a stored file name could split an answer.
struct AnswerHead {
    int status = 200;
    std::string content_type = {};            ///< Empty: none is sent.
    std::optional<std::uint64_t> length = 0;  ///< None: chunked, ended by Exchange::finish().
    bool close = false;                       ///< The connection ends after this answer.
    std::vector<const Headers*> layers = {};
};
std::string render(const AnswerHead& head);

/// What the front itself has to say when a request never reaches a handler.
struct Problem {
    int status = 400;
    std::string code;    ///< Stable, machine-read: "head.too_large", "route.none".
    std::string detail;  ///< English, for a person; repeats nothing that the client sent.
    std::string correlation_id;
    std::string accept_language;  ///< As the client sent it, or empty.
};

/// The body for a problem when the daemon gives no renderer of its own: RFC 9457, JSON.
std::string plain_problem(const Problem& problem);

}  // namespace custode::daemon
