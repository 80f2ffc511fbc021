#pragma once

#include <string>
#include <string_view>

namespace custode::records {

/// What is wrong with a text that came from outside, or `none`.
enum class TextProblem { none, not_utf8, too_long, forbidden_character };

/// How long a text may be; `lines` also admits tab and line feed.
struct TextRule {
    std::size_t characters_max = 0;
    bool lines = false;
};

/// Looks for what a person's text must not hold: invalid UTF-8, control characters (C0, DEL, C1),
/// line and paragraph separators, and the bidirectional overrides that make a name read as another
/// (`atto\u202Efdp.exe`).  Accents, apostrophes and every script are welcome.
///
/// Units   Characters are Unicode code points; a text of n characters has at most 4·n bytes.
TextProblem examine_text(std::string_view text, TextRule rule);

/// Checks a document's file name: one path component of 1–255 characters, at most 1024 bytes, no
/// slash, not "." or "..".  The name is stored as given: it is evidence of how the act arrived.
///
/// Errors  Error(invalid_argument, "file_name.invalid"), which never repeats the name.
void check_file_name(std::string_view name);

std::size_t code_points(std::string_view utf8);  ///< Of well-formed UTF-8.

/// Whether the text is an identifier of our code lists: 1–`size_max` of A–Z a–z 0–9 and - . _ /
bool is_code(std::string_view text, std::size_t size_max = 64);

constexpr std::size_t file_name_characters_max = 255;
constexpr std::size_t file_name_bytes_max = 1024;

}  // namespace custode::records
