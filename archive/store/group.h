// archive/store/group.h
#pragma once

#include "archive/store/writer.h"

#include <exception>

namespace custode::store {

/// One write transaction while the tasks of a group fill it; for writer.cpp only.
///
/// Each task runs over an overlay in memory that is applied when the task returns, so a task that
/// throws leaves nothing although the others of its group go on.
///
/// Errors    What run(), commit() and the constructor throw ends the whole group; then is_damaged()
///           tells whether LMDB's view may be trusted without reopening.
/// Threads   The writer's.
/// Source    LMDB 0.9.24, lmdb.h: mdb_txn_begin, mdb_put, mdb_del, mdb_txn_commit.
class Group {
public:
    Group(Environment& environment, GroupHooks& hooks, const Writer::Options& options,
          std::vector<TableSum> sums);

    /// Runs one task and applies what it changed; gives what it threw, if it did.
    std::exception_ptr run(const Writer::Task& task);
    bool has_room() const;
    bool is_changed() const { return bytes_ > 0; }

    /// Adds the head row and looks at the free space: what is left is to commit.
    /// @throws Error(full, "store.full")
    void prepare();
    /// Commits (fdatasync) what was prepared.
    void commit();

    const std::vector<TableSum>& sums() const { return sums_; }
    std::uint64_t txn_id() const { return txn_id_; }
    bool is_damaged() const { return damaged_; }  ///< Or in doubt, during commit().
    bool is_committed() const { return committed_; }

private:
    class Overlay;
    struct Abort {
        void operator()(MDB_txn* txn) const noexcept;
    };

    void apply(const Overlay& overlay);
    void apply(Table table, BytesView key, const std::optional<Bytes>& value);
    void check_write(int code);

    Environment& environment_;
    GroupHooks& hooks_;
    const Writer::Options& options_;
    std::vector<TableSum> sums_;
    std::unique_ptr<MDB_txn, Abort> handle_;
    std::uint64_t txn_id_ = 0;
    std::size_t tasks_ = 0;
    std::size_t bytes_ = 0;
    bool damaged_ = false;
    bool committed_ = false;
};

}  // namespace custode::store
