// archive/catalogue/tables_digest.h
#pragma once

#include "archive/catalogue/lookup.h"

#include <array>

namespace custode::catalogue {

/// What a table says once opened: how many rows, and one digest over (name, opened value) in order
/// of name.  Two catalogues that say the same have equal digests, whatever nonces sealed them.
struct TableDigest {
    std::string table;
    std::uint64_t rows = 0;
    Sha256Digest digest;
    friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// Opens every row of every table but the head, along the ways that readers take; a row that
/// nothing leads to is a finding, because no key opens it.
struct TablesDigest {
    std::vector<TableDigest> tables;
    std::vector<std::string> findings;
};
TablesDigest digest_tables(const store::ReadTransaction& transaction, const Rows& rows);

}  // namespace custode::catalogue
