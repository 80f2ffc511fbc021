#include "archive/records/password_rule.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/records/folding.h"
#include "archive/records/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace custode::records {

extern const std::string_view common_passwords;  // Made from data/common-passwords.txt at build.

namespace {

constexpr std::size_t word_characters_min = 4;
constexpr std::size_t run_characters_min = 3;

/// The word list without its comments; sorted by nothing, there are a few hundred.
std::vector<std::string> read_common() {
    std::vector<std::string> words;
    std::string_view rest = common_passwords;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.starts_with('#')) continue;
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t end = std::min(line.find(' ', at), line.size());
            if (end > at) words.emplace_back(line.substr(at, end - at));
            at = end + 1;
        }
    }
    return words;
}

const std::vector<std::string>& common_words() {
    static const std::vector<std::string> words = read_common();
    return words;
}

/// The letters that a character may stand for, itself first.
std::string_view stands_for(char c) {
    switch (c) {
        case '0': return "0o";
        case '1': return "1il";
        case '3': return "3e";
        case '4': return "4a";
        case '5': return "5s";
        case '7': return "7t";
        case '8': return "8b";
        case '@': return "@a";
        case '$': return "$s";
        case '!': return "!i";
        default: return {};
    }
}

bool is_same(char typed, char letter) {
    return typed == letter || stands_for(typed).find(letter) != std::string_view::npos;
}

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char letter, char typed) { return is_same(typed, letter); });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How far "aaaa", "1234", "dcba" go from the beginning of `text`.
std::size_t run_length(std::string_view text) {
    std::size_t longest = 1;
    for (const int step : {0, 1, -1}) {
        std::size_t length = 1;
        while (length < text.size() && text[length] - text[length - 1] == step) ++length;
        longest = std::max(longest, length);
    }
    return longest;
}

std::size_t year_length(std::string_view text) {
    const bool is_year = text.size() >= 4 && (text.starts_with("19") || text.starts_with("20")) &&
                         is_digit(text[2]) && is_digit(text[3]);
    return is_year ? 4 : 0;
}

/// The longest piece at the beginning of `text` that a guesser tries as a whole.
std::size_t known_length(std::string_view text, const std::vector<std::string>& context) {
    std::size_t longest = year_length(text);
    if (const std::size_t run = run_length(text); run >= run_characters_min)
        longest = std::max(longest, run);
    for (const auto* words : {&common_words(), &context})
        for (const std::string& word : *words)
            if (word.size() > longest && begins_with(text, word)) longest = word.size();
    return longest;
}

/// Lower case, accents gone, one byte a character: what has no plain letter becomes a digest of
/// itself, so that only its repetition is noticed.
std::string flattened(std::string_view password) {
    std::string flat;
    for (std::size_t at = 0; at < password.size();) {
        const auto lead = static_cast<unsigned char>(password[at]);
        const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        const std::string_view character = password.substr(at, bytes);
        at += bytes;
        const std::string plain = folded(character);
        if (plain.size() == 1) {
            flat += plain;
        } else if (bytes == 1) {
            flat += character;
        } else {
            unsigned mixed = 0;
            for (const char c : character) mixed = mixed * 31 + static_cast<unsigned char>(c);
            flat += static_cast<char>(0x80 + (mixed & 0x7FU));
        }
    }
    return flat;
}

/// "abcabcabc" is "abc": the shortest beginning that the whole repeats, at least twice.
std::string_view without_repetition(std::string_view text) {
    for (std::size_t period = 1; 2 * period <= text.size(); ++period)
        if (text.substr(period) == text.substr(0, text.size() - period))
            return text.substr(0, period);
    return text;
}

[[noreturn]] void refuse(const char* code, const char* why) {
    throw Error(ErrorCode::invalid_argument, code,
                std::string("could not set the password: ") + why);
}

}  // namespace

std::size_t effective_length(std::string_view password, const std::vector<std::string>& context) {
    const std::string flat = flattened(password);
    const std::string_view text = without_repetition(flat);
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); ++length)
        at += std::max<std::size_t>(1, known_length(text.substr(at), context));
    return length;
}

std::vector<std::string> context_words(std::string_view text) {
    std::vector<std::string> words;
    const std::string flat = folded(text);
    for (std::size_t at = 0; at < flat.size();) {
        const std::size_t end = std::min(flat.find(' ', at), flat.size());
        if (end - at >= word_characters_min) words.push_back(flat.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

void check_password(std::string_view password, std::string_view account_name,
                    const std::vector<std::string>& context) {
    if (!is_utf8(password)) refuse("field.invalid", "it is not UTF-8");
    if (password.size() > password_bytes_max)
        refuse("password.too_long", "it has more than 1024 bytes");
    if (code_points(password) < password_characters_min)
        refuse("password.too_short", "it has fewer than 12 characters");
    if (password == account_name) refuse("password.is_name", "it is the account's name");
    std::vector<std::string> words = context;
    for (std::string& word : context_words(account_name)) words.push_back(std::move(word));
    if (effective_length(password, words) < password_effective_min)
        refuse("password.too_common", "it is made of words that are guessed first");
}

}  // namespace custode::records
