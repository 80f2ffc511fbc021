// archive/exchange/safe_text.h
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace custode::exchange {

/// Text from outside made fit to be shown: subjects, names and notes were typed by others and may
/// carry control characters, broken UTF-8 or marks that reorder what a reader sees.
///
/// Errors    None; whatever cannot be shown becomes U+FFFD, so that its presence is visible.

/// The code points of a text; every byte that is not part of well-formed UTF-8 gives U+FFFD.
std::u32string code_points(std::string_view text);
std::string to_utf8(std::u32string_view code_points);

/// Characters that take no ink where they stand: white space, controls, format characters,
/// joiners, variation selectors, fillers.  Spreadsheets skip some of them before a formula.
/// Source    Unicode 15: Cc, Cf, Zs, Zl, Zp and Default_Ignorable_Code_Point.
bool is_invisible(char32_t c);

/// One line of visible text: line ends and tabs become spaces, controls and the bidirectional
/// overrides (U+202A–202E, U+2066–2069: they can show "fdp.exe" as "exe.pdf") become U+FFFD.
std::string one_line(std::string_view text);

/// one_line(), then the five characters with a meaning in HTML escaped: for element content and
/// for attribute values in double or single quotes.
std::string html_escaped(std::string_view text);

/// At most `characters_max` characters, the last one "…" when something was cut.
std::string shortened(std::string_view text, std::size_t characters_max);

}  // namespace custode::exchange
