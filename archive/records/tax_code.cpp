#include "archive/records/tax_code.h"

#include "archive/base/error.h"
#include "archive/records/folding.h"

#include <algorithm>
#include <array>

namespace custode::records {
namespace {

constexpr std::size_t code_size = 16;
constexpr std::string_view month_letters = "ABCDEHLMPRST";
constexpr std::string_view omocodia_letters = "LMNPQRSTUV";
// Value of 0–9 and of A–Z (the same ten values begin both rows) in odd places, counted from one.
constexpr std::array<int, 26> odd_values{1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                         20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The places, counted from zero, that hold a digit or the letter which replaces it.
bool is_digit_place(std::size_t i) {
    return i == 6 || i == 7 || i == 9 || i == 10 || (i >= 12 && i <= 14);
}

/// The digit at such a place, through omocodia; nothing when it is neither.
std::optional<unsigned> digit_at(std::string_view code, std::size_t i) {
    const char c = code[i];
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const auto found = omocodia_letters.find(c);
    if (found == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(found);
}

bool has_shape(std::string_view code) {
    if (code.size() != code_size) return false;
    for (std::size_t i = 0; i < code_size; ++i)
        if (is_digit_place(i) ? !digit_at(code, i) : !is_letter(code[i])) return false;
    return true;
}

unsigned two_digits(std::string_view code, std::size_t i) {
    return digit_at(code, i).value_or(0) * 10 + digit_at(code, i + 1).value_or(0);
}

bool is_birth_possible(const TaxCodeFacts& facts) {
    constexpr std::array<unsigned, 12> longest{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return facts.birth_month >= 1 && facts.birth_day >= 1 &&
           facts.birth_day <= longest[facts.birth_month - 1];
}

bool is_vowel(char c) { return std::string_view("AEIOU").find(c) != std::string_view::npos; }

std::string consonants_then_vowels(std::string_view text, std::string& consonants) {
    std::string vowels;
    for (const char c : folded_letters(text)) (is_vowel(c) ? vowels : consonants) += c;
    return vowels;
}

}  // namespace

std::string canonical_tax_code(std::string_view text) {
    std::string canonical;
    for (const char c : text) {
        if (c == ' ' || c == '-' || c == '.' || c == '\t') continue;
        canonical += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return canonical;
}

char tax_code_check_character(std::string_view first_fifteen) {
    require(first_fifteen.size() >= code_size - 1, "a check character is made from fifteen others");
    int sum = 0;
    for (std::size_t i = 0; i < code_size - 1; ++i) {
        const char c = first_fifteen[i];
        const int rank = is_digit(c) ? c - '0' : c - 'A';
        require(rank >= 0 && rank < 26, "a tax code holds A–Z and 0–9 only");
        sum += i % 2 == 0 ? odd_values[static_cast<std::size_t>(rank)] : rank;
    }
    return static_cast<char>('A' + sum % 26);
}

TaxCodeProblem examine_tax_code(std::string_view canonical) {
    if (canonical.size() != code_size) return TaxCodeProblem::length;
    const auto facts = tax_code_facts(canonical);
    if (!facts) return TaxCodeProblem::shape;
    if (!is_birth_possible(*facts)) return TaxCodeProblem::birth;
    return tax_code_check_character(canonical) == canonical.back() ? TaxCodeProblem::none
                                                                   : TaxCodeProblem::check;
}

std::string without_omocodia(std::string_view canonical) {
    std::string plain(canonical);
    if (!has_shape(canonical)) return plain;
    for (std::size_t i = 0; i < code_size; ++i)
        if (is_digit_place(i))
            plain[i] = static_cast<char>('0' + digit_at(canonical, i).value_or(0));
    plain.back() = tax_code_check_character(plain);
    return plain;
}

std::optional<TaxCodeFacts> tax_code_facts(std::string_view canonical) {
    if (!has_shape(canonical)) return std::nullopt;
    TaxCodeFacts facts;
    facts.surname_letters = canonical.substr(0, 3);
    facts.name_letters = canonical.substr(3, 3);
    facts.birth_year_in_century = two_digits(canonical, 6);
    const auto month = month_letters.find(canonical[8]);
    facts.birth_month = month == std::string_view::npos ? 0 : static_cast<unsigned>(month) + 1;
    const unsigned day = two_digits(canonical, 9);  // women's days are counted from 41
    facts.female = day > 40;
    facts.birth_day = facts.female ? day - 40 : day;
    return facts;
}

bool is_provisional_tax_code(std::string_view canonical) {
    return canonical.size() == 11 && std::all_of(canonical.begin(), canonical.end(), is_digit);
}

bool provisional_check_matches(std::string_view canonical) {
    if (!is_provisional_tax_code(canonical)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        int value = canonical[i] - '0';
        if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return (10 - sum % 10) % 10 == canonical[10] - '0';
}

bool differs_by_one_slip(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    const auto first = std::mismatch(a.begin(), a.end(), b.begin());
    if (first.first == a.end()) return false;
    if (std::equal(first.first + 1, a.end(), first.second + 1)) return true;
    return first.first + 1 != a.end() && first.first[0] == first.second[1] &&
           first.first[1] == first.second[0] &&
           std::equal(first.first + 2, a.end(), first.second + 2);
}

std::string surname_letters(std::string_view surname) {
    std::string letters;
    letters += consonants_then_vowels(surname, letters);
    letters += "XXX";
    return letters.substr(0, 3);
}

std::string name_letters(std::string_view name) {
    std::string consonants;
    const std::string vowels = consonants_then_vowels(name, consonants);
    // Four consonants or more: the second is skipped (DM 1976), so that Francesco is FNC.
    if (consonants.size() >= 4) return {consonants[0], consonants[2], consonants[3]};
    return (consonants + vowels + "XXX").substr(0, 3);
}

}  // namespace custode::records
