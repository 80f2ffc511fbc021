#include "daemon/http/range.h"

namespace custode::daemon {

namespace {

/// A decimal of at most 18 digits, so that it cannot overflow.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

}  // namespace

std::optional<std::variant<ByteRange, Unsatisfiable>> parse_range(std::string_view header,
                                                                  std::uint64_t size) {
    using Result = std::variant<ByteRange, Unsatisfiable>;
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    header.remove_prefix(unit.size());
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view from = header.substr(0, dash);
    const std::string_view to = header.substr(dash + 1);
    const std::optional<std::uint64_t> first = parse_number(from);
    const std::optional<std::uint64_t> second = parse_number(to);
    if (from.empty()) {  // the last N bytes
        if (!second) return std::nullopt;
        if (*second == 0 || size == 0) return Result(Unsatisfiable{});
        return Result(ByteRange{*second >= size ? 0 : size - *second, size - 1});
    }
    if (!first || (!to.empty() && !second) || (second && *second < *first)) return std::nullopt;
    if (*first >= size) return Result(Unsatisfiable{});
    return Result(ByteRange{*first, second && *second < size ? *second : size - 1});
}

}  // namespace custode::daemon
