#include "archive/search/query.h"

#include "archive/base/encoding.h"
#include "archive/records/dossier.h"
#include "archive/records/folding.h"
#include "archive/records/tax_code.h"

#include <algorithm>
#include <array>

namespace custode::search {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : text) {
        if (separators.find(c) == std::string_view::npos) {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(std::move(part));
            part.clear();
        }
    }
    if (!part.empty()) parts.push_back(std::move(part));
    return parts;
}

std::optional<int> number_in(std::string_view text, std::size_t digits_max) {
    if (text.empty() || text.size() > digits_max ||
        !std::all_of(text.begin(), text.end(), is_digit))
        return std::nullopt;
    return std::stoi(std::string(text));
}

std::optional<int> year_in(std::string_view text, int current_year) {
    const auto year = number_in(text, 4);
    if (!year) return std::nullopt;
    if (text.size() == 2) return 2000 + *year <= current_year ? 2000 + *year : 1900 + *year;
    if (text.size() != 4 || *year < 1900 || *year > 2099) return std::nullopt;
    return year;
}

std::optional<Day> real_day(int year, int month, int day) {
    const Day typed{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
    return parse_day(to_text(typed));  // only a day that exists
}

/// 04/03/2012 · 4-3-12 · 4.3.2012 · 2012-03-04; Italian order, never the American one.
std::optional<Day> day_in(std::string_view text, int current_year) {
    const auto parts = split(text, "/-.");
    if (parts.size() != 3) return std::nullopt;
    const bool year_first = parts[0].size() == 4;
    const auto year = year_in(parts[year_first ? 0 : 2], current_year);
    const auto month = number_in(parts[1], 2);
    const auto day = number_in(parts[year_first ? 2 : 0], 2);
    if (!year || !month || !day) return std::nullopt;
    return real_day(*year, *month, *day);
}

std::optional<int> month_named(const std::string& word) {
    constexpr std::array<std::string_view, 12> months{
        "gennaio", "febbraio", "marzo",     "aprile",  "maggio",   "giugno",
        "luglio",  "agosto",   "settembre", "ottobre", "novembre", "dicembre"};
    for (std::size_t i = 0; i < months.size(); ++i)
        if (word == months[i] || (word.size() >= 3 && word == months[i].substr(0, 3)))
            return static_cast<int>(i) + 1;
    return std::nullopt;
}

/// Six letters and then a digit somewhere: nobody is called that.
bool resembles_tax_code(const std::string& text) {
    if (text.size() < 7 || text.size() > 16) return false;
    return std::all_of(text.begin(), text.begin() + 6, is_letter) &&
           std::any_of(text.begin() + 6, text.end(), is_digit) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c); });
}

class Reader {
public:
    explicit Reader(int current_year) : current_year_(current_year) {}

    Query read(std::string text) {
        query_.whole = squeezed(text);
        const std::string code = records::canonical_tax_code(text);
        if (records::tax_code_facts(code)) {
            query_.tax_codes.push_back(code);  // typed in groups: RSS MRA 85T10 A562S
            return std::move(query_);
        }
        take_numbers(text);
        const auto parts = split(text, " ,;\t\n\r");
        for (std::size_t i = 0; i < parts.size();) i += take(parts, i);
        return std::move(query_);
    }

private:
    /// Numbers leave the text, so that "R.G." is not looked for among the names.
    void take_numbers(std::string& text) {
        const auto found = records::find_all(text, current_year_);
        for (auto number = found.rbegin(); number != found.rend(); ++number) {
            text.replace(number->offset, number->size, " ");
            query_.numbers.push_back(number->number);
        }
    }

    /// Reads one part, or three of a written-out date; says how many.
    std::size_t take(const std::vector<std::string>& parts, std::size_t i) {
        if (const auto day = written_day(parts, i)) {
            query_.birth = day;
            return 3;
        }
        const std::string& part = parts[i];
        const std::string code = records::canonical_tax_code(part);
        if (records::parse_dossier_code(part)) {
            query_.codes.push_back(part);
        } else if (const auto day = day_in(part, current_year_)) {
            query_.birth = day;
        } else if (const auto bare = records::parse_bare_number(part, current_year_)) {
            query_.bare_numbers.push_back(*bare);
        } else if (const auto turned = year_first(part)) {
            query_.bare_numbers.push_back(*turned);
        } else if (part.size() == 4 && !query_.birth && year_in(part, current_year_)) {
            query_.birth = TypedBirth{*year_in(part, current_year_), 0, 0};
        } else if (resembles_tax_code(code) || records::is_provisional_tax_code(code)) {
            query_.tax_codes.push_back(code);
        } else {
            take_words(part);
        }
        return 1;
    }

    std::optional<Day> written_day(const std::vector<std::string>& parts, std::size_t i) const {
        if (i + 2 >= parts.size()) return std::nullopt;
        const auto day = number_in(parts[i], 2);
        const auto month = month_named(records::folded(parts[i + 1]));
        const auto year = year_in(parts[i + 2], current_year_);
        if (!day || !month || !year) return std::nullopt;
        return real_day(*year, *month, *day);
    }

    /// "2026/1": the short form of a dossier code, year in front.
    std::optional<records::ProceedingNumber> year_first(const std::string& part) const {
        const auto parts = split(part, "/");
        if (parts.size() != 2 || parts[0].size() != 4) return std::nullopt;
        const auto year = year_in(parts[0], current_year_);
        const auto number = number_in(parts[1], 7);
        if (!year || !number || *number == 0) return std::nullopt;
        return records::ProceedingNumber{"", static_cast<std::uint32_t>(*number), 0, *year};
    }

    void take_words(const std::string& part) {
        for (std::string& word : split(records::folded(part), " "))
            if (query_.words.size() < query_words_max && !belongs_to_number(word))
                query_.words.push_back(std::move(word));
    }

    /// "proc. n. 567/2025 R.G." leaves words behind that are nobody's name.
    bool belongs_to_number(const std::string& word) const {
        constexpr std::array<std::string_view, 6> words{"n",      "nr",   "num",
                                                        "numero", "proc", "procedimento"};
        return !query_.numbers.empty() &&
               std::find(words.begin(), words.end(), word) != words.end();
    }

    int current_year_;
    Query query_;
};

}  // namespace

bool Query::is_empty() const {
    return words.empty() && !birth && tax_codes.empty() && numbers.empty() &&
           bare_numbers.empty() && codes.empty();
}

Query read_query(std::string_view text, int current_year) {
    std::string bounded(text.substr(0, query_bytes_max));
    // The cut, or the client, may have left half a character: it would fold to a letter of its own.
    while (!bounded.empty() && !is_utf8(bounded)) bounded.pop_back();
    return Reader(current_year).read(std::move(bounded));
}

std::vector<std::string> words_of(std::string_view name) {
    std::string open(records::folded(name));
    std::vector<std::string> words = split(open, " ");
    const std::size_t plain = words.size();
    for (std::size_t i = 0; i + 1 < plain; ++i) words.push_back(words[i] + words[i + 1]);
    std::string spaced(name);
    for (const std::string_view apostrophe : {"'", "`", "\u2019", "\u00B4", "\u02BC"})
        for (auto at = spaced.find(apostrophe); at != std::string::npos;
             at = spaced.find(apostrophe))
            spaced.replace(at, apostrophe.size(), " ");
    for (std::string& word : split(records::folded(spaced), " ")) words.push_back(std::move(word));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

std::string squeezed(std::string_view text) {
    std::string out = records::folded(text);
    std::erase(out, ' ');
    return out;
}

}  // namespace custode::search
