// daemon/http/workers.h
#pragma once

#include "archive/base/mutex.h"
#include "daemon/http/connection.h"

#include <Poco/Thread.h>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace custode::daemon {

/// The threads "http": each takes a connection that has something to say and serves it.
///
/// Started when needed and kept.  At most `threads_max` work at once; those that wait for a peer
/// (waits.h) are not among them, so that there are `threads_max` and `waits_max` of them at most.
/// The queue holds each connection at most once, so `connections_max` bounds it.
///
/// Threads   Any.
class Workers {
public:
    using GiveBack = std::function<void(std::unique_ptr<Connection>)>;

    Workers(const Front& front, GiveBack give_back);
    ~Workers();  ///< join().

    void add(std::unique_ptr<Connection> connection);

    /// Waits until nothing is queued or running, for `time` at most.
    bool idle_within(std::chrono::milliseconds time);

    /// Lets every thread finish what it holds, drops the queue, joins.
    void join();

private:
    bool may_work() const CUSTODE_REQUIRES(mutex_);
    void provide() CUSTODE_REQUIRES(mutex_);
    void start_thread() CUSTODE_REQUIRES(mutex_);
    void run();
    void serve(std::unique_ptr<Connection> connection);

    const Front& front_;
    const GiveBack give_back_;
    Mutex mutex_;
    Condition work_;
    Condition quiet_;
    std::deque<std::unique_ptr<Connection>> queue_ CUSTODE_GUARDED_BY(mutex_);
    std::vector<std::unique_ptr<Poco::Thread>> threads_ CUSTODE_GUARDED_BY(mutex_);
    std::size_t busy_ CUSTODE_GUARDED_BY(mutex_) = 0;
    bool ending_ CUSTODE_GUARDED_BY(mutex_) = false;
};

/// Keeps SIGPIPE from this thread: a peer that closes early is no reason to die.
void block_sigpipe();

}  // namespace custode::daemon
