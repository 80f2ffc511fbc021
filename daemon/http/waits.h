// daemon/http/waits.h
#pragma once

#include "archive/base/mutex.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace custode::daemon {

using Steady = std::chrono::steady_clock;

/// The threads that wait for their peer in the middle of a body or an answer.
///
/// They do not count as working: another thread may run in the place of each, so that peers who
/// dawdle keep nobody waiting.  There are `most` of them at most.  Beyond that the slowest of the
/// address that has most of them is cut: whoever comes with few connections is not cut for the
/// sake of who comes with many.
///
/// Lifetime  Outlives its places.   Threads   Any.
class Waits {
public:
    explicit Waits(std::size_t most) : most_(most) {}

    struct Waiter {
        const std::string& address;  ///< As the census counts it.
        int descriptor;
        bool sends;                ///< Its peer reads too slowly, rather than writes.
        Steady::time_point until;  ///< When its patience ends: the first is the slowest.
        bool is_cut = false;
    };

    /// One wait; `is_cut()` when its place was needed.
    class Place {
    public:
        Place(Waits& waits, const Waiter& waiter);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool is_cut() const;

    private:
        Waits& waits_;
        std::list<Waiter>::iterator at_;
    };

    /// Called after each that begins to wait, without a lock: another thread may work now.
    void on_begin(std::function<void()> call) { on_begin_ = std::move(call); }

    std::size_t count() const;  ///< So many others may work in their place; never above `most`.
    std::size_t most() const { return most_; }

private:
    void cut_slowest() CUSTODE_REQUIRES(mutex_);
    void forget(const Waiter& waiter) CUSTODE_REQUIRES(mutex_);

    const std::size_t most_;
    std::function<void()> on_begin_;
    mutable Mutex mutex_;
    std::list<Waiter> waiters_ CUSTODE_GUARDED_BY(mutex_);
    std::map<std::string, std::size_t> by_address_ CUSTODE_GUARDED_BY(mutex_);  ///< Those not cut.
    std::size_t uncut_ CUSTODE_GUARDED_BY(mutex_) = 0;
    std::atomic<std::size_t> count_{0};
};

}  // namespace custode::daemon
