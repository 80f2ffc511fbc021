#include "client/cli/elenco.h"

#include "archive/base/encoding.h"
#include "archive/base/time.h"
#include "client/cli/problem.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace custode::client {
namespace {

[[noreturn]] void refuse(std::size_t line, std::string_view why, const std::string& what = {}) {
    throw Problem(why, {std::to_string(line), what});
}

struct Column {
    std::string_view name;
    std::string ElencoRow::*member;
};

constexpr Column columns_known[] = {
    {"file", &ElencoRow::file},
    {"fascicolo", &ElencoRow::dossier},
    {"cognome", &ElencoRow::surname},
    {"nome", &ElencoRow::name},
    {"nascita", &ElencoRow::birth},
    {"tipo", &ElencoRow::type},
    {"autorita", &ElencoRow::authority},
    {"autorità", &ElencoRow::authority},
    {"procedimento", &ElencoRow::proceeding},
    {"data", &ElencoRow::date},
    {"mittente", &ElencoRow::sender},
    {"oggetto", &ElencoRow::subject},
};

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// 12/03/2026 is how people write it; a year alone stays.
std::string iso_date(const std::string& text, std::size_t line) {
    if (text.empty() || parse_day(text)) return text;
    const bool is_year = text.size() == 4 && text.find_first_not_of("0123456789") == text.npos;
    if (is_year) return text;
    if (text.size() == 10 && text[2] == '/' && text[5] == '/') {
        std::string turned = text.substr(6) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2);
        if (parse_day(turned)) return turned;
    }
    refuse(line, "elenco.date", text);
}

void check_path(const std::string& path, std::size_t line) {
    if (path.empty()) refuse(line, "elenco.no_file");
    // A list must not reach outside its folder: "../../etc/passwd" would be filed.
    bool is_inside = path.front() != '/' && path.find('\0') == path.npos;
    for (std::size_t at = 0; is_inside && at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        is_inside = path.substr(at, end - at) != "..";
        at = end + 1;
    }
    if (!is_inside) refuse(line, "elenco.outside", path);
}

std::vector<std::string ElencoRow::*> read_heading(const CsvLine& heading) {
    std::vector<std::string ElencoRow::*> members;
    for (const std::string& raw : heading.cells) {
        const std::string name = lower(trimmed(raw));
        const auto* found = std::find_if(std::begin(columns_known), std::end(columns_known),
                                         [&](const Column& column) { return column.name == name; });
        if (found == std::end(columns_known)) refuse(heading.line, "elenco.column", raw);
        if (std::find(members.begin(), members.end(), found->member) != members.end()) {
            refuse(heading.line, "elenco.column", raw);
        }
        members.push_back(found->member);
    }
    if (std::find(members.begin(), members.end(), &ElencoRow::file) == members.end()) {
        refuse(heading.line, "elenco.no_file");
    }
    return members;
}

char separator_of(std::string_view text) {
    const std::string_view heading = text.substr(0, text.find('\n'));
    const auto count = [&](char c) { return std::count(heading.begin(), heading.end(), c); };
    return count(';') > count(',') ? ';' : ',';
}

// One state machine, one character at a time; bounded by the text's own bound.
class CsvReader {
public:
    CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

    std::vector<CsvLine> read() {
        while (at_ < text_.size()) {
            if (lines_.size() >= elenco_lines_max) refuse(line_, "elenco.too_long");
            read_line();
        }
        return std::move(lines_);
    }

private:
    bool ends_here() const { return at_ >= text_.size() || text_[at_] == '\n' || is_crlf(); }
    bool is_crlf() const {
        return text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
    }

    void read_line() {
        CsvLine line{line_, {}};
        for (;;) {
            line.cells.push_back(read_cell());
            if (ends_here()) break;
            ++at_;  // the separator
        }
        if (at_ < text_.size()) at_ += text_[at_] == '\r' ? 2u : 1u;
        ++line_;
        const bool is_blank = line.cells.size() == 1 && trimmed(line.cells.front()).empty();
        if (!is_blank) lines_.push_back(std::move(line));
    }

    std::string read_cell() {
        std::string cell;
        if (at_ < text_.size() && text_[at_] == '"') return read_quoted();
        while (!ends_here() && text_[at_] != separator_) {
            if (text_[at_] == '"') refuse(line_, "elenco.quote");
            add(cell, text_[at_++]);
        }
        return cell;
    }

    std::string read_quoted() {
        const std::size_t began = line_;
        std::string cell;
        for (++at_;; ++at_) {
            if (at_ >= text_.size()) refuse(began, "elenco.quote");
            if (text_[at_] == '"') {
                if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
                ++at_;
            } else if (text_[at_] == '\n') {
                ++line_;
            }
            add(cell, text_[at_]);
        }
        ++at_;
        if (!ends_here() && text_[at_] != separator_) refuse(line_, "elenco.quote");
        return cell;
    }

    void add(std::string& cell, char c) const {
        if (cell.size() >= elenco_cell_bytes_max) refuse(line_, "elenco.too_long");
        cell += c;
    }

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<CsvLine> lines_;
};

}  // namespace

std::vector<CsvLine> parse_csv(std::string_view text, char separator) {
    return CsvReader(text, separator).read();
}

std::vector<ElencoRow> parse_elenco(std::string_view text) {
    if (text.size() > elenco_bytes_max) refuse(1, "elenco.too_long");
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    if (!is_utf8(text)) refuse(1, "elenco.not_utf8");
    const std::vector<CsvLine> lines = parse_csv(text, separator_of(text));
    if (lines.empty()) refuse(1, "elenco.no_file");
    const auto members = read_heading(lines.front());

    std::vector<ElencoRow> rows;
    std::set<std::string> files;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const CsvLine& line = lines[i];
        if (line.cells.size() != members.size()) refuse(line.line, "elenco.cells");
        ElencoRow row;
        row.line = line.line;
        for (std::size_t at = 0; at < members.size(); ++at) {
            row.*members[at] = trimmed(line.cells[at]);
        }
        check_path(row.file, row.line);
        if (!files.insert(row.file).second) refuse(row.line, "elenco.twice", row.file);
        row.date = iso_date(row.date, row.line);
        row.birth = iso_date(row.birth, row.line);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace custode::client
