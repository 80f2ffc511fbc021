// archive/store/catalogue_copy.h
#pragma once

#include "archive/base/bytes.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace custode::store {

/// A catalogue file read in place and never written: no lock table, no stale readers cleared.
///
/// LMDB checks nothing that it reads and is not safe against a crafted file, so whoever opens a
/// copy that came from elsewhere does it in a process that may die (tools/verify does).
///
/// Errors    The constructor: Error(not_found, "store.missing"); Error(conflict, "store.in_use")
///           while a daemon holds the vault, because pages change under a reader who is in no lock
///           table; Error(corrupt | storage, …).
/// Threads   One.
/// Source    LMDB 0.9.24, lmdb.h: MDB_RDONLY, MDB_NOLOCK.
class CatalogueCopy {
public:
    explicit CatalogueCopy(const std::filesystem::path& file);
    ~CatalogueCopy();

    /// Visits the rows of a table in the order in which they lie, until `visit` says false.
    void scan(const std::string& table,
              const std::function<bool(BytesView key, BytesView value)>& visit) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Whether a running process holds the vault of this folder; false when nobody ever did.
bool is_in_use(const std::filesystem::path& folder);

}  // namespace custode::store
