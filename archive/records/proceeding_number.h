#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::records {

/// The number under which an authority keeps a proceeding or an act: register, number, sub, year.
///
/// Which register a number stands in is part of it: R.G. 567/2025 and R.G.V.G. 567/2025 are two.
/// Registers are short codes made from the token as it is written ("R.G.N.R." → "RGNR"); R.G.V.G.
/// and V.G. are one register (volontaria giurisdizione) and give "VG".
struct ProceedingNumber {
    std::string register_code;
    std::uint32_t number = 0;  ///< 1–9,999,999
    std::uint32_t sub = 0;     ///< 1–999, or 0 when there is none.
    int year = 0;              ///< 1900–2099, four digits.

    /// "RG 1234-1/2023": one writing for each number, for showing and for comparing.
    std::string normal() const;

    friend auto operator<=>(const ProceedingNumber&, const ProceedingNumber&) = default;
};

/// A number found in a text, and where.
struct FoundNumber {
    ProceedingNumber number;
    std::size_t offset = 0;  ///< Of its first byte in the text.
    std::size_t size = 0;    ///< In bytes.
};

/// Finds every number that carries its register, before it ("R.G. n. 567/2025") or behind it
/// ("n. 567/2025 R.G.V.G."), in reading order, never overlapping.
///
/// A year of two digits is 2000+yy up to `current_year`, else 1900+yy.
/// Bounds   Linear in the text; at most `found_numbers_max`, the rest is not looked at.
/// Source   domain: token list and grammar of the Milan offices; tests list every form that is met.
std::vector<FoundNumber> find_all(std::string_view text, int current_year);

/// The one number that the text holds; nothing when it holds none, or more than one.
std::optional<ProceedingNumber> parse_proceeding_number(std::string_view text, int current_year);

/// A bare "567/2025" or "567-1/25", the whole text and no register: register_code stays empty.
std::optional<ProceedingNumber> parse_bare_number(std::string_view text, int current_year);

constexpr std::size_t found_numbers_max = 1000;

}  // namespace custode::records
