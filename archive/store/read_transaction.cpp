#include "archive/store/environment.h"
#include "archive/store/failure.h"
#include "archive/store/lmdb_values.h"

#include <lmdb.h>

namespace custode::store {
namespace {

struct CloseCursor {
    void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CloseCursor>;

Cursor open_cursor(MDB_txn* txn, MDB_dbi dbi) {
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(txn, dbi, &cursor), "open a cursor");
    return Cursor(cursor);
}

/// Moves the cursor; false when there is nothing there.
bool move(const Cursor& cursor, MDB_val& key, MDB_val& value, MDB_cursor_op where) {
    const int code = mdb_cursor_get(cursor.get(), &key, &value, where);
    if (code == MDB_NOTFOUND) return false;
    check(code, "read a row");
    return true;
}

}  // namespace

void ReadTransaction::Abort::operator()(MDB_txn* txn) const noexcept {
    mdb_txn_abort(txn);
    environment->leave_reader();
}

ReadTransaction::ReadTransaction(Environment& environment)
    : environment_(environment), handle_(nullptr, Abort{&environment}) {
    environment.enter_reader();
    MDB_txn* begun = nullptr;
    const int code = mdb_txn_begin(environment.handle(), nullptr, MDB_RDONLY, &begun);
    if (code != 0) {
        environment.leave_reader();
        throw failure(code, "store", "begin to read");
    }
    handle_.reset(begun);
}

std::optional<BytesView> ReadTransaction::find(Table table, BytesView key) const {
    check_key(key);
    MDB_val k = borrow(key);
    MDB_val v{};
    const int code = mdb_get(handle_.get(), environment_.dbi(table), &k, &v);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "read a row");
    return view_of(v);
}

void ReadTransaction::scan(Table table, BytesView from,
                           const std::function<bool(BytesView key, BytesView value)>& visit) const {
    if (!from.empty()) check_key(from);
    const Cursor cursor = open_cursor(handle_.get(), environment_.dbi(table));
    MDB_val key = borrow(from);
    MDB_val value{};
    bool found = move(cursor, key, value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
    while (found && visit(view_of(key), view_of(value))) found = move(cursor, key, value, MDB_NEXT);
}

std::uint64_t ReadTransaction::count(Table table) const {
    MDB_stat stat{};
    check(mdb_stat(handle_.get(), environment_.dbi(table), &stat), "count a table");
    return stat.ms_entries;
}

std::optional<std::pair<Bytes, Bytes>> ReadTransaction::last(Table table) const {
    const Cursor cursor = open_cursor(handle_.get(), environment_.dbi(table));
    MDB_val key{};
    MDB_val value{};
    if (!move(cursor, key, value, MDB_LAST)) return std::nullopt;
    return std::pair(copy(view_of(key)), copy(view_of(value)));
}

}  // namespace custode::store
