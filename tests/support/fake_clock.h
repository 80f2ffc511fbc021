// tests/support/fake_clock.h
#pragma once

#include "archive/base/time.h"

#include <atomic>
#include <chrono>

namespace custode::testing {

/// A clock that stands until it is told to go: the wall and the time since boot, apart.
class FakeClock final : public Clock {
public:
    /// 2026-11-23T08:00:00Z, a Monday morning in Rome.
    static constexpr std::int64_t start = 1'795'420'800'000;

    Millis now() const override { return {wall_}; }
    std::int64_t boot_millis() const override { return boot_; }

    /// Time passes: both clocks go on.
    void pass(std::chrono::milliseconds time) {
        wall_ += time.count();
        boot_ += time.count();
    }
    /// Somebody sets the wall clock; the other cannot be set.
    void set_wall(Millis time) { wall_ = time.value; }

private:
    std::atomic<std::int64_t> wall_{start};
    std::atomic<std::int64_t> boot_{5'000'000};
};

}  // namespace custode::testing
