// daemon/request_values.h
#pragma once

#include "archive/base/bytes.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace custode::daemon {

/// Values that a request carries in its headers and its query, read strictly: pure functions of
/// hostile text, fuzzed (tests/fuzz/request_values_fuzz.cpp).
///
/// Errors   Error(invalid_argument) with the name that each states.

/// The SHA-256 of a `Content-Digest: sha-256=:BASE64:` (RFC 9530). @throws "head.digest"
Sha256Digest read_content_digest(std::string_view header);

/// The object of a `Custode-Metadata: BASE64URL`. @throws "head.metadata" | "json.…"
nlohmann::json read_metadata(std::string_view header);

/// The text of a `Custode-Reason: BASE64URL`. @throws "reason.invalid"
std::string read_reason(std::string_view header);

/// What write_cursor() wrote. @throws "request.cursor"
std::string read_cursor(std::string_view query);
std::string write_cursor(std::string_view place);

/// How many items a page may have: 1 … 200. @throws "request.limit"
std::size_t read_limit(std::string_view query);

}  // namespace custode::daemon
