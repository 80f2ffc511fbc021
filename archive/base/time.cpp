#include "archive/base/time.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace custode {
namespace {

std::int64_t read_clock(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

bool digits(std::string_view text, int& into) {
    into = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        into = into * 10 + (c - '0');
    }
    return !text.empty();
}

Day day_of(std::chrono::sys_days days) {
    const std::chrono::year_month_day date(days);
    return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()}};
}

/// The last Sunday of a month at 01:00 UTC, when the European Union moves its clocks
/// (Directive 2000/84/EC).
std::int64_t change_of_clocks(int year, std::chrono::month month) {
    using namespace std::chrono;
    const sys_days last = std::chrono::year(year) / month / Sunday[std::chrono::last];
    return duration_cast<milliseconds>(last.time_since_epoch() + hours(1)).count();
}

}  // namespace

Millis SystemClock::now() const { return {read_clock(CLOCK_REALTIME)}; }
std::int64_t SystemClock::boot_millis() const { return read_clock(CLOCK_BOOTTIME); }

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    if (!(file >> id) || id.size() != 36) return "00000000-0000-0000-0000-000000000000";
    return id;
}

std::string to_rfc3339(Millis time) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(time.value)};
    const auto midnight = floor<days>(at);
    const Day day = day_of(midnight);
    const hh_mm_ss<milliseconds> clock(at - midnight);
    std::array<char, 40> text{};
    std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", day.year, day.month,
        day.day, static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text.data();
}

std::optional<Millis> from_rfc3339(std::string_view text) {
    using namespace std::chrono;
    if (text.size() != 24 || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text[19] != '.' || text[23] != 'Z')
        return std::nullopt;
    const auto day = parse_day(text.substr(0, 10));
    int h = 0, m = 0, s = 0, ms = 0;
    if (!day || !digits(text.substr(11, 2), h) || !digits(text.substr(14, 2), m) ||
        !digits(text.substr(17, 2), s) || !digits(text.substr(20, 3), ms) || h > 23 || m > 59 ||
        s > 59)
        return std::nullopt;
    const sys_days days =
        year(day->year) / std::chrono::month(day->month) / std::chrono::day(day->day);
    return Millis{
        duration_cast<milliseconds>(days.time_since_epoch() + hours(h) + minutes(m) + seconds(s))
            .count() +
        ms};
}

std::optional<Day> parse_day(std::string_view text) {
    int y = 0, m = 0, d = 0;
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text.substr(0, 4), y) ||
        !digits(text.substr(5, 2), m) || !digits(text.substr(8, 2), d))
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(y),
                                           std::chrono::month(static_cast<unsigned>(m)),
                                           std::chrono::day(static_cast<unsigned>(d))};
    if (!date.ok() || y < 1800 || y > 2999) return std::nullopt;
    return Day{y, static_cast<unsigned>(m), static_cast<unsigned>(d)};
}

std::string to_text(const Day& day) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", day.year, day.month, day.day);
    return text.data();
}

Day roman_day(Millis time) {
    using namespace std::chrono;
    const sys_time<milliseconds> utc{milliseconds(time.value)};
    const int year = day_of(floor<days>(utc)).year;
    const bool summer =
        time.value >= change_of_clocks(year, March) && time.value < change_of_clocks(year, October);
    return day_of(floor<days>(utc + hours(summer ? 2 : 1)));
}

}  // namespace custode
