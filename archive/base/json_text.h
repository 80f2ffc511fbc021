// archive/base/json_text.h
#pragma once

#include <string>

namespace custode {

/// The text as a JSON string literal, quotes included: for the few places (logs, receipts) that
/// write JSON below the layer which knows a JSON library.  Invalid UTF-8 becomes U+FFFD.
std::string json_quoted(const std::string& text);

}  // namespace custode
