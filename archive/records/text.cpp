#include "archive/records/text.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/base/guard.h"

#include <algorithm>
#include <cstdint>

namespace custode::records {
namespace {

/// The next code point of well-formed UTF-8; `at` moves past it.
char32_t next(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    if (lead < 0x80) return lead;
    const int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = lead & (0x3FU >> static_cast<unsigned>(more));
    for (int k = 0; k < more; ++k)
        point = (point << 6U) | (static_cast<std::uint8_t>(text[at++]) & 0x3FU);
    return point;
}

bool is_forbidden(char32_t point, bool lines) {
    if (!stands(Guard::clean_text)) return false;
    if (lines && (point == U'\n' || point == U'\t')) return false;
    if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return true;
    if (point == 0x2028 || point == 0x2029) return true;
    return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

[[noreturn]] void refuse_file_name(const char* why) {
    throw Error(ErrorCode::invalid_argument, "file_name.invalid",
                std::string("could not accept the file name: ") + why);
}

}  // namespace

TextProblem examine_text(std::string_view text, TextRule rule) {
    // Bytes first: a hostile megabyte is refused before it is walked.
    if (text.size() > rule.characters_max * 4) return TextProblem::too_long;
    if (!is_utf8(text)) return TextProblem::not_utf8;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count)
        if (is_forbidden(next(text, at), rule.lines)) return TextProblem::forbidden_character;
    return count > rule.characters_max ? TextProblem::too_long : TextProblem::none;
}

void check_file_name(std::string_view name) {
    if (name.empty()) refuse_file_name("it is empty");
    if (name.size() > file_name_bytes_max) refuse_file_name("it is longer than 1024 bytes");
    switch (examine_text(name, {.characters_max = file_name_characters_max})) {
        case TextProblem::none: break;
        case TextProblem::not_utf8: refuse_file_name("it is not UTF-8");
        case TextProblem::too_long: refuse_file_name("it is longer than 255 characters");
        case TextProblem::forbidden_character: refuse_file_name("it holds a control character");
    }
    if (name.find('/') != std::string_view::npos) refuse_file_name("it holds a slash");
    if (name == "." || name == "..") refuse_file_name("it names a folder");
}

std::size_t code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80U;
    }));
}

bool is_code(std::string_view text, std::size_t size_max) {
    constexpr std::string_view punctuation = "-._/";
    return !text.empty() && text.size() <= size_max &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      punctuation.find(c) != std::string_view::npos;
           });
}

}  // namespace custode::records
