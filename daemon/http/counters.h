// daemon/http/counters.h
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace custode::daemon {

/// Why a connection ended other than by the wish of both sides.
enum class Cut : std::size_t {
    total_cap,     ///< Refused: connections_max, and none was idle.
    address_cap,   ///< Refused: connections_per_address_max.
    descriptors,   ///< Not accepted: the process had no descriptor left.
    handshake,     ///< TLS failed or took too long.
    head_slow,     ///< The head took longer than its deadline.
    head_refused,  ///< The head was malformed or refused.
    body_slow,     ///< The body came below the pace.
    reader_slow,   ///< The answer was read below the pace.
    idle,          ///< Nothing was asked for long enough.
    evicted,       ///< Idle, and its place was needed.
    overload,      ///< No thread came free in time.
    count
};
inline constexpr std::size_t cuts_count = static_cast<std::size_t>(Cut::count);

/// What /metrics shows of the front; read at one moment, each number by itself.
struct CountersSnapshot {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_parked = 0;  ///< Open ones that hold no thread.
    std::uint64_t connections_accepted = 0;
    std::uint64_t threads = 0;
    std::uint64_t threads_busy = 0;
    std::array<std::uint64_t, cuts_count> cuts{};     ///< By Cut.
    std::array<std::uint64_t, 6> answers_by_class{};  ///< [2] counts 2xx; [0] is unused.
    std::uint64_t body_bytes_in = 0;
    std::uint64_t body_bytes_out = 0;

    std::uint64_t cut(Cut why) const { return cuts[static_cast<std::size_t>(why)]; }
};

/// The word for a label: "address_cap".
const char* name_of(Cut why);

/// The living numbers.  Threads: any.
struct Counters {
    std::atomic<std::uint64_t> parked{0}, accepted{0}, threads{0}, busy{0};
    std::atomic<std::uint64_t> bytes_in{0}, bytes_out{0};
    std::array<std::atomic<std::uint64_t>, cuts_count> cuts{};
    std::array<std::atomic<std::uint64_t>, 6> answers{};

    void cut(Cut why) {
        cuts[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
    }
    void answered(int status) {
        const auto index = static_cast<std::size_t>(status / 100);
        answers[index < answers.size() ? index : 0].fetch_add(1, std::memory_order_relaxed);
    }
    CountersSnapshot snapshot() const;
};

}  // namespace custode::daemon
