// daemon/http/head.h
#pragma once

#include "archive/base/bytes.h"
#include "daemon/http/target.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace custode::daemon {

struct Field {
    std::string name;  ///< Lower case.
    std::string value;
};

/// The judged head of one HTTP/1.1 request.
struct Head {
    std::string method;  ///< One of GET HEAD POST PUT PATCH DELETE OPTIONS.
    Target target;
    std::string host;           ///< As sent, lower case, port included.
    std::vector<Field> fields;  ///< Each name once; repeated lists are joined with ", ".
    std::uint64_t content_length = 0;
    bool expects_continue = false;
    bool wants_close = false;
    std::size_t bytes_count = 0;  ///< Up to and including the blank line.

    std::optional<std::string> field(std::string_view lower_case_name) const;
};

inline constexpr std::size_t head_bytes_max = 32 * 1024;
inline constexpr std::size_t fields_max = 64;
inline constexpr std::uint64_t content_length_max = std::uint64_t{1} << 50;

/// What is known of a head that may still be arriving.
struct HeadScan {
    enum class State { incomplete, complete, refused };
    State state = State::incomplete;
    std::size_t end = 0;  ///< When complete: the offset behind the blank line.
    Refusal refusal;      ///< When refused.
};

/// Looks for the end of the head in `bytes`, whose first `seen` were scanned before, and refuses
/// as early as it can: lone CR or LF, obs-fold, control characters, non-ASCII, too many bytes.
HeadScan scan_head(BytesView bytes, std::size_t seen = 0);

/// Judges a head.  Stateless and total: the same bytes give the same answer, and no input throws.
///
/// Boost.Beast parses; refused besides what it refuses: any Transfer-Encoding (the one framing is
/// Content-Length: two framings are how requests are smuggled), obs-fold, none or two Host, a
/// repeated field that is no list, a length that is not the shortest decimal, a body on GET, HEAD
/// and OPTIONS, none on POST, PUT and PATCH (411), versions other than 1.1 (505), unknown methods
/// (501), unknown expectations (417), and every target that parse_target() refuses.
///
/// Source    RFC 9112; Boost.Beast 1.74 http::request_parser (named in head.cpp only).
std::variant<Head, Refusal> parse_head(BytesView bytes);

}  // namespace custode::daemon
