#pragma once

#include "archive/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace custode::records {

/// What is wrong with a text that should be a definitive tax code (16 characters), or `none`.
enum class TaxCodeProblem { none, length, shape, birth, check };

/// What a tax code says of its holder, read through omocodia.
struct TaxCodeFacts {
    unsigned birth_year_in_century = 0;  ///< 0–99: the century is not in the code.
    unsigned birth_month = 0;
    unsigned birth_day = 0;
    bool female = false;
    std::string surname_letters;  ///< The three letters made from the surname.
    std::string name_letters;
};

/// Upper case with spaces and separators dropped: how codes are stored and compared.
std::string canonical_tax_code(std::string_view text);

/// Checks shape, month letter, day and check character of a canonical definitive code.
///
/// Source  DM 23 December 1976 (GU 345/1976): tables of odd and even values, sum modulo 26;
///         omocodia replaces digits by L M N P Q R S T U V in places 7 8 10 11 13 14 15.
TaxCodeProblem examine_tax_code(std::string_view canonical);

/// The check character for the first fifteen characters (canonical, A–Z and 0–9).
char tax_code_check_character(std::string_view first_fifteen);

/// The code with its omocodia letters turned back into digits and its check character made anew.
/// Two people may share it: that is why omocodia exists.  For reading, never as an identity.
std::string without_omocodia(std::string_view canonical);

/// What the code says, or nothing when its shape is wrong.  A wrong check character is tolerated.
std::optional<TaxCodeFacts> tax_code_facts(std::string_view canonical);

/// Eleven digits, as given provisionally to those whose data are not yet certain.
bool is_provisional_tax_code(std::string_view canonical);

/// Whether the last of the eleven digits is the one that the algorithm of VAT numbers gives.
/// Provisional codes met on acts do not all obey it: a warning, never a refusal.
bool provisional_check_matches(std::string_view canonical);

/// Whether one character differs, or two neighbours are swapped: what a reader's or a scanner's
/// single slip makes of a code.  Equal codes are not a slip: false.
bool differs_by_one_slip(std::string_view a, std::string_view b);

/// The three letters that a code takes from a surname or from a given name.
std::string surname_letters(std::string_view surname);
std::string name_letters(std::string_view name);

}  // namespace custode::records
