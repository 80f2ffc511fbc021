// client/cli/progress.h
#pragma once

#include "client/cli/messages.h"

#include <cstdint>
#include <optional>
#include <string>

namespace custode::client {

/// Bytes for people: "48.213 byte", "12,4 MB" in Italian; "48,213 bytes", "12.4 MB" in English.
/// Units    Decimal (1 MB = 1,000,000 bytes), as disks are sold and downloads are shown.
std::string size_text(std::uint64_t bytes, Lang lang);

/// A whole number with the language's separator of thousands.
std::string count_text(std::uint64_t count, Lang lang);

/// Seconds left at the pace so far, or nothing before the pace means anything (under a second of
/// work, or nothing done).  Never more than 99 hours.
std::optional<std::uint64_t> seconds_left(std::uint64_t done, std::uint64_t total,
                                          std::uint64_t elapsed_millis);

/// "0:07", "12:45", "1:02:03".
std::string clock_text(std::uint64_t seconds);

/// One moment of a transfer, to be shown on a terminal only.
struct Moment {
    std::uint64_t files_done = 0;
    std::uint64_t files_total = 0;
    std::uint64_t bytes_done = 0;
    std::optional<std::uint64_t> bytes_total;  ///< None: the server did not say.
    std::uint64_t elapsed_millis = 0;
};

/// The line to show: files (when more than one), bytes of bytes, pace, time left.
std::string progress_line(const Moment& moment, Lang lang);

/// Keeps one line of standard error up to date, at most ten times a second; does nothing when
/// standard error is no terminal.
class ProgressLine {
public:
    explicit ProgressLine(bool wanted);
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Moment& moment, Lang lang);
    void clear();
    std::uint64_t elapsed_millis() const;

private:
    bool wanted_;
    bool shown_ = false;
    std::int64_t started_;
    std::int64_t last_ = 0;
};

}  // namespace custode::client
