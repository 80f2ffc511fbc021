#include "archive/store/environment.h"

#include "archive/base/guard.h"
#include "archive/base/mutex.h"
#include "archive/store/failure.h"
#include "archive/store/file.h"
#include "archive/store/file_system.h"
#include "archive/store/page_check.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace custode::store {
namespace {

/// How long a reopening waits for readers, and a reader for a reopening.
constexpr std::chrono::seconds drain_max{5};

struct CloseEnvironment {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
};
using EnvironmentHandle = std::unique_ptr<MDB_env, CloseEnvironment>;

struct AbortTransaction {
    void operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }
};

File take_lock(const std::filesystem::path& folder) {
    File lock = open_file(folder / "lock", O_RDWR | O_CREAT);
    if (!lock) throw failure(errno, "store", "open the vault's lock file", folder);
    if (::flock(lock.fd(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK)
        throw Error(ErrorCode::conflict, "store.in_use", "could not open the vault: it is in use");
    throw failure(errno, "store", "lock the vault");
}

/// LMDB makes a new, empty environment of a file that is absent or empty, so a vault that lost its
/// catalogue would start as a blank one: only `create` may do that.
void check_present(const std::filesystem::path& file) {
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0) {
        if (errno != ENOENT) throw failure(errno, "store", "look at the catalogue");
        throw Error(ErrorCode::not_found, "store.missing", "could not find the catalogue");
    }
    if (!S_ISREG(about.st_mode) || about.st_size < 2 * ::sysconf(_SC_PAGESIZE))
        throw Error(ErrorCode::corrupt, "store.damaged",
                    "could not open the catalogue: it is not a whole file");
    check_metas(file);
}

/// LMDB 0.9.24 opens its data file without O_CLOEXEC (the other two have it).
void keep_from_children(MDB_env* env) {
    mdb_filehandle_t fd = -1;
    check(mdb_env_get_fd(env, &fd), "ask for the catalogue's descriptor");
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        throw failure(errno, "store", "keep the catalogue from children");
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

struct Environment::State {
    std::filesystem::path file;
    Options options;
    File lock;
    EnvironmentHandle env;
    std::vector<MDB_dbi> dbis;

    Mutex mutex;  // a reader is counted, never held under it
    Condition changed;
    std::size_t readers CUSTODE_GUARDED_BY(mutex) = 0;
    bool reopening CUSTODE_GUARDED_BY(mutex) = false;

    void open(bool create);
    void open_tables(bool create);
};

void Environment::State::open(bool create) {
    MDB_env* made = nullptr;
    check(mdb_env_create(&made), "make an environment");
    EnvironmentHandle fresh(made);
    check(mdb_env_set_maxdbs(made, static_cast<MDB_dbi>(options.tables.size())), "set its tables");
    check(mdb_env_set_maxreaders(made, options.readers_max), "set its readers");
    check(mdb_env_set_mapsize(made, options.map_bytes), "set its map");
    const unsigned unsynced = stands(Guard::catalogue_sync) ? 0U : MDB_NOSYNC;
    check(mdb_env_open(made, file.c_str(), MDB_NOSUBDIR | MDB_NOTLS | unsynced, 0600),
          "open the catalogue", folder_of(file));
    keep_from_children(made);
    env = std::move(fresh);
    int dead = 0;
    check(mdb_reader_check(made, &dead), "clear stale readers");
    open_tables(create);
}

/// All handles in one transaction, before any other: opening a DBI later would race with readers.
void Environment::State::open_tables(bool create) {
    MDB_txn* begun = nullptr;
    check(mdb_txn_begin(env.get(), nullptr, create ? 0 : MDB_RDONLY, &begun), "open the tables",
          folder_of(file));
    std::unique_ptr<MDB_txn, AbortTransaction> txn(begun);
    dbis.assign(options.tables.size(), 0);
    for (std::size_t i = 0; i < dbis.size(); ++i) {
        const std::string& name = options.tables[i];
        const int code = mdb_dbi_open(begun, name.c_str(), create ? MDB_CREATE : 0, &dbis[i]);
        if (code == MDB_NOTFOUND)
            throw Error(ErrorCode::corrupt, "store.damaged",
                        "could not open the catalogue: it lacks table " + name);
        check(code, "open table " + name, folder_of(file));
    }
    // A read-only transaction too must be committed, or its handles close with it.
    check(mdb_txn_commit(txn.release()), "open the tables", folder_of(file));
}

Environment::Environment(const std::filesystem::path& file, const Options& options)
    : state_(std::make_unique<State>()) {
    require(!options.tables.empty(), "an environment has tables");
    state_->file = file;
    state_->options = options;
    const std::filesystem::path folder = folder_of(file);
    check_file_system(folder, options.allow_any_file_system);
    if (!options.create) check_present(file);
    state_->lock = take_lock(folder);
    state_->open(options.create);
    if (options.create) check(sync_folder(folder), "make the catalogue durable", folder);
}

Environment::~Environment() { require(state_->readers == 0, "readers end before the store"); }

const std::vector<std::string>& Environment::tables() const { return state_->options.tables; }
const std::filesystem::path& Environment::file() const { return state_->file; }

void Environment::enter_reader() const {
    Lock lock(state_->mutex);
    const bool open = state_->changed.wait_for(
        lock, drain_max, [&]() CUSTODE_REQUIRES(state_->mutex) { return !state_->reopening; });
    if (!open) throw Error(ErrorCode::busy, "store.readers", "could not read: reopening");
    if (!state_->env)
        throw Error(ErrorCode::storage, "store.closed", "could not read: the catalogue is closed");
    ++state_->readers;
}

void Environment::leave_reader() const noexcept {
    const Lock lock(state_->mutex);
    if (--state_->readers == 0) state_->changed.notify_all();
}

void Environment::check_readers() {
    enter_reader();
    int dead = 0;
    const int code = mdb_reader_check(state_->env.get(), &dead);
    leave_reader();
    check(code, "clear stale readers");
}

void Environment::reopen() {
    Lock lock(state_->mutex);
    state_->reopening = true;  // no new readers: else they could keep us waiting for ever
    const bool drained = state_->changed.wait_for(
        lock, drain_max, [&]() CUSTODE_REQUIRES(state_->mutex) { return state_->readers == 0; });
    struct Finish {
        State& state;
        ~Finish() {
            state.reopening = false;
            state.changed.notify_all();
        }
    } finish{*state_};
    if (!drained)
        throw Error(ErrorCode::busy, "store.readers", "could not reopen: readers do not end");
    state_->env.reset();
    try {
        check_present(state_->file);
        state_->open(false);
        // A device that still refuses says so here, and not at the next promise.
        check(mdb_env_sync(state_->env.get(), 1), "sync the catalogue", folder_of(state_->file));
    } catch (...) {
        state_->env.reset();
        throw;
    }
}

Environment::Space Environment::space() const {
    const DiskSpace disk = disk_space(folder_of(state_->file));
    enter_reader();
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(state_->env.get(), &info);
    mdb_env_stat(state_->env.get(), &stat);
    leave_reader();
    return {.free_bytes = disk.free_bytes,
            .total_bytes = disk.total_bytes,
            .map_used_bytes = (info.me_last_pgno + 1) * stat.ms_psize,
            .map_bytes = info.me_mapsize};
}

MDB_env* Environment::handle() const { return state_->env.get(); }

unsigned Environment::dbi(Table table) const {
    require(table.index < state_->dbis.size(), "a table is one of those given at open");
    return state_->dbis[table.index];
}

}  // namespace custode::store
