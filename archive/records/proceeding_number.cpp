#include "archive/records/proceeding_number.h"

#include <algorithm>
#include <array>

namespace custode::records {
namespace {

/// How a register is written.  In `form` a dot stands for an optional dot and a little space, so
/// that "R.G.V.G" also reads "RG VG" and "r.g. v.g."; everything else is one letter or digit.
struct Register {
    std::string_view form;
    std::string_view code;
};

// The longer form first: "R.G. A.C." must not be read as "R.G.".
constexpr std::array registers{
    Register{"r.g.g.i.p", "RGGIP"}, Register{"r.g.g.u.p", "RGGUP"}, Register{"r.g.v.g", "VG"},
    Register{"r.g.n.r", "RGNR"},    Register{"r.g.a.c", "RGAC"},    Register{"r.g.adot", "ADOT"},
    Register{"r.g.ads", "ADS"},     Register{"r.g", "RG"},          Register{"v.g", "VG"},
    Register{"adot", "ADOT"},       Register{"ads", "ADS"},         Register{"cronologico", "CRON"},
    Register{"cronol", "CRON"},     Register{"cron", "CRON"},       Register{"repertorio", "REP"},
    Register{"rep", "REP"},         Register{"sentenza", "SENT"},   Register{"sent", "SENT"},
    Register{"mod.21", "MOD21"},    Register{"mod.44", "MOD44"},    Register{"mod.45", "MOD45"},
    Register{"mod.52", "MOD52"},
};

constexpr std::size_t spaces_max = 4;  // between two tokens; more is another column of the page

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

/// A place in the text; every reader moves it forward when it has read, and only then.
class Scanner {
public:
    Scanner(std::string_view text, int current_year) : text_(text), current_year_(current_year) {}

    std::optional<FoundNumber> number_at(std::size_t start) {
        // A number or a register begins where a word begins: "12/2023" within "5512/2023" does not.
        if (start > 0 && is_word(text_[start - 1])) return std::nullopt;
        at_ = start;
        if (is_digit(text_[start])) return register_behind(start);
        const auto code = register_token();
        if (!code) return std::nullopt;
        spaces();
        number_sign();
        spaces();
        return finish(start, *code);
    }

    std::optional<ProceedingNumber> bare() {
        at_ = 0;
        auto digits = digits_and_year();
        if (!digits || at_ != text_.size()) return std::nullopt;
        return digits;
    }

private:
    std::optional<FoundNumber> finish(std::size_t start, std::string_view code) {
        auto number = digits_and_year();
        if (!number) return std::nullopt;
        number->register_code = code;
        return FoundNumber{*std::move(number), start, at_ - start};
    }

    /// "567/2025 R.G.": but in "567/2025 V.G. 12/2024" the register belongs to what follows.
    std::optional<FoundNumber> register_behind(std::size_t start) {
        auto number = digits_and_year();
        if (!number) return std::nullopt;
        spaces();
        const auto code = register_token();
        if (!code) return std::nullopt;
        const std::size_t end = at_;
        if (end < text_.size() && is_word(text_[end])) return std::nullopt;
        spaces();
        number_sign();
        spaces();
        if (digits_and_year()) return std::nullopt;
        number->register_code = *code;
        return FoundNumber{*std::move(number), start, end - start};
    }

    std::optional<std::string_view> register_token() {
        const std::size_t start = at_;
        for (const Register& candidate : registers) {
            at_ = start;
            if (reads(candidate.form) && !is_number_sign_after_all(candidate, start)) {
                skip('.');
                return candidate.code;
            }
        }
        at_ = start;
        return std::nullopt;
    }

    bool reads(std::string_view form) {
        for (const char wanted : form) {
            if (wanted == '.') {
                skip('.');
                spaces();
            } else if (at_ < text_.size() && lower(text_[at_]) == wanted) {
                ++at_;
            } else {
                return false;
            }
        }
        return true;
    }

    /// "R.G. nr. 12/2024" is number 12 of R.G.; "R.G. NR 12/2024" and "R.G.n.r." are the register.
    bool is_number_sign_after_all(const Register& candidate, std::size_t start) const {
        if (candidate.code != "RGNR") return false;
        const std::string_view read = text_.substr(start, at_ - start);
        return read.size() > 3 && read.ends_with("nr") && !is_word(read[read.size() - 3]) &&
               read[read.size() - 3] != '.';
    }

    /// n. · nr. · num. · numero · n° · nº: nothing depends on it, so it may be missing.
    void number_sign() {
        const std::size_t start = at_;
        for (const std::string_view form : {"numero", "num", "nr", "n"}) {
            at_ = start;
            if (!reads(form)) continue;
            skip('.');
            if (!skip_bytes("\xC2\xB0")) skip_bytes("\xC2\xBA");
            skip('.');
            if (at_ == text_.size() || is_digit(text_[at_]) || !is_word(text_[at_])) return;
        }
        at_ = start;
    }

    /// 567/2025 · 1234-1/2023 · 1234/1/2023 · 567 / 25
    std::optional<ProceedingNumber> digits_and_year() {
        ProceedingNumber found;
        if (!digits(7, found.number) || found.number == 0) return std::nullopt;
        const std::size_t behind_number = at_;
        if (with_sub(found) && year(found)) return found;
        at_ = behind_number;
        found.sub = 0;
        if (year(found)) return found;
        return std::nullopt;
    }

    bool with_sub(ProceedingNumber& found) {
        if (!skip('-') && !skip('/') && !skip_bytes("\xE2\x80\x93")) return false;
        return digits(3, found.sub) && found.sub != 0;
    }

    bool year(ProceedingNumber& found) {
        spaces();
        if (!skip('/')) return false;
        spaces();
        const std::size_t start = at_;
        std::uint32_t value = 0;
        if (!digits(4, value)) return false;
        if (at_ - start == 2) {
            const int recent = 2000 + static_cast<int>(value);
            found.year = recent <= current_year_ ? recent : recent - 100;
            return true;
        }
        found.year = static_cast<int>(value);
        return at_ - start == 4 && value >= 1900 && value <= 2099;
    }

    /// A run of 1–`count_max` digits; a longer run is another thing (a telephone, a bar code).
    bool digits(std::size_t count_max, std::uint32_t& value) {
        std::size_t end = at_;
        value = 0;
        while (end < text_.size() && is_digit(text_[end])) {
            if (end - at_ == count_max) return false;
            value = value * 10 + static_cast<std::uint32_t>(text_[end] - '0');
            ++end;
        }
        if (end == at_) return false;
        at_ = end;
        return true;
    }

    void spaces() {
        for (std::size_t count = 0; count < spaces_max; ++count)
            if (!skip(' ') && !skip('\t') && !skip('\n') && !skip('\r') && !skip_bytes("\xC2\xA0"))
                return;
    }

    bool skip(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool skip_bytes(std::string_view bytes) {
        if (text_.substr(std::min(at_, text_.size()), bytes.size()) != bytes) return false;
        at_ += bytes.size();
        return true;
    }

    std::string_view text_;
    int current_year_;
    std::size_t at_ = 0;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

std::string ProceedingNumber::normal() const {
    std::string out = register_code;
    if (!out.empty()) out += ' ';
    out += std::to_string(number);
    if (sub != 0) out += "-" + std::to_string(sub);
    return out + "/" + std::to_string(year);
}

std::vector<FoundNumber> find_all(std::string_view text, int current_year) {
    std::vector<FoundNumber> found;
    Scanner scanner(text, current_year);
    for (std::size_t at = 0; at < text.size() && found.size() < found_numbers_max;) {
        auto number = scanner.number_at(at);
        if (!number) {
            ++at;
            continue;
        }
        at += number->size;
        found.push_back(*std::move(number));
    }
    return found;
}

std::optional<ProceedingNumber> parse_proceeding_number(std::string_view text, int current_year) {
    auto found = find_all(text, current_year);
    if (found.size() != 1) return std::nullopt;
    return std::move(found.front().number);
}

std::optional<ProceedingNumber> parse_bare_number(std::string_view text, int current_year) {
    return Scanner(trimmed(text), current_year).bare();
}

}  // namespace custode::records
