// archive/base/time.h
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace custode {

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
struct Millis {
    std::int64_t value = 0;
    friend constexpr auto operator<=>(Millis, Millis) = default;
};

/// Where time comes from, so that tests can turn it.  Threads: any.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Millis now() const = 0;                ///< Wall clock, UTC.
    virtual std::int64_t boot_millis() const = 0;  ///< CLOCK_BOOTTIME: never goes back while up.
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    Millis now() const override;
    std::int64_t boot_millis() const override;
};

/// The kernel's random id of this boot as sixteen bytes' UUID text, or zeroes where it has none.
std::string boot_id();

/// RFC 3339 in UTC with milliseconds: 2026-11-23T08:15:00.000Z.
std::string to_rfc3339(Millis time);
std::optional<Millis> from_rfc3339(std::string_view text);  ///< Only the form that we write.

/// A civil day, as acts and births carry it.
struct Day {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    friend constexpr auto operator<=>(const Day&, const Day&) = default;
};

std::optional<Day> parse_day(std::string_view text);  ///< YYYY-MM-DD, a day that exists, 1800–2999.
std::string to_text(const Day& day);

/// The civil day in Europe/Rome at that instant: legal days are Roman (design §8).
Day roman_day(Millis time);

}  // namespace custode
