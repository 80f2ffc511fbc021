// archive/store/environment.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/error.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct MDB_env;  // LMDB is named only inside archive/store.
struct MDB_txn;

namespace custode::store {

/// A key is 1–64 bytes: FORMAT.md names none that is longer, and LMDB's limit is 511.
constexpr std::size_t key_bytes_max = 64;

/// A table of the catalogue, by its place in the list given at open.
struct Table {
    unsigned index = 0;
    friend constexpr auto operator<=>(Table, Table) = default;
};

/// One LMDB environment: catalogue.mdb (MDB_NOSUBDIR), opened once per process.
///
/// Rules     Default sync only; MDB_NOTLS; no WRITEMAP, DUPSORT, nested transactions; no NOMEMINIT
///           (it would put pieces of our heap on disk); keys of 1–64 bytes; the map is reserved
///           large; stale readers are cleared at open and by check_readers().
/// Lock      The file `lock` beside the catalogue, flock(2): held from open to the end, by one
///           Environment of one process on the machine.
/// Errors    Error(unsupported, "store.file_system") on network file systems always, on overlay
///           and FUSE unless allowed; Error(conflict, "store.in_use") when another has the lock;
///           Error(storage | full | corrupt, …).
/// Threads   Any, except reopen(): the writer's.
/// Source    LMDB 0.9.24, lmdb.h; threats.md §2.14; design §3.
class Environment {
public:
#ifdef CUSTODE_SANITIZED
    static constexpr std::size_t map_bytes_default = std::size_t{1} << 34U;  ///< Shadow memory.
#else
    static constexpr std::size_t map_bytes_default = std::size_t{1} << 40U;
#endif
    struct Options {
        std::vector<std::string> tables{};
        std::size_t map_bytes = map_bytes_default;  ///< Address space only; sparse.
        unsigned readers_max = 1100;
        bool allow_any_file_system = false;  ///< Overlay and FUSE too; network ones never.
        bool create = false;  ///< Without it a missing file is Error(not_found, "store.missing").
    };

    Environment(const std::filesystem::path& file, const Options& options);
    ~Environment();

    const std::vector<std::string>& tables() const;
    /// Frees the slots of readers that died; at start and every minute.
    void check_readers();
    /// Closes the file, opens it again and syncs it (after a failed commit LMDB's view cannot be
    /// trusted).  Waits for the readers to end, new ones wait for it.
    /// @throws Error(busy, "store.readers") when they do not end within five seconds.
    void reopen();
    struct Space {
        std::uint64_t free_bytes = 0, total_bytes = 0, map_used_bytes = 0, map_bytes = 0;
    };
    Space space() const;  ///< Real free space by statvfs, and the map's.

    const std::filesystem::path& file() const;
    MDB_env* handle() const;  ///< For this folder's .cpp files.
    unsigned dbi(Table table) const;

private:
    friend class ReadTransaction;
    void enter_reader() const;
    void leave_reader() const noexcept;

    struct State;
    std::unique_ptr<State> state_;
};

/// A consistent view of the catalogue.  Short-lived: never held across a socket write, nor across
/// a wait for the writer, which may want to reopen.
///
/// Errors    Error(invalid_argument, "store.key") for a key that no table can hold;
///           Error(busy, "store.busy") when all reader slots are taken;
///           Error(storage, "store.closed") after a reopening failed.
/// Lifetime  Views die with the transaction.  Threads: the one that made it.
class ReadTransaction {
public:
    explicit ReadTransaction(Environment& environment);
    std::optional<BytesView> find(Table table, BytesView key) const;
    /// Visits pairs in key order from `from` (inclusive, empty for the first) until `visit` says
    /// false.
    void scan(Table table, BytesView from,
              const std::function<bool(BytesView key, BytesView value)>& visit) const;
    std::uint64_t count(Table table) const;
    std::optional<std::pair<Bytes, Bytes>> last(Table table) const;

private:
    struct Abort {
        const Environment* environment;
        void operator()(MDB_txn* txn) const noexcept;
    };
    Environment& environment_;
    std::unique_ptr<MDB_txn, Abort> handle_;
};

}  // namespace custode::store
