#pragma once

#include <string>
#include <string_view>

namespace custode::records {

/// An account name as it is looked up, locked out and compared: NFKC, case folded, spaces at the
/// ends cut.  Two spellings of one canonical name are one account.
///
/// Errors  Error(invalid_argument, "account.name_invalid") unless the result is 1–64 characters,
///         letters of the Latin script, digits and . _ - @ only: a Cyrillic "аnna" beside "anna"
///         would be another person with the same face.
/// Source  Unicode 15, UAX #15 and UTS #39 §5.2 (single script), through ICU 72.
std::string canonical_account_name(std::string_view name);

/// A text for comparison: every script transliterated to Latin, accents, case and apostrophes gone,
/// whatever is left that is not a–z or 0–9 turned into single spaces; no spaces at the ends.
/// "D’Amico-Łuczak, Niccolò" gives "damico luczak niccolo".
///
/// Input that is not UTF-8 is read with U+FFFD.  Threads: any (one transliterator each).
std::string folded(std::string_view text);

/// The same with the spaces gone and in upper case: what the tax code's letters are taken from.
std::string folded_letters(std::string_view text);

constexpr std::size_t account_name_characters_max = 64;

}  // namespace custode::records
