// client/cli/terminal.h
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace custode::client {

/// The text as it may safely be shown on a terminal, on one line and reversibly.
///
/// File names, server texts and metadata can carry escape sequences that rewrite the screen, and
/// marks that reverse the reading order so that "fdp.exe" reads "exe.pdf".  Control characters
/// (C0, DEL, C1), bidirectional marks, line separators and bytes that are not UTF-8 become \n, \t,
/// \xNN or \u{NNNN}; a backslash is doubled so that the form has one meaning.
///
/// Source   Unicode 15, Bidi_Control property; ECMA-48 for C1.
std::string visible(std::string_view text);

/// Whether `text` shows as it is: what visible() would not change, backslashes apart.
bool is_printable(std::string_view text);

/// Columns taken on a terminal, counting one per code point; good enough for Italian tables.
std::size_t columns(std::string_view text);

/// `text` cut with an ellipsis, or filled with spaces, to exactly `width` columns.
std::string fitted(std::string_view text, std::size_t width);

/// `text` with its lines broken at spaces so that none is wider than `width`, if words allow; what
/// goes over begins below the second column of its line (after two spaces or more), else two in.
/// A width under 60 breaks nothing.  Lines that begin with `kept` stay whole: commands to copy.
std::string broken(std::string_view text, std::size_t width, std::string_view kept);

/// The width of the terminal behind a descriptor; 0 when there is none.
std::size_t terminal_width(int descriptor);

bool is_terminal(int descriptor);

/// Asks for a secret on the controlling terminal without echo.
///
/// Units    At most 4,096 bytes; more is refused.
/// Errors   Problem terminal.none when there is nobody to ask; terminal.interrupted on Ctrl-C,
///          with the terminal as it was before.
std::string ask_secret(std::string_view prompt);

}  // namespace custode::client
