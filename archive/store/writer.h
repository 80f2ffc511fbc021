// archive/store/writer.h
#pragma once

#include <chrono>
#include <future>
#include <map>

#include "archive/store/environment.h"

namespace custode::store {

/// What one task wants changed: it sees the group's state with its own changes on top, and nothing
/// of it reaches the catalogue if the task throws.
class Changes {
public:
    std::optional<Bytes> find(Table table, BytesView key) const;
    void insert(Table table, BytesView key, Bytes value);  ///< @throws Error(conflict, "store.exists")
    void put(Table table, BytesView key, Bytes value);     ///< Adds or replaces.
    void erase(Table table, BytesView key);                ///< Removing what is absent is a bug.

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
    /// After the tasks of a group were applied, before its commit: adds the head row.
    virtual void before_commit(Changes& changes, const std::vector<TableSum>& sums) = 0;
    /// After the commit was durable, before any future resolves.
    virtual void after_commit() = 0;
    /// The commit failed: whatever the group staged in memory is to be forgotten.  `reopened`
    /// tells that the environment was closed and opened again.
    virtual void rolled_back() = 0;
    /// Re-verifies the tail after a failed commit; throwing keeps the writer refusing.
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
/// Threads   submit() from any; owns the thread "writer".  The destructor finishes the queue.
/// Source    design §3; threats.md §2.10 for the group sizes.
class Writer {
public:
    struct Options {
        std::size_t group_tasks_max = 64;
        std::size_t group_bytes_max = 16U << 20U;
        std::size_t queue_tasks_max = 4096;
        Table head{};                    ///< Table not summed.
        std::vector<TableSum> sums;      ///< As the sealed head row gave them at unseal.
    };
    using Task = std::function<void(Changes&)>;

    Writer(Environment& environment, GroupHooks& hooks, const Options& options);
    ~Writer();

    std::future<void> submit(Task task);     ///< @throws Error(busy, "store.queue_full")
    void run(Task task) { submit(std::move(task)).get(); }
    std::vector<TableSum> sums() const;
    bool read_only() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::store
