// client/cli/elenco.h
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace custode::client {

/// A line of elenco.csv: what is known about one file that arrived with a list.
struct ElencoRow {
    std::size_t line = 0;  ///< In the file, from 1, for messages.
    std::string file;      ///< Path relative to the list's folder.
    std::string dossier;   ///< Code or id, several (siblings) parted by '|'; or the person instead.
    std::string surname;
    std::string name;
    std::string birth;
    std::string type;
    std::string authority;
    std::string proceeding;  ///< Several are parted by '|'.
    std::string date;
    std::string sender;
    std::string subject;
};

/// Reads a list with the columns file, fascicolo, cognome, nome, nascita, tipo, autorita,
/// procedimento, data, mittente, oggetto, in any order; only `file` is needed.
///
/// The form is RFC 4180 as spreadsheets write it in Italy: comma or semicolon (whichever the
/// heading uses), quotes doubled inside quotes, line ends inside quotes, CRLF or LF, a UTF-8 byte
/// order mark skipped.  An unknown column, a line with too many or too few cells, an unclosed
/// quote, a file named twice or named outside the folder: refused with the line's number.  Dates
/// may be written DD/MM/YYYY and come out YYYY-MM-DD.
///
/// Units    At most 16 MiB, 100,000 lines, 64 KiB a cell.
/// Errors   Problem elenco.column, elenco.cells, elenco.quote … with the line's number
std::vector<ElencoRow> parse_elenco(std::string_view text);

/// The cells of every line, with the number of the line on which each began.
struct CsvLine {
    std::size_t line = 0;
    std::vector<std::string> cells;
};
std::vector<CsvLine> parse_csv(std::string_view text, char separator);

constexpr std::size_t elenco_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t elenco_lines_max = 100'000;
constexpr std::size_t elenco_cell_bytes_max = 64 * 1024;

}  // namespace custode::client
