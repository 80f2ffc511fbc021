#include "daemon/http/workers.h"

#include "archive/base/error.h"

#include <Poco/Exception.h>
#include <pthread.h>
#include <signal.h>

namespace custode::daemon {

namespace {

#if defined(CUSTODE_SANITIZED)
constexpr std::size_t stack_bytes_default = 2 * 1024 * 1024;  // redzones multiply frames
#else
constexpr std::size_t stack_bytes_default = 256 * 1024;
#endif

}  // namespace

void block_sigpipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Workers::Workers(const Front& front, GiveBack give_back)
    : front_(front), give_back_(std::move(give_back)) {
    front_.waits.on_begin([this] {
        const Lock lock(mutex_);
        if (!queue_.empty()) provide();
    });
}

Workers::~Workers() { join(); }

void Workers::add(std::unique_ptr<Connection> connection) {
    connection->queued_at = Steady::now();
    const Lock lock(mutex_);
    if (ending_) return;
    queue_.push_back(std::move(connection));
    provide();
}

bool Workers::may_work() const {
    return busy_ < front_.options.limits.threads_max + front_.waits.count();
}

/// Sees to it that a thread takes what is in the queue, if one may.
void Workers::provide() {
    const bool all_busy = busy_ + queue_.size() > threads_.size();
    const std::size_t most = front_.options.limits.threads_max + front_.waits.count();
    if (all_busy && threads_.size() < most) start_thread();
    work_.notify_one();
}

void Workers::start_thread() {
    const std::size_t wished = front_.options.limits.thread_stack_bytes;
    auto thread = std::make_unique<Poco::Thread>("http");
    thread->setStackSize(static_cast<int>(wished != 0 ? wished : stack_bytes_default));
    try {
        thread->startFunc([this] { run(); });
    } catch (const Poco::Exception&) {
        // No room for another thread now: those that run will come to it, if there are any.
        if (threads_.empty()) queue_.clear();
        return;
    }
    threads_.push_back(std::move(thread));
    front_.counters.threads.store(threads_.size());
}

void Workers::run() {
    block_sigpipe();
    pthread_setname_np(pthread_self(), "http");
    Lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [&]() CUSTODE_REQUIRES(mutex_) {
            return ending_ || (!queue_.empty() && may_work());
        });
        if (ending_) return;
        std::unique_ptr<Connection> connection = std::move(queue_.front());
        queue_.pop_front();
        front_.counters.busy.store(++busy_);
        lock.unlock();
        serve(std::move(connection));
        lock.lock();
        front_.counters.busy.store(--busy_);
        if (busy_ == 0 && queue_.empty()) quiet_.notify_all();
    }
}

void Workers::serve(std::unique_ptr<Connection> connection) {
    const bool overdue = Steady::now() - connection->queued_at > front_.options.deadlines.queue;
    if (connection->serve(overdue) == Connection::Next::park) give_back_(std::move(connection));
}

bool Workers::idle_within(std::chrono::milliseconds time) {
    Lock lock(mutex_);
    return quiet_.wait_for(lock, time,
                           [&]() CUSTODE_REQUIRES(mutex_) { return busy_ == 0 && queue_.empty(); });
}

void Workers::join() {
    std::vector<std::unique_ptr<Poco::Thread>> threads;  // none is added once we are ending
    {
        const Lock lock(mutex_);
        ending_ = true;
        queue_.clear();
        threads.swap(threads_);
    }
    work_.notify_all();
    for (const auto& thread : threads) thread->join();
}

}  // namespace custode::daemon
