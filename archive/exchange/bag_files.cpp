// archive/exchange/bag_files.cpp
#include "archive/exchange/bag_files.h"

#include "archive/base/encoding.h"
#include "archive/exchange/safe_text.h"

#include <algorithm>
#include <charconv>

namespace custode::exchange {
namespace {

/// The next line without its end (LF, CR LF or CR), taken off the front.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (text.starts_with("\r\n")) {
        text.remove_prefix(2);
    } else if (!text.empty()) {
        text.remove_prefix(1);
    }
    return line;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string percent_decoded(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::string_view three = path.substr(0, 3);
        const bool lf = three == "%0A" || three == "%0a", cr = three == "%0D" || three == "%0d";
        if (lf || cr || three == "%25") {
            out += lf ? '\n' : cr ? '\r' : '%';
            path.remove_prefix(3);
        } else {
            out += path.front();
            path.remove_prefix(1);
        }
    }
    return out;
}

/// Digest, blanks, path; nothing when the line is of another form.
std::optional<std::pair<std::string, std::string>> parse_line(std::string_view line,
                                                              std::size_t digits) {
    if (line.size() < digits + 2 || !is_blank(line[digits])) return std::nullopt;
    std::string digest(line.substr(0, digits));
    for (char& c : digest) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    std::string_view path = line.substr(digits);
    while (!path.empty() && is_blank(path.front())) path.remove_prefix(1);
    if (path.starts_with('*')) path.remove_prefix(1);
    if (path.starts_with("./")) path.remove_prefix(2);
    if (!from_hex(digest) || path.empty()) return std::nullopt;
    return std::pair(digest, percent_decoded(path));
}

std::optional<std::string> from_utf16(BytesView bytes) {
    if (bytes.size() < 2 || bytes.size() % 2 != 0) return std::nullopt;
    const bool big = bytes[0] == 0xFE && bytes[1] == 0xFF;
    if (!big && !(bytes[0] == 0xFF && bytes[1] == 0xFE)) return std::nullopt;
    const auto unit = [&](std::size_t i) {
        return static_cast<char32_t>(big ? bytes[i] << 8U | bytes[i + 1]
                                         : bytes[i + 1] << 8U | bytes[i]);
    };
    std::u32string points;
    for (std::size_t i = 2; i < bytes.size(); i += 2) {
        char32_t c = unit(i);
        if (c >= 0xDC00 && c <= 0xDFFF) return std::nullopt;
        if (c >= 0xD800 && c <= 0xDBFF) {
            i += 2;
            if (i >= bytes.size() || unit(i) < 0xDC00 || unit(i) > 0xDFFF) return std::nullopt;
            c = 0x10000 + ((c - 0xD800) << 10U) + (unit(i) - 0xDC00);
        }
        points += c;
    }
    return to_utf8(points);
}

}  // namespace

std::optional<BagDeclaration> parse_declaration(std::string_view text) {
    constexpr std::string_view version = "BagIt-Version: ";
    constexpr std::string_view encoding = "Tag-File-Character-Encoding: ";
    const std::string_view first = take_line(text), second = take_line(text);
    if (!first.starts_with(version) || !second.starts_with(encoding)) return std::nullopt;
    if (!without_blanks(text).empty()) return std::nullopt;
    BagDeclaration declaration{std::string(without_blanks(first.substr(version.size()))),
                               std::string(without_blanks(second.substr(encoding.size())))};
    const bool known_version = declaration.version == "1.0" || declaration.version == "0.97";
    const bool known_encoding = declaration.encoding == "UTF-8" || declaration.encoding == "UTF-16";
    return known_version && known_encoding ? std::optional(declaration) : std::nullopt;
}

std::optional<std::string> decode_tag_file(BytesView bytes, const std::string& encoding) {
    if (encoding == "UTF-16") return from_utf16(bytes);
    if (!is_utf8(text(bytes))) return std::nullopt;
    return std::string(text(bytes));
}

Manifest parse_manifest(std::string_view text, std::size_t digits) {
    Manifest manifest;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) continue;
        auto parsed = parse_line(line, digits);
        if (!parsed || !manifest.digests.emplace(parsed->second, parsed->first).second) {
            manifest.bad_lines.emplace_back(line);
        }
    }
    return manifest;
}

std::optional<ManifestName> parse_manifest_name(std::string_view name) {
    ManifestName out;
    if (name.starts_with("tag")) {
        out.of_tags = true;
        name.remove_prefix(3);
    }
    if (!name.starts_with("manifest-") || !name.ends_with(".txt")) return std::nullopt;
    out.algorithm = name.substr(9, name.size() - 9 - 4);
    return out;
}

std::size_t digest_digits(const std::string& algorithm) {
    if (algorithm == "md5") return 32;
    if (algorithm == "sha1") return 40;
    if (algorithm == "sha256") return 64;
    return algorithm == "sha512" ? 128 : 0;
}

std::optional<std::string> info_value(std::string_view text, std::string_view label) {
    std::optional<std::string> value;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (value && !line.empty() && is_blank(line.front())) {
            *value += ' ' + std::string(without_blanks(line));
            continue;
        }
        if (value) return value;
        if (line.size() > label.size() && line.starts_with(label) && line[label.size()] == ':') {
            value = without_blanks(line.substr(label.size() + 1));
        }
    }
    return value;
}

std::optional<Oxum> parse_oxum(std::string_view value) {
    Oxum oxum;
    const char* end = value.data() + value.size();
    const auto bytes = std::from_chars(value.data(), end, oxum.bytes);
    if (bytes.ec != std::errc() || bytes.ptr == end || *bytes.ptr != '.') return std::nullopt;
    const auto files = std::from_chars(bytes.ptr + 1, end, oxum.files);
    if (files.ec != std::errc() || files.ptr != end) return std::nullopt;
    return oxum;
}

}  // namespace custode::exchange
