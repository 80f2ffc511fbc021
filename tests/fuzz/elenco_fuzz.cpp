// The list that arrives with a folder of papers: read or refused with its line, never guessed.
#include "client/cli/elenco.h"

#include "client/cli/problem.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::client;

namespace {

std::string written(const std::vector<CsvLine>& lines) {
    std::string out;
    for (const CsvLine& line : lines) {
        for (std::size_t i = 0; i < line.cells.size(); ++i) {
            out += i == 0 ? "\"" : ";\"";
            for (const char c : line.cells[i]) out += c == '"' ? "\"\"" : std::string(1, c);
            out += '"';
        }
        out += "\r\n";
    }
    return out;
}

void fuzz_csv(std::string_view input, char separator) {
    try {
        const auto lines = parse_csv(input, separator);
        require(lines.size() <= elenco_lines_max, "lines are bounded");
        const auto again = parse_csv(written(lines), ';');
        require(again.size() == lines.size(), "a list survives its own writing");
        for (std::size_t i = 0; i < lines.size(); ++i)
            require(again[i].cells == lines[i].cells, "cell by cell");
    } catch (const Problem& problem) {
        require(problem.code().starts_with("elenco.") && problem.exit() == Exit::usage,
                "a list is refused as a list");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    fuzz_csv(input, ',');
    fuzz_csv(input, ';');
    try {
        for (const ElencoRow& row : parse_elenco(input)) {
            require(!row.file.empty() && row.file.front() != '/', "a file lies within the folder");
            require(("/" + row.file + "/").find("/../") == std::string::npos, "and stays there");
            require(row.line >= 2, "behind the heading");
        }
    } catch (const Problem& problem) {
        require(problem.code().starts_with("elenco."), "a list is refused as a list");
        (void)problem.message(Lang::it);
    }
    return 0;
}
