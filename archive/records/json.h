#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace custode::records {

/// Parses a JSON text that may be hostile: bounded in bytes and depth, no name twice in an object
/// (the second would silently win, and two readers would see two documents), nothing after the end.
///
/// Errors  Error(invalid_argument, "json.invalid" | "json.too_large" | "json.too_deep" |
///         "json.duplicate"); the message never repeats the text.
nlohmann::json parse_json(std::string_view text);

/// The one compact writing of a value, members sorted by name: what is sealed and hashed.
std::string write_json(const nlohmann::json& value);

constexpr std::size_t json_bytes_max = 1024 * 1024;
constexpr int json_depth_max = 16;

}  // namespace custode::records
