#pragma once

#include "archive/base/time.h"
#include "archive/records/proceeding_number.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::search {

/// A birth as somebody types it: a whole day, or a year (month and day 0).
using TypedBirth = Day;

/// What a line typed into a search box asks for; every part that is there must match.
struct Query {
    std::vector<std::string> words;      ///< Folded; of names, each may be only a beginning.
    std::optional<TypedBirth> birth;     ///< 04/03/2012 · 2012-03-04 · 4 marzo 2012 · 2012
    std::vector<std::string> tax_codes;  ///< Canonical, whole or a beginning of seven and more.
    std::vector<records::ProceedingNumber> numbers;  ///< With their register.
    std::vector<records::ProceedingNumber>
        bare_numbers;                ///< "567/2025": any register, or a dossier.
    std::vector<std::string> codes;  ///< Whole dossier codes.
    std::string whole;               ///< Folded, without spaces: for outside ids.

    bool is_empty() const;
};

/// Reads a query; whatever it is, it is read as something or dropped, and never refused but for
/// length (the rest after `query_bytes_max` is not looked at; at most `query_words_max` words).
Query read_query(std::string_view text, int current_year);

/// The words under which a surname or a name is found: folded, also with apostrophes as spaces and
/// neighbours joined, so that D'Amico, D Amico and Damico, Anna Maria and Annamaria meet.
std::vector<std::string> words_of(std::string_view name);

/// Folded and without spaces.
std::string squeezed(std::string_view text);

constexpr std::size_t query_bytes_max = 400;
constexpr std::size_t query_words_max = 16;

}  // namespace custode::search
