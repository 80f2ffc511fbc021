#include "archive/store/group.h"

#include "archive/store/failure.h"
#include "archive/store/file_system.h"
#include "archive/store/lmdb_values.h"

#include <lmdb.h>

namespace custode::store {
namespace {

/// Kept free beyond a group's own bytes: the pages above its rows, copied on write, and the list
/// of free pages.
constexpr std::uint64_t commit_margin_bytes = std::uint64_t{1} << 20U;

std::filesystem::path folder_of(const Environment& environment) {
    return environment.file().has_parent_path() ? environment.file().parent_path() : ".";
}

std::optional<BytesView> lookup(MDB_txn* txn, MDB_dbi dbi, BytesView key) {
    MDB_val k = borrow(key);
    MDB_val v{};
    const int code = mdb_get(txn, dbi, &k, &v);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "read a row");
    return view_of(v);
}

}  // namespace

class Group::Overlay final : public Changes {
public:
    explicit Overlay(const Group& group) : group_(group) {}

    const std::map<Key, std::optional<Bytes>>& pending() const { return pending_; }

    std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& [key, value] : pending_)
            sum += Writer::row_bytes + key.second.size() + (value ? value->size() : 0);
        return sum;
    }

protected:
    std::optional<BytesView> below(Table table, BytesView key) const override {
        return lookup(group_.handle_.get(), group_.environment_.dbi(table), key);
    }

private:
    const Group& group_;
};

void Group::Abort::operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }

Group::Group(Environment& environment, GroupHooks& hooks, const Writer::Options& options,
             std::vector<TableSum> sums)
    : environment_(environment), hooks_(hooks), options_(options), sums_(std::move(sums)) {
    MDB_txn* begun = nullptr;
    check(mdb_txn_begin(environment.handle(), nullptr, 0, &begun), "begin to write",
          folder_of(environment));
    handle_.reset(begun);
    txn_id_ = mdb_txn_id(begun);
}

std::exception_ptr Group::run(const Writer::Task& task) {
    ++tasks_;
    Overlay overlay(*this);
    try {
        task(overlay);
        if (overlay.bytes() > options_.group_bytes_max / 2)
            throw Error(ErrorCode::invalid_argument, "store.task_too_large",
                        "could not write so much in one task");
    } catch (...) {
        hooks_.task_failed();
        return std::current_exception();
    }
    apply(overlay);
    return nullptr;
}

// A task may have half the group's bytes, so one more always fits while half is free.
bool Group::has_room() const {
    return tasks_ < options_.group_tasks_max && bytes_ <= options_.group_bytes_max / 2;
}

void Group::apply(const Overlay& overlay) {
    for (const auto& [key, value] : overlay.pending()) apply(Table{key.first}, key.second, value);
    bytes_ += overlay.bytes();
}

void Group::apply(Table table, BytesView key, const std::optional<Bytes>& value) {
    const MDB_dbi dbi = environment_.dbi(table);
    if (table != options_.head) {
        TableSum& sum = sums_[table.index];
        if (const auto old = lookup(handle_.get(), dbi, key))
            remove_row(sum, hooks_.row_digest(table, key, *old));
        if (value) add_row(sum, hooks_.row_digest(table, key, *value));
    }
    MDB_val k = borrow(key);
    if (!value) return check_write(mdb_del(handle_.get(), dbi, &k, nullptr));
    MDB_val v = borrow(*value);
    check_write(mdb_put(handle_.get(), dbi, &k, &v, 0));
}

// A full map in the middle of a transaction is answered by aborting it: nothing was written.
// Whatever else LMDB says here, its state is not to be built on.
void Group::check_write(int code) {
    if (code != 0 && code != MDB_MAP_FULL) damaged_ = true;
    check(code, "write a row", folder_of(environment_));
}

void Group::prepare() {
    Overlay head(*this);
    hooks_.before_commit(head, sums_);
    for (const auto& [key, value] : head.pending())
        require(Table{key.first} == options_.head, "before_commit() changes the head table only");
    apply(head);

    if (disk_space(folder_of(environment_)).free_bytes < bytes_ + commit_margin_bytes)
        throw Error(ErrorCode::full, "store.full", "could not commit: the disk is full");
}

void Group::commit() {
    // LMDB frees the transaction even when the commit fails, so ownership ends first: aborting
    // after a failed commit would free it twice.
    damaged_ = true;
    check(mdb_txn_commit(handle_.release()), "commit", folder_of(environment_));
    damaged_ = false;
    committed_ = true;
}

}  // namespace custode::store
