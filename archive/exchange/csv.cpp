// archive/exchange/csv.cpp
#include "archive/exchange/csv.h"

#include "archive/base/error.h"
#include "archive/exchange/safe_text.h"

#include <algorithm>

namespace custode::exchange {
namespace {

bool starts_a_formula(std::string_view cell) {
    constexpr std::u32string_view signs = U"=+-@＝＋－＠";
    const std::u32string text = code_points(cell);
    const auto first =
        std::find_if(text.begin(), text.end(), [](char32_t c) { return !is_invisible(c); });
    return first != text.end() && signs.find(*first) != std::u32string_view::npos;
}

std::string quoted(std::string_view cell) {
    std::string out = "\"";
    for (const char c : cell) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::string neutralised(std::string_view cell) {
    // Judged before one_line(), which turns a control character in front into a visible U+FFFD.
    return (starts_a_formula(cell) ? "'" : "") + one_line(cell);
}

CsvTable::CsvTable(const std::vector<std::string>& header)
    : columns_(header.size()), bytes_("\xEF\xBB\xBF") {
    line(header);
}

void CsvTable::row(const std::vector<std::string>& cells) {
    require(cells.size() == columns_, "a row has as many cells as the header");
    line(cells);
}

void CsvTable::line(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i != 0) bytes_ += ';';
        bytes_ += quoted(neutralised(cells[i]));
    }
    bytes_ += "\r\n";
}

}  // namespace custode::exchange
