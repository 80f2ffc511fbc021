#include "daemon/request_values.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/records/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace custode::daemon {
namespace {

constexpr std::size_t limit_max = 200;

[[noreturn]] void refuse(const char* name, const char* why) {
    throw Error(ErrorCode::invalid_argument, name, why);
}

}  // namespace

Sha256Digest read_content_digest(std::string_view header) {
    constexpr std::string_view head = "sha-256=:";
    Sha256Digest digest;
    if (header.starts_with(head) && header.ends_with(":") && header.size() > head.size()) {
        const auto bytes = from_base64(header.substr(head.size(), header.size() - head.size() - 1));
        if (bytes && bytes->size() == digest.bytes.size()) {
            std::copy(bytes->begin(), bytes->end(), digest.bytes.begin());
            return digest;
        }
    }
    refuse("head.digest", "could not file: Content-Digest is sha-256=:BASE64:");
}

nlohmann::json read_metadata(std::string_view header) {
    const auto bytes = from_base64url(header);
    if (!bytes || bytes->empty())
        refuse("head.metadata",
               "could not file: Custode-Metadata is the base64url of a JSON object");
    nlohmann::json json = records::parse_json(text(*bytes));
    if (!json.is_object()) refuse("head.metadata", "could not file: not an object");
    return json;
}

std::string read_reason(std::string_view header) {
    const auto bytes = from_base64url(header);
    if (!bytes) refuse("reason.invalid", "could not read the reason");
    return std::string(text(*bytes));
}

std::string read_cursor(std::string_view query) {
    const auto bytes = from_base64url(query);
    if (!bytes) refuse("request.cursor", "could not read the cursor");
    return std::string(text(*bytes));
}

std::string write_cursor(std::string_view place) { return to_base64url(view(place)); }

std::size_t read_limit(std::string_view query) {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), limit);
    if (error != std::errc() || end != query.data() + query.size() || limit < 1 ||
        limit > limit_max)
        refuse("request.limit", "could not list: limit is a number from 1 to 200");
    return limit;
}

}  // namespace custode::daemon
