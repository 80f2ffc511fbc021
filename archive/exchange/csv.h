// archive/exchange/csv.h
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace custode::exchange {

/// Writes tables that an Italian Excel opens by double click and that cannot run anything there.
///
/// The bytes: a UTF-8 byte order mark, rows ended by CR LF, every field in double quotes with
/// inner quotes doubled, ";" between fields (an Italian Excel's list separator).
///
/// A cell that a spreadsheet would take for a formula is made text by an apostrophe in front: one
/// whose first visible character is = + - @ or their full-width forms.  What is invisible is
/// skipped by the look-out, because a zero-width space in front of "=" has carried such an attack
/// past a first repair elsewhere.
///
/// Source    RFC 4180; the record of other products' advisories in the list of gaps, S15.
class CsvTable {
public:
    explicit CsvTable(const std::vector<std::string>& header);

    void row(const std::vector<std::string>& cells);  ///< As many cells as the header has.

    const std::string& bytes() const { return bytes_; }

private:
    void line(const std::vector<std::string>& cells);

    std::size_t columns_;
    std::string bytes_;
};

/// The cell's text, on one line, with the apostrophe where a spreadsheet would compute.
std::string neutralised(std::string_view cell);

}  // namespace custode::exchange
