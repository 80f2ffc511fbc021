// archive/store/lmdb_values.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/error.h"
#include "archive/store/environment.h"

#include <lmdb.h>

namespace custode::store {

/// LMDB takes a non-const pointer and never writes through it (no MDB_RESERVE here).
inline MDB_val borrow(BytesView bytes) {
    return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};
}

inline BytesView view_of(const MDB_val& value) {
    return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

inline void check_key(BytesView key) {
    if (key.empty() || key.size() > key_bytes_max)
        throw Error(ErrorCode::invalid_argument, "store.key",
                    "could not use a key of " + std::to_string(key.size()) + " bytes");
}

}  // namespace custode::store
