// archive/crypto/holder_codec.h
#pragma once

#include "archive/base/id.h"
#include "archive/crypto/shamir.h"

#include <optional>

namespace custode::crypto::detail {

/// The bytes of a holder's cell (FORMAT.md, "Holder file"); nothing here opens a file.
inline constexpr std::size_t cell_bytes = 128;

/// One cell, decoded: a share of one epoch.
struct HolderCell {
    VaultId vault;
    std::uint32_t epoch = 0;
    std::uint8_t threshold = 0, count = 0;
    Point point;
};

/// The bytes leave the arena here, on their way to a file; wiped by the caller.
Bytes encode_cell(const HolderCell& cell);

/// Nothing when the bytes are not what encode_cell() writes: empty, torn or foreign.
std::optional<HolderCell> decode_cell(BytesView bytes);

/// Whether a cell, whole or torn, was begun by us.
bool is_marked_cell(BytesView bytes);

}  // namespace custode::crypto::detail
