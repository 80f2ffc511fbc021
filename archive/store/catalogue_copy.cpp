#include "archive/store/catalogue_copy.h"

#include "archive/store/failure.h"
#include "archive/store/file.h"
#include "archive/store/lmdb_values.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {
namespace {

struct CloseEnvironment {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
};
struct AbortTransaction {
    void operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }
};
struct CloseCursor {
    void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};

constexpr unsigned tables_max = 32;

/// @returns the file's size, in whole pages
std::size_t check_present(const std::filesystem::path& file) {
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0) {
        if (errno != ENOENT) throw failure(errno, "store", "look at the catalogue");
        throw Error(ErrorCode::not_found, "store.missing", "could not find the catalogue");
    }
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto size = static_cast<std::size_t>(about.st_size);
    if (!S_ISREG(about.st_mode) || size < 2 * page)
        throw Error(ErrorCode::corrupt, "store.damaged",
                    "could not open the catalogue: it is not a whole file");
    return (size + page - 1) / page * page;
}

}  // namespace

struct CatalogueCopy::State {
    File lock;  ///< Shared: a daemon that starts meanwhile waits for us.
    std::unique_ptr<MDB_env, CloseEnvironment> env;
};

namespace {

/// A shared lock on the vault's lock file, if there is one; nothing is made or written.
File lock_for_reading(const std::filesystem::path& folder) {
    File lock = open_file(folder / "lock", O_RDONLY);
    if (lock && ::flock(lock.fd(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw Error(ErrorCode::conflict, "store.in_use", "could not read the vault: it is in use");
    return lock;
}

}  // namespace

CatalogueCopy::CatalogueCopy(const std::filesystem::path& file)
    : state_(std::make_unique<State>()) {
    const std::size_t bytes = check_present(file);
    state_->lock = lock_for_reading(file.parent_path());
    MDB_env* made = nullptr;
    check(mdb_env_create(&made), "make an environment");
    state_->env.reset(made);
    check(mdb_env_set_maxdbs(made, tables_max), "set its tables");
    check(mdb_env_set_mapsize(made, bytes), "set its map");
    check(mdb_env_open(made, file.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_RDONLY | MDB_NOLOCK, 0),
          "open the catalogue");
}

CatalogueCopy::~CatalogueCopy() = default;

void CatalogueCopy::scan(const std::string& table,
                         const std::function<bool(BytesView, BytesView)>& visit) const {
    MDB_txn* begun = nullptr;
    check(mdb_txn_begin(state_->env.get(), nullptr, MDB_RDONLY, &begun), "begin to read");
    const std::unique_ptr<MDB_txn, AbortTransaction> txn(begun);
    MDB_dbi dbi = 0;
    check(mdb_dbi_open(begun, table.c_str(), 0, &dbi), "open table " + table);
    MDB_cursor* opened = nullptr;
    check(mdb_cursor_open(begun, dbi, &opened), "open a cursor");
    const std::unique_ptr<MDB_cursor, CloseCursor> cursor(opened);
    MDB_val key{};
    MDB_val value{};
    int code = mdb_cursor_get(opened, &key, &value, MDB_FIRST);
    while (code == 0 && visit(view_of(key), view_of(value)))
        code = mdb_cursor_get(opened, &key, &value, MDB_NEXT);
    if (code != MDB_NOTFOUND) check(code, "read a row");
}

bool is_in_use(const std::filesystem::path& folder) try {
    lock_for_reading(folder);
    return false;
} catch (const Error& error) {
    if (error.name() == "store.in_use") return true;
    throw;
}

}  // namespace custode::store
