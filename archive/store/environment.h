// archive/store/environment.h
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/base/bytes.h"
#include "archive/base/error.h"

struct MDB_env;  // LMDB is named only inside archive/store.
struct MDB_txn;

namespace custode::store {

/// A table of the catalogue, by its place in the list given at open.
struct Table {
    unsigned index = 0;
    friend constexpr auto operator<=>(Table, Table) = default;
};

/// One LMDB environment: catalogue.mdb (MDB_NOSUBDIR), opened once per process.
///
/// Rules     Default sync only; MDB_NOTLS; no WRITEMAP, DUPSORT, nested transactions; keys of
///           1–64 bytes; the map is reserved large; stale readers are cleared at open and by
///           check_readers().
/// Errors    Error(unsupported, "store.file_system") on network file systems always, on overlay
///           and FUSE unless allowed; Error(conflict, "store.in_use") when another process has the
///           vault's lock file; Error(storage | full | corrupt, …).
/// Source    LMDB 0.9.24, lmdb.h; threats.md §2.14; design §3.
class Environment {
public:
    struct Options {
        std::vector<std::string> tables;
        std::size_t map_bytes = std::size_t{1} << 40U;  ///< Address space only; sparse.
        unsigned readers_max = 1100;
        bool allow_any_file_system = false;
        bool create = false;  ///< Without it a missing file is Error(not_found, "store.missing").
    };

    Environment(const std::filesystem::path& file, const Options& options);
    ~Environment();

    const std::vector<std::string>& tables() const;
    void check_readers();
    /// Closes and opens the file again (after a failed commit LMDB's view cannot be trusted).
    /// No transaction may be open.
    void reopen();
    struct Space {
        std::uint64_t free_bytes = 0, total_bytes = 0, map_used_bytes = 0, map_bytes = 0;
    };
    Space space() const;  ///< Real free space by statvfs, and the map's.

    MDB_env* handle() const;
    unsigned dbi(Table table) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A consistent view of the catalogue.  Short-lived: never held across a socket write.
/// Lifetime  Views die with the transaction.  Threads: the one that made it.
class ReadTransaction {
public:
    explicit ReadTransaction(Environment& environment);
    std::optional<BytesView> find(Table table, BytesView key) const;
    /// Visits pairs in key order from `from` (inclusive) until `visit` says false.
    void scan(Table table, BytesView from,
              const std::function<bool(BytesView key, BytesView value)>& visit) const;
    std::uint64_t count(Table table) const;
    std::optional<std::pair<Bytes, Bytes>> last(Table table) const;

private:
    struct Abort {
        void operator()(MDB_txn* txn) const noexcept;
    };
    Environment& environment_;
    std::unique_ptr<MDB_txn, Abort> handle_;
};

}  // namespace custode::store
