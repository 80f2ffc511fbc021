// daemon/http/target.h
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace custode::daemon {

/// Why a request was not even looked at; becomes a problem answer and the end of the connection.
struct Refusal {
    int status = 400;
    std::string code;    ///< Stable name, e.g. "target.not_canonical".
    std::string detail;  ///< English; repeats nothing that was sent.
};

/// A request target taken apart: there is one spelling of every resource, and this is it.
struct Target {
    std::string path;                   ///< "/" and the decoded segments joined with "/".
    std::vector<std::string> segments;  ///< Decoded; none is empty, "." or ".." or holds "/".
    std::vector<std::pair<std::string, std::string>> query;  ///< Decoded; names are unique.
};

inline constexpr std::size_t target_bytes_max = 8 * 1024;
inline constexpr std::size_t segments_max = 32;
inline constexpr std::size_t query_pairs_max = 32;
inline constexpr std::size_t query_name_bytes_max = 64;
inline constexpr std::size_t query_value_bytes_max = 2 * 1024;

/// Reads an origin-form target (RFC 9112 §3.2.1) and refuses every other form and spelling.
///
/// Refused in the path: anything but unreserved, sub-delims, ":" and "@"; percent-encoding that is
/// cut, lower case, or hides a character that needs none ("%2e", "%41"), a slash, a backslash or a
/// control character; what is not UTF-8; empty segments ("//", a trailing "/"), "." and "..".
/// The query knows "+" as a space and takes any correct percent-encoding, since
/// URLSearchParams encodes more than it must; names are [A-Za-z0-9_.-]+ and occur once.
std::variant<Target, Refusal> parse_target(std::string_view target);

}  // namespace custode::daemon
