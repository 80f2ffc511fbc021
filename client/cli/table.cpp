#include "client/cli/table.h"

#include "client/cli/terminal.h"

#include <algorithm>
#include <numeric>

namespace custode::client {
namespace {

constexpr std::size_t gap = 2;        ///< Between columns, and before what a row continues with.
constexpr std::size_t text_min = 30;  ///< A last column with less room gets a line of its own.

using Row = std::vector<std::string>;
using Line = std::vector<std::size_t>;  ///< The columns that stand on it.

struct Layout {
    std::vector<std::size_t> widths;
    std::vector<Line> lines;
    std::size_t room = 0;  ///< Where the last column is broken; 0: nowhere.
};

std::size_t width_of(const Line& line, const std::vector<std::size_t>& widths) {
    return std::accumulate(line.begin(), line.end(), std::size_t{0},
                           [&](std::size_t sum, std::size_t at) { return sum + widths[at] + gap; });
}

std::vector<Line> packed(const Line& shown, const std::vector<std::size_t>& widths,
                         std::size_t room) {
    std::vector<Line> lines(1);
    for (const std::size_t at : shown) {
        const std::size_t used =
            width_of(lines.back(), widths) + (lines.size() > 1 ? gap : std::size_t{0});
        const bool may_break = at == shown.back() && used + text_min <= room;
        if (!lines.back().empty() && used + widths[at] > room && !may_break) lines.emplace_back();
        lines.back().push_back(at);
    }
    return lines;
}

Layout layout_of(const Row& heading, const std::vector<Row>& rows, std::size_t room) {
    Layout layout;
    Line all(heading.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    Line filled;
    for (const std::size_t at : all) {
        layout.widths.push_back(columns(heading[at]));
        bool has_value = rows.empty();
        for (const Row& row : rows) {
            layout.widths[at] = std::max(layout.widths[at], columns(row[at]));
            has_value = has_value || !row[at].empty();
        }
        if (has_value) filled.push_back(at);
    }
    const bool fits = room == 0 || width_of(all, layout.widths) <= room + gap;
    layout.room = fits ? 0 : room;
    layout.lines = fits ? std::vector<Line>{all} : packed(filled, layout.widths, room);
    return layout;
}

/// The last space before which the text takes no more than `room`; npos when there is none.
std::size_t last_break(std::string_view text, std::size_t room) {
    std::size_t found = std::string_view::npos;
    for (std::size_t at = text.find(' '); at != std::string_view::npos;
         at = text.find(' ', at + 1)) {
        if (columns(text.substr(0, at)) > room) break;
        found = at;
    }
    return found;
}

/// The text from column `indent` on, its further lines below its first.
std::string hung(std::string_view text, std::size_t indent, std::size_t room) {
    std::string out;
    while (room > indent && columns(text) > room - indent) {
        const std::size_t cut = last_break(text, room - indent);
        if (cut == std::string_view::npos) break;
        out += std::string(text.substr(0, cut)) + "\n" + std::string(indent, ' ');
        text.remove_prefix(cut + 1);
    }
    return out + std::string(text);
}

std::string row_text(const Row& row, const Layout& layout) {
    std::string out;
    for (const Line& columns_of_line : layout.lines) {
        std::string line(out.empty() ? 0 : gap, ' ');
        for (const std::size_t at : columns_of_line) {
            const bool is_last = at == columns_of_line.back();
            line += is_last ? hung(row[at], columns(line), layout.room)
                            : fitted(row[at], layout.widths[at]) + std::string(gap, ' ');
        }
        while (!line.empty() && line.back() == ' ') line.pop_back();
        if (out.empty() || !line.empty()) out += line + "\n";
    }
    return out;
}

}  // namespace

std::string table_text(const std::vector<std::string>& heading,
                       const std::vector<std::vector<std::string>>& rows, std::size_t width) {
    std::vector<Row> shown;
    for (const Row& row : rows) {
        Row& line = shown.emplace_back();
        for (const std::string& cell : row) line.push_back(visible(cell));
    }
    const Layout layout = layout_of(heading, shown, width);
    std::string text = row_text(heading, layout);
    for (const Row& row : shown) text += row_text(row, layout);
    return text;
}

}  // namespace custode::client
