// archive/base/encoding.h
#pragma once

#include "archive/base/bytes.h"

#include <optional>
#include <string>

namespace custode {

/// Lower-case hexadecimal; the parser refuses upper case, odd lengths and anything else.
std::string to_hex(BytesView bytes);
std::optional<Bytes> from_hex(std::string_view text);

/// Base64 of RFC 4648 §4 with padding; the parser refuses what the writer would not produce.
std::string to_base64(BytesView bytes);
std::optional<Bytes> from_base64(std::string_view text);

/// Base64url of RFC 4648 §5 without padding, for headers and URLs; equally strict.
std::string to_base64url(BytesView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

}  // namespace custode
