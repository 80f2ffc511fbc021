#include "archive/base/error.h"
#include "archive/proof/tiles.h"

#include <algorithm>

namespace custode::proof {

std::optional<std::vector<Hash>> TileStore::read_tile(unsigned level, std::uint64_t index) const {
    const auto bytes = folder_.read(tile_path(level, index), tile_width * Hash::bytes_count);
    if (!bytes) return std::nullopt;
    return decode_tile(*bytes);
}

bool TileStore::bundle_holds(std::uint64_t index, std::span<const Hash> leaves) const {
    const auto bytes = folder_.read(bundle_path(index), bundle_bytes(tile_width));
    const auto entries = bytes ? decode_bundle(*bytes) : std::nullopt;
    return entries && std::equal(entries->begin(), entries->end(), leaves.begin(), leaves.end(),
                                 [](const LeafEntry& entry, const Hash& leaf) {
                                     return entry.leaf() == leaf;
                                 });
}

/// A finished tile whose own root is `expected`, from disk or, when that is not it, from the
/// journal.
std::vector<Hash> TileStore::full_tile(unsigned level, std::uint64_t index,
                                       const Hash& expected) const {
    auto hashes = read_tile(level, index);
    if (hashes && subtree_root(*hashes) == expected) return std::move(*hashes);
    return rebuild(level, index, expected);
}

std::vector<Hash> TileStore::rebuild(unsigned level, std::uint64_t index,
                                     const Hash& expected) const {
    for (unsigned distrusted = 0; distrusted <= level; ++distrusted) {
        auto hashes = derive(level, index, tile_width, distrusted);
        if (subtree_root(hashes) == expected) return hashes;
    }
    throw Error(ErrorCode::corrupt, "tiles.tile",
                "could not rebuild tile " + tile_path(level, index) +
                    ": the journal's entries do not give its root");
}

/// The first `width` hashes of a tile made from what lies below it: from the tiles one level down,
/// or from the journal for tiles of the lowest `distrusted` levels.  A whole tile is written.
std::vector<Hash> TileStore::derive(unsigned level, std::uint64_t index, std::size_t width,
                                    unsigned distrusted) const {
    if (level == 0) return derive_leaves(index);
    const std::uint64_t failed = failed_;
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < width; ++i)
        hashes.push_back(tile_root(level - 1, index * tile_width + i, distrusted));
    if (width < tile_width) return hashes;
    // A failed write is not the reader's trouble: the hashes are right, and the next reader of this
    // tile tries again.  It is not written over a gap that another failure left.
    if (failed_ == failed && write_rebuilt(tile_path(level, index), encode_tile(hashes)))
        ++rebuilt_;
    return hashes;
}

std::vector<Hash> TileStore::derive_leaves(std::uint64_t index) const {
    std::vector<LeafEntry> entries;
    std::vector<Hash> leaves;
    for (std::uint64_t i = index * tile_width; entries.size() < tile_width; ++i)
        leaves.push_back(entries.emplace_back(read_entry_(i)).leaf());
    if (write_rebuilt(bundle_path(index), encode_bundle(entries)) &&
        write_rebuilt(tile_path(0, index), encode_tile(leaves)))
        ++rebuilt_;
    return leaves;
}

bool TileStore::write_rebuilt(const std::string& name, BytesView bytes) const {
    const bool written = folder_.write(name, bytes);
    if (!written) ++failed_;
    return written;
}

Hash TileStore::tile_root(unsigned level, std::uint64_t index, unsigned distrusted) const {
    if (level >= distrusted)
        if (const auto hashes = read_tile(level, index)) return subtree_root(*hashes);
    return subtree_root(derive(level, index, tile_width, distrusted));
}

void TileStore::repair(std::uint64_t first) const {
    const std::uint64_t size_now = size();
    std::uint64_t tiles = size_now / tile_width;
    std::uint64_t from = first / tile_width;
    // From the leaves up, so that a tile above is rebuilt from sound ones.
    for (unsigned level = 0; tiles > 0; ++level, tiles /= tile_width, from /= tile_width)
        for (std::uint64_t index = from; index < tiles; ++index) repair_tile(level, index);
}

void TileStore::repair_tile(unsigned level, std::uint64_t index) const {
    const Hash expected = node(tile_height * (level + 1), index);
    const auto sound = [&] {
        const auto hashes = read_tile(level, index);
        return hashes && subtree_root(*hashes) == expected &&
               (level > 0 || bundle_holds(index, *hashes));
    };
    if (sound()) return;
    rebuild(level, index, expected);
    if (!sound())
        throw Error(ErrorCode::storage, "tiles.write",
                    "could not write tile " + tile_path(level, index));
}

}  // namespace custode::proof
