#include "archive/store/writer.h"

#include "archive/base/guard.h"
#include "archive/base/mutex.h"
#include "archive/store/failure.h"
#include "archive/store/group.h"

#include <lmdb.h>
#include <pthread.h>

#include <deque>
#include <thread>

namespace custode::store {
namespace {

using Steady = std::chrono::steady_clock;

struct Entry {
    Writer::Task task;
    Steady::time_point begins;  ///< When it begins a group, if none has taken it before.
    std::promise<void> done;
    std::exception_ptr failure;
};

std::string reason_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown";
    }
}

/// The number of the last transaction that the opened file holds.
std::uint64_t last_txn_id(const Environment& environment) {
    MDB_envinfo info{};
    mdb_env_info(environment.handle(), &info);
    return info.me_last_txnid;
}

}  // namespace

struct Writer::State {
    State(Environment& environment_, GroupHooks& hooks_, const Options& options_)
        : environment(environment_), hooks(hooks_), options(options_), sums(options_.sums) {
        if (sums.empty()) sums.resize(environment.tables().size());
    }

    Environment& environment;
    GroupHooks& hooks;
    const Options options;

    mutable Mutex mutex;
    Condition wake;
    std::deque<Entry> queue CUSTODE_GUARDED_BY(mutex);
    /// When the next group begins.
    Steady::time_point due CUSTODE_GUARDED_BY(mutex) = Steady::time_point::max();
    bool stopping CUSTODE_GUARDED_BY(mutex) = false;
    bool read_only CUSTODE_GUARDED_BY(mutex) = false;
    std::string reason CUSTODE_GUARDED_BY(mutex);  // of being read-only
    std::vector<TableSum> sums CUSTODE_GUARDED_BY(mutex);

    // The writer's thread alone: of the commit that failed last.  Whether it reached the disk is
    // known after reopening.
    std::uint64_t doubtful_txn_id = 0;
    std::vector<TableSum> doubtful_sums;

    std::thread thread;

    void work();
    bool wait_for_work();
    void wait_until_due(Lock& lock) CUSTODE_REQUIRES(mutex);
    std::optional<Entry> take();
    bool is_read_only() const;
    std::vector<TableSum> present_sums() const;
    void serve_group();
    void resolve(std::vector<Entry>& group);
    void answer_too_early(Group& group, std::vector<Entry>& taken);
    void fail(std::vector<Entry>& group, const std::exception_ptr& failure);
    void refuse(const std::exception_ptr& failure);
    void recover();
};

void Writer::State::work() {
    pthread_setname_np(pthread_self(), "writer");
    while (wait_for_work()) {
        if (is_read_only())
            recover();
        else
            serve_group();
    }
}

/// False when all is done.  In read-only the wait is the pause between two attempts to recover.
bool Writer::State::wait_for_work() {
    Lock lock(mutex);
    if (read_only)
        wake.wait_for(lock, options.retry_pause,
                      [&]() CUSTODE_REQUIRES(mutex) { return stopping; });
    else
        wait_until_due(lock);
    return !stopping || (!read_only && !queue.empty());
}

void Writer::State::wait_until_due(Lock& lock) {
    while (!stopping && due > Steady::now()) {
        const Steady::time_point seen = due;
        const auto is_earlier = [&]() CUSTODE_REQUIRES(mutex) { return stopping || due < seen; };
        if (seen == Steady::time_point::max())
            wake.wait(lock, is_earlier);
        else
            wake.wait_for(lock, seen - Steady::now(), is_earlier);
    }
}

bool Writer::State::is_read_only() const {
    const Lock lock(mutex);
    return read_only;
}

std::vector<TableSum> Writer::State::present_sums() const {
    const Lock lock(mutex);
    return sums;
}

std::optional<Entry> Writer::State::take() {
    const Lock lock(mutex);
    if (queue.empty()) return std::nullopt;
    Entry entry = std::move(queue.front());
    queue.pop_front();
    // Whoever is left behind in a queue that a group could not empty has waited long enough.
    due = queue.empty() ? Steady::time_point::max() : std::min(due, queue.front().begins);
    return entry;
}

/// Takes what waits and no more: while a group is being committed the next one gathers by itself,
/// so groups grow with the load and a lone task never waits for company.
void Writer::State::serve_group() {
    std::vector<Entry> taken;
    taken.push_back(*take());
    std::optional<Group> group;
    try {
        group.emplace(environment, hooks, options, present_sums());
        for (;;) {
            Entry& entry = taken.back();
            entry.failure = group->run(entry.task);
            entry.task = nullptr;  // what it captured ends before its future resolves
            if (!group->has_room()) break;
            auto next = take();
            if (!next) break;
            taken.push_back(std::move(*next));
        }
        if (group->is_changed()) {
            group->prepare();
            if (!stands(Guard::commit_before_ack)) return answer_too_early(*group, taken);
            group->commit();
            hooks.after_commit();
            const Lock lock(mutex);
            sums = group->sums();
        }
    } catch (...) {
        const std::exception_ptr failure = std::current_exception();
        // A group that was not even begun, one that LMDB may have damaged, and one that is on disk
        // although nobody may be told: all need a fresh view.
        const bool suspect = !group || group->is_damaged() || group->is_committed();
        if (group && suspect) {
            doubtful_txn_id = group->txn_id();
            doubtful_sums = group->sums();
        }
        group.reset();  // its transaction ends before anyone is told
        hooks.rolled_back();
        if (suspect) refuse(failure);
        fail(taken, failure);
        if (suspect) recover();
        return;
    }
    resolve(taken);
}

/// Only now are the failures of single tasks told: a conflict with a row of the same group is no
/// conflict unless the group is on disk.
void Writer::State::resolve(std::vector<Entry>& group) {
    for (Entry& entry : group) {
        if (entry.failure)
            entry.done.set_exception(entry.failure);
        else
            entry.done.set_value();
    }
}

/// The negative control of Guard::commit_before_ack: a writer that answers first and hopes.
void Writer::State::answer_too_early(Group& group, std::vector<Entry>& taken) {
    resolve(taken);
    taken.clear();
    group.commit();
    hooks.after_commit();
    const Lock lock(mutex);
    sums = group.sums();
}

void Writer::State::fail(std::vector<Entry>& group, const std::exception_ptr& failure) {
    for (Entry& entry : group) {
        entry.task = nullptr;
        entry.done.set_exception(failure);
    }
}

/// Turns read-only; what waits is answered at once rather than held for an unknown time.
void Writer::State::refuse(const std::exception_ptr& failure) {
    std::vector<Entry> waiting;
    {
        const Lock lock(mutex);
        read_only = true;
        reason = reason_of(failure);
        std::move(queue.begin(), queue.end(), std::back_inserter(waiting));
        queue.clear();
        due = Steady::time_point::max();
    }
    fail(waiting, std::make_exception_ptr(Error(ErrorCode::storage, "store.read_only",
                                                "could not write: a commit failed before it")));
}

/// One attempt to be a writer again.  Callers were answered before it: one of them may hold the
/// read transaction that reopening waits for.
void Writer::State::recover() {
    try {
        environment.reopen();
        const bool was_committed = last_txn_id(environment) == doubtful_txn_id;
        {
            const Lock lock(mutex);
            if (was_committed) sums = doubtful_sums;
        }
        doubtful_txn_id = 0;
        hooks.verify_after_failure();
        const Lock lock(mutex);
        read_only = false;
    } catch (...) {
        const Lock lock(mutex);
        reason = reason_of(std::current_exception());
    }
}

Writer::Writer(Environment& environment, GroupHooks& hooks, const Options& options)
    : state_(std::make_unique<State>(environment, hooks, options)) {
    require(options.sums.empty() || options.sums.size() == environment.tables().size(),
            "there is a sum for each table");
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

Writer::~Writer() {
    {
        const Lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    state_->thread.join();
}

std::future<void> Writer::submit(Task task, Urgency urgency) {
    const Lock lock(state_->mutex);
    if (state_->read_only)
        throw Error(ErrorCode::storage, "store.read_only",
                    "could not write until the catalogue is verified: " + state_->reason);
    if (state_->queue.size() >= state_->options.queue_tasks_max)
        throw Error(ErrorCode::busy, "store.queue_full", "could not write: too many tasks wait");
    Entry& entry = state_->queue.emplace_back();
    entry.task = std::move(task);
    entry.begins = Steady::now();
    if (urgency == Urgency::later) entry.begins += state_->options.later_max;
    std::future<void> done = entry.done.get_future();
    if (entry.begins < state_->due) {
        state_->due = entry.begins;
        state_->wake.notify_one();
    }
    return done;
}

void Writer::run(Task task) {
    require(std::this_thread::get_id() != state_->thread.get_id(),
            "a task does not wait for tasks");
    submit(std::move(task)).get();
}

std::vector<TableSum> Writer::sums() const { return state_->present_sums(); }
bool Writer::read_only() const { return state_->is_read_only(); }

}  // namespace custode::store
