// archive/store/writer.h
#pragma once

#include "archive/store/environment.h"

#include <chrono>
#include <functional>
#include <future>
#include <map>

namespace custode::store {

/// What one task wants changed: it sees the group's state with its own changes on top, and nothing
/// of it reaches the catalogue if the task throws.
class Changes {
public:
    std::optional<Bytes> find(Table table, BytesView key) const;
    void insert(Table table, BytesView key,
                Bytes value);                           ///< @throws Error(conflict, "store.exists")
    void put(Table table, BytesView key, Bytes value);  ///< Adds or replaces.
    void erase(Table table, BytesView key);             ///< Removing what is absent is a bug.

    virtual ~Changes() = default;

protected:
    virtual std::optional<BytesView> below(Table table, BytesView key) const = 0;
    using Key = std::pair<unsigned, Bytes>;
    std::map<Key, std::optional<Bytes>> pending_;
    friend class Writer;
};

/// Per table: how many rows, and Σ row_digest mod 2²⁵⁶.  Part of the sealed head row, so that a row
/// removed, or put back to yesterday's, is found.
struct TableSum {
    std::uint64_t count = 0;
    std::array<std::uint8_t, 32> sum{};  ///< little-endian
    friend bool operator==(const TableSum&, const TableSum&) = default;
};
/// Adds or subtracts one row's digest.
void add_row(TableSum& sum, const Blake2Digest& row);
void remove_row(TableSum& sum, const Blake2Digest& row);

/// What the layer above does around every group; called on the writer's thread only.
class GroupHooks {
public:
    virtual ~GroupHooks() = default;
    /// The digest that the head row sums: keyed BLAKE2b over (table, key, value).  The head table
    /// itself is not summed.
    virtual Blake2Digest row_digest(Table table, BytesView key, BytesView value) = 0;
    /// A task threw after the group began: what that task staged in memory is to be forgotten; the
    /// other tasks of the group go on.
    virtual void task_failed() {}
    /// After the tasks of a group were applied, before its commit: adds the head row.  Rows of
    /// other tables would be missing in the sums just given, so touching them is a bug.  Not
    /// called for a group that changed no row.
    virtual void before_commit(Changes& changes, const std::vector<TableSum>& sums) = 0;
    /// After the commit was durable, before any future resolves.  Throwing here is treated as a
    /// failed commit: nobody is told that the group is on disk, though it is.
    virtual void after_commit() = 0;
    /// The group is not committed, as far as anyone can tell: whatever it staged in memory is to
    /// be forgotten.
    virtual void rolled_back() = 0;
    /// The environment was closed and opened again after a failed commit: re-verifies the tail and
    /// takes the state from what is on disk, which may hold the group after all.  Throwing keeps
    /// the writer refusing.
    virtual void verify_after_failure() = 0;
};

/// The one writer of the catalogue: groups what waits into one transaction and one fdatasync.
///
/// A task is durable when its future resolves and not before.  Tasks of one thread keep their
/// order.  A task that throws fails alone (its future carries the exception) and leaves nothing;
/// when the commit fails, all tasks of the group fail with the same error, the writer closes and
/// reopens the environment, asks verify_after_failure(), and until that succeeds every submit
/// throws Error(storage, "store.read_only").  Full disk (statvfs names the cause) is Error(full,
/// "store.full"); recovery when space is back needs no restart.
///
/// Units     Bytes of a task are its keys and values plus `row_bytes` a row; one task may have
///           half of group_bytes_max, else Error(invalid_argument, "store.task_too_large").
/// Threads   submit() from any; run() from any but the writer's own.  Owns the thread "writer".
///           The destructor finishes the queue.
/// Source    design §3; threats.md §2.10 for the group sizes.
class Writer {
public:
    /// Each row may dirty a page of its own.  At 256 B a row a group has at most 65,536 of them:
    /// well under the 131,072 dirty pages at which LMDB 0.9.24 spills (ITS#9155).
    static constexpr std::size_t row_bytes = 256;

    struct Options {
        std::size_t group_tasks_max = 64;
        std::size_t group_bytes_max = 16U << 20U;
        std::size_t queue_tasks_max = 4096;
        Table head{};                  ///< Table not summed.
        std::vector<TableSum> sums{};  ///< As the sealed head row gave them; empty for a new vault.
        std::chrono::milliseconds retry_pause{1000};  ///< Between attempts to leave read-only.
        std::chrono::milliseconds later_max{100};     ///< How long a task waits for company.
    };
    /// `later`: nobody waits for the task, so that it begins no group of its own but joins the next
    /// one, or begins one after `later_max`.
    enum class Urgency { now, later };
    using Task = std::function<void(Changes&)>;

    Writer(Environment& environment, GroupHooks& hooks, const Options& options);
    ~Writer();

    /// @throws Error(busy, "store.queue_full")
    std::future<void> submit(Task task, Urgency urgency = Urgency::now);
    void run(Task task);                 ///< submit() and wait.
    std::vector<TableSum> sums() const;  ///< As of the last durable commit.
    bool read_only() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::store
