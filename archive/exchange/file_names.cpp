// archive/exchange/file_names.cpp
#include "archive/exchange/file_names.h"

#include "archive/base/encoding.h"
#include "archive/exchange/safe_text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace custode::exchange {
namespace {

constexpr std::size_t stem_characters_max = 60;
constexpr std::size_t path_bytes_max = 1024;

constexpr std::array<std::string_view, 40> known_extensions{
    "pdf", "p7m",  "p7s",  "eml", "msg",  "xml", "txt",  "rtf",  "csv",  "html",
    "htm", "doc",  "docx", "xls", "xlsx", "ppt", "pptx", "odt",  "ods",  "odp",
    "jpg", "jpeg", "png",  "tif", "tiff", "gif", "bmp",  "heic", "webp", "mp3",
    "wav", "m4a",  "mp4",  "avi", "mov",  "zip", "7z",   "tsd",  "tsr",  "asc"};

/// Extensions that wrap another file, whose own extension must stay readable.
constexpr std::array<std::string_view, 4> wrapping_extensions{"p7m", "p7s", "tsd", "asc"};

template <class List>
bool is_in(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The Latin letters of Italian and its neighbours without their accents; others are left out.
char plain_letter(char32_t c) {
    if (c < 0x80) return static_cast<char>(c);
    constexpr std::u32string_view accented = U"àáâãäèéêëìíîïòóôõöùúûüçñÀÁÂÃÄÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÇÑ";
    constexpr std::string_view plain = "aaaaaeeeeiiiiooooouuuucnAAAAAEEEEIIIIOOOOOUUUUCN";
    const std::size_t at = accented.find(c);
    return at == std::u32string_view::npos ? '-' : plain[at];
}

/// Words of ASCII letters and digits joined by single hyphens.
std::string hyphenated(std::string_view text) {
    std::string out;
    for (const char32_t c : code_points(text)) {
        const char letter = plain_letter(c);
        if (is_word_character(letter)) {
            out += letter;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

bool is_code(std::string_view text) {
    constexpr std::size_t code_characters_max = 8;
    return text.size() <= code_characters_max &&
           std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// "Tribunale per i Minorenni" gives "TM".
std::string initials(std::string_view hyphenated_words) {
    constexpr std::size_t little_word_max = 3;  // "di", "per", "i", "del"
    std::string out;
    while (!hyphenated_words.empty()) {
        const std::string_view word = hyphenated_words.substr(0, hyphenated_words.find('-'));
        if (word.size() > little_word_max) {
            out += word[0] >= 'a' && word[0] <= 'z' ? static_cast<char>(word[0] - 32) : word[0];
        }
        hyphenated_words.remove_prefix(std::min(word.size() + 1, hyphenated_words.size()));
    }
    return out;
}

/// A code as it is; of anything longer the initials only, because an author may be a person, and
/// a parent's surname is the child's.
std::string authority_text(std::string_view authority) {
    const std::string text = hyphenated(authority);
    return is_code(text) ? text : initials(text);
}

std::string last_extension(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return "";
    std::string out(name.substr(dot + 1));
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string extension(std::string_view name) {
    const std::string outer = last_extension(name);
    if (!is_in(known_extensions, outer)) return ".bin";
    if (!is_in(wrapping_extensions, outer)) return "." + outer;
    const std::string inner = last_extension(name.substr(0, name.size() - outer.size() - 1));
    return is_in(known_extensions, inner) ? "." + inner + "." + outer : "." + outer;
}

bool is_stem(std::string_view stem) {
    return !stem.empty() && stem.size() <= stem_characters_max &&
           std::all_of(stem.begin(), stem.end(),
                       [](char c) { return is_word_character(c) || c == '-' || c == '_'; });
}

bool is_extension(std::string_view text) {
    if (text == "bin") return true;
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return is_in(known_extensions, text);
    return is_in(known_extensions, text.substr(0, dot)) &&
           is_in(wrapping_extensions, text.substr(dot + 1));
}

bool is_safe_part(std::string_view part) {
    return !part.empty() && part != "." && part != ".." &&
           std::none_of(part.begin(), part.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\' || c == ':';
           });
}

}  // namespace

std::string number_text(unsigned number) {
    const std::string digits = std::to_string(number);
    return std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

std::string export_file_name(const FileNamePieces& pieces) {
    std::string stem = number_text(pieces.number);
    stem += '_' + (pieces.dated ? to_text(*pieces.dated) : std::string("senza-data"));
    if (const std::string authority = authority_text(pieces.authority); !authority.empty()) {
        stem += '_' + authority;
    }
    std::string type = hyphenated(pieces.type);
    std::transform(type.begin(), type.end(), type.begin(), lower);
    stem += '_' + (type.empty() ? std::string("documento") : type);
    stem.resize(std::min(stem.size(), stem_characters_max));
    while (stem.back() == '-' || stem.back() == '_') stem.pop_back();
    return stem + extension(pieces.original_name);
}

bool is_export_file_name(std::string_view name) {
    const std::size_t dot = name.find('.');
    return dot != std::string_view::npos && is_stem(name.substr(0, dot)) &&
           is_extension(name.substr(dot + 1));
}

std::string export_folder_name(std::string_view dossier_code, const Day& created) {
    constexpr std::size_t code_characters_max = 40;
    std::string code = hyphenated(dossier_code);
    code.resize(std::min(code.size(), code_characters_max));
    return "fascicolo_" + (code.empty() ? std::string("senza-codice") : code) + '_' +
           to_text(created);
}

bool is_safe_path(std::string_view path) {
    if (path.empty() || path.size() > path_bytes_max || !is_utf8(path)) return false;
    for (std::size_t start = 0;;) {
        const std::size_t slash = path.find('/', start);
        if (!is_safe_part(path.substr(start, slash - start))) return false;
        if (slash == std::string_view::npos) return true;
        start = slash + 1;
    }
}

}  // namespace custode::exchange
