#include "policies/calendar.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace policies::calendar {
namespace {

std::chrono::sys_days days_of(const Day& day) {
    return std::chrono::sys_days(std::chrono::year(day.year) / static_cast<int>(day.month) /
                                 static_cast<int>(day.day));
}

Day day_of(std::chrono::sys_days days) {
    const std::chrono::year_month_day ymd(days);
    return {static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
            static_cast<unsigned>(ymd.day())};
}

struct Yearly {
    unsigned month;
    unsigned day;
    int since;
};
constexpr std::array holidays{Yearly{1, 1, 0},     Yearly{1, 6, 1985}, Yearly{4, 25, 0},
                              Yearly{5, 1, 0},     Yearly{6, 2, 2001}, Yearly{8, 15, 0},
                              Yearly{10, 4, 2026}, Yearly{11, 1, 0},   Yearly{12, 8, 0},
                              Yearly{12, 25, 0},   Yearly{12, 26, 0}};

bool is_holiday(const Day& day) {
    const bool yearly = std::any_of(holidays.begin(), holidays.end(), [&](const Yearly& one) {
        return day.month == one.month && day.day == one.day && day.year >= one.since;
    });
    return yearly || days_of(day) == days_of(easter(day.year)) + std::chrono::days(1);
}

}  // namespace

/// Source  The anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
Day easter(int year) {
    const int a = year % 19;
    const int b = year / 100;
    const int c = year % 100;
    const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int n = h + l - 7 * m + 114;
    return {year, static_cast<unsigned>(n / 31), static_cast<unsigned>(n % 31 + 1)};
}

bool is_working_day(const Day& day) {
    const std::chrono::weekday weekday(days_of(day));
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday && !is_holiday(day);
}

Day add_working_days(const Day& day, int count) {
    auto at = days_of(day);
    while (count > 0) {
        at += std::chrono::days(1);
        if (is_working_day(day_of(at))) --count;
    }
    return day_of(at);
}

}  // namespace policies::calendar
