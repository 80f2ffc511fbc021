#include "client/cli/progress.h"

#include "client/cli/terminal.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>

namespace custode::client {
namespace {

constexpr std::int64_t refresh_millis = 100;
constexpr std::uint64_t seconds_left_max = 99ull * 3600;

std::int64_t steady_millis() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

std::string count_text(std::uint64_t count, Lang lang) {
    std::string digits = std::to_string(count);
    const char separator = lang == Lang::it ? '.' : ',';
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, separator);
    }
    return digits;
}

std::string size_text(std::uint64_t bytes, Lang lang) {
    if (bytes < 100'000) {
        const char* unit = lang == Lang::it ? " byte" : bytes == 1 ? " byte" : " bytes";
        return count_text(bytes, lang) + unit;
    }
    static constexpr std::array units{"kB", "MB", "GB", "TB", "PB"};
    std::uint64_t scale = 1000;
    std::size_t unit = 0;
    // 999,950 kB would round to 1000.0 kB: it is 1.0 MB.
    while (unit + 1 < units.size() && bytes / scale >= 1000) {
        scale *= 1000;
        ++unit;
    }
    std::uint64_t tenths = bytes / (scale / 10) + (bytes % (scale / 10) >= scale / 20 ? 1 : 0);
    if (tenths >= 10'000 && unit + 1 < units.size()) {
        tenths = 10;
        ++unit;
    }
    const char* point = lang == Lang::it ? "," : ".";
    return std::to_string(tenths / 10) + point + std::to_string(tenths % 10) + " " + units[unit];
}

std::optional<std::uint64_t> seconds_left(std::uint64_t done, std::uint64_t total,
                                          std::uint64_t elapsed_millis) {
    if (elapsed_millis < 1000 || done == 0) return std::nullopt;
    if (done >= total) return 0;
    // In floating point: bytes × milliseconds overflow 64 bits for a terabyte over a day.
    const double left = static_cast<double>(total - done) / static_cast<double>(done) *
                        static_cast<double>(elapsed_millis) / 1000.0;
    if (left >= static_cast<double>(seconds_left_max)) return seconds_left_max;
    return static_cast<std::uint64_t>(left) + 1;
}

std::string clock_text(std::uint64_t seconds) {
    std::array<char, 40> buffer{};
    const auto hours = static_cast<unsigned long long>(seconds / 3600);
    const auto minutes = static_cast<unsigned long long>(seconds / 60 % 60);
    const auto rest = static_cast<unsigned long long>(seconds % 60);
    if (hours > 0) {
        std::snprintf(buffer.data(), buffer.size(), "%llu:%02llu:%02llu", hours, minutes, rest);
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%llu:%02llu", minutes, rest);
    }
    return buffer.data();
}

std::string progress_line(const Moment& moment, Lang lang) {
    std::string line;
    if (moment.files_total > 1) {
        line += count_text(moment.files_done, lang) + "/" + count_text(moment.files_total, lang) +
                " file · ";
    }
    line += size_text(moment.bytes_done, lang);
    if (moment.bytes_total) {
        line += (lang == Lang::it ? " di " : " of ") + size_text(*moment.bytes_total, lang);
    }
    if (moment.elapsed_millis >= 1000) {
        const double pace = static_cast<double>(moment.bytes_done) * 1000.0 /
                            static_cast<double>(moment.elapsed_millis);
        line += " · " + size_text(static_cast<std::uint64_t>(pace), lang) + "/s";
    }
    if (!moment.bytes_total) return line;
    const auto left = seconds_left(moment.bytes_done, *moment.bytes_total, moment.elapsed_millis);
    if (left) line += (lang == Lang::it ? " · ancora " : " · left ") + clock_text(*left);
    return line;
}

ProgressLine::ProgressLine(bool wanted)
    : wanted_(wanted && is_terminal(STDERR_FILENO)), started_(steady_millis()) {}

void ProgressLine::show(const Moment& moment, Lang lang) {
    if (!wanted_) return;
    const std::int64_t now = steady_millis();
    if (shown_ && now - last_ < refresh_millis) return;
    last_ = now;
    shown_ = true;
    std::cerr << '\r' << progress_line(moment, lang) << "\x1b[K" << std::flush;
}

void ProgressLine::clear() {
    if (!shown_) return;
    std::cerr << "\r\x1b[K" << std::flush;
    shown_ = false;
}

std::uint64_t ProgressLine::elapsed_millis() const {
    return static_cast<std::uint64_t>(steady_millis() - started_);
}

}  // namespace custode::client
