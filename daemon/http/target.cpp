#include "daemon/http/target.h"

#include "archive/base/encoding.h"

#include <algorithm>
#include <optional>

namespace custode::daemon {

namespace {

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_unreserved(char c) {
    return is_alphanumeric(c) ||
           (c != 0 && std::string_view("-._~").find(c) != std::string_view::npos);
}

/// RFC 3986 pchar without percent-encoding.
bool is_path_character(char c) {
    return is_unreserved(c) || std::string_view("!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

/// U+0080–U+009F in UTF-8: controls too, and terminals obey them.
bool has_c1_control(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const auto second = static_cast<unsigned char>(text[i + 1]);
        if (text[i] == '\xc2' && second >= 0x80 && second <= 0x9f) return true;
    }
    return false;
}

int hex_digit(char c, bool upper_case_only) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (!upper_case_only && c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/// The byte that the three characters at `at` encode, or nothing when they are no encoding.
std::optional<char> encoded_byte(std::string_view text, std::size_t at, bool upper_case_only) {
    if (text.size() - at < 3) return std::nullopt;
    const int high = hex_digit(text[at + 1], upper_case_only);
    const int low = hex_digit(text[at + 2], upper_case_only);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(static_cast<unsigned char>(high * 16 + low));
}

bool is_clean_text(std::string_view text) {
    const bool controls = std::any_of(
        text.begin(), text.end(), [](char c) { return is_control(static_cast<unsigned char>(c)); });
    return !controls && is_utf8(text) && !has_c1_control(text);
}

/// A path segment decoded, or nothing when it is not the one spelling of what it says.
std::optional<std::string> decode_segment(std::string_view raw) {
    std::string decoded;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '%') {
            if (!is_path_character(raw[i])) return std::nullopt;
            decoded.push_back(raw[i]);
            continue;
        }
        const std::optional<char> byte = encoded_byte(raw, i, true);
        // An encoded "." or "/" is how a filter in front and the server behind come to disagree.
        if (!byte || is_unreserved(*byte) || *byte == '/' || *byte == '\\') return std::nullopt;
        decoded.push_back(*byte);
        i += 2;
    }
    if (decoded.empty() || decoded == "." || decoded == ".." || !is_clean_text(decoded)) {
        return std::nullopt;
    }
    return decoded;
}

std::optional<std::string> decode_query_text(std::string_view raw) {
    std::string decoded;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%') {
            const std::optional<char> byte = encoded_byte(raw, i, false);
            if (!byte) return std::nullopt;
            decoded.push_back(*byte);
            i += 2;
        } else if (raw[i] == '+') {
            decoded.push_back(' ');
        } else if (is_path_character(raw[i]) || raw[i] == '/' || raw[i] == '?') {
            decoded.push_back(raw[i]);
        } else {
            return std::nullopt;
        }
    }
    if (!is_clean_text(decoded)) return std::nullopt;
    return decoded;
}

bool is_query_name(std::string_view name) {
    return !name.empty() && name.size() <= query_name_bytes_max &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
           });
}

std::optional<Refusal> add_pair(std::string_view pair, Target& target) {
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    if (!is_query_name(name)) return Refusal{400, "target.query", "a query name is not valid"};
    const auto same = [&](const auto& known) { return known.first == name; };
    if (std::any_of(target.query.begin(), target.query.end(), same)) {
        return Refusal{400, "target.query", "a query name occurs twice"};
    }
    const std::string_view raw =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    std::optional<std::string> value = decode_query_text(raw);
    if (!value || value->size() > query_value_bytes_max) {
        return Refusal{400, "target.query", "a query value is not valid"};
    }
    target.query.emplace_back(std::string(name), std::move(*value));
    return std::nullopt;
}

std::optional<Refusal> read_query(std::string_view query, Target& target) {
    while (!query.empty()) {
        if (target.query.size() == query_pairs_max) {
            return Refusal{400, "target.query", "too many query values"};
        }
        const std::size_t end = query.find('&');
        if (std::optional<Refusal> refused = add_pair(query.substr(0, end), target)) return refused;
        if (end == std::string_view::npos) break;
        query.remove_prefix(end + 1);
        if (query.empty()) return Refusal{400, "target.query", "the query ends with a separator"};
    }
    return std::nullopt;
}

std::optional<Refusal> read_path(std::string_view path, Target& target) {
    const Refusal crooked{400, "target.not_canonical",
                          "the path is not in its one canonical spelling"};
    if (path == "/") {
        target.path.assign(1, '/');  // g++ 12 -O2 sees an overlap in = "/" (PR 105329)
        return std::nullopt;
    }
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = path.find('/');
        std::optional<std::string> segment = decode_segment(path.substr(0, end));
        if (!segment || target.segments.size() == segments_max) return crooked;
        target.path += "/" + *segment;
        target.segments.push_back(std::move(*segment));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end);
    }
    return std::nullopt;
}

}  // namespace

std::variant<Target, Refusal> parse_target(std::string_view target) {
    if (target.size() > target_bytes_max) {
        return Refusal{414, "target.too_long", "the target is too long"};
    }
    if (target.empty() || target.front() != '/') {
        return Refusal{400, "target.form", "only the origin form of a target is served"};
    }
    Target result;
    const std::size_t mark = target.find('?');
    if (std::optional<Refusal> refused = read_path(target.substr(0, mark), result)) return *refused;
    if (mark != std::string_view::npos) {
        if (std::optional<Refusal> refused = read_query(target.substr(mark + 1), result)) {
            return *refused;
        }
    }
    return result;
}

}  // namespace custode::daemon
