// archive/proof/tile_files.h
#pragma once

#include "archive/proof/receipt.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace custode::proof {

inline constexpr std::size_t tile_width = 256;  ///< Hashes of a full tile, entries of a bundle.
inline constexpr unsigned tile_height = 8;      ///< Levels of the tree that one tile spans.

/// Names and bytes of C2SP tlog-tiles, so that anyone's tools read the journal's tree without ours.
///
/// A tile of level L holds the roots of 256 consecutive subtrees of 256^L leaves; a bundle holds
/// the entries under a tile of level 0, each behind its length (u16, big-endian).  A width below
/// 256 names a partial tile.  Indices are written in groups of three digits: 1234067 is
/// x001/x234/067.
///
/// Errors    Decoders answer nothing unless the bytes are exactly `width` items long.
/// Source    C2SP tlog-tiles v1, "Merkle Tree" and "Log entries".
std::string tile_path(unsigned level, std::uint64_t index, std::size_t width = tile_width);
std::string bundle_path(std::uint64_t index, std::size_t width = tile_width);

Bytes encode_tile(std::span<const Hash> hashes);
std::optional<std::vector<Hash>> decode_tile(BytesView bytes, std::size_t width = tile_width);
constexpr std::size_t bundle_bytes(std::size_t width) {
    return width * (2 + LeafEntry::bytes_count);
}
Bytes encode_bundle(std::span<const LeafEntry> entries);
std::optional<std::vector<LeafEntry>> decode_bundle(BytesView bytes,
                                                    std::size_t width = tile_width);

/// The root over hashes whose number is a power of two.
Hash subtree_root(std::span<const Hash> hashes);

/// A folder of small files, each replaced as a whole (written aside, then renamed) so that no
/// reader meets half of one, synced before it gets its name, so that nobody meets an empty one
/// after a power cut: a bundle has its name before the tile over it, and where the tile is, nobody
/// looks whether the bundle is.  The names are not synced: those that a cut takes are the newest,
/// and what they named is rebuilt from the journal.
///
/// Errors    The constructor throws custode::Error(storage); the others answer false or nothing.
/// Threads   Any; the last writer of a name wins.
class TileFolder {
public:
    explicit TileFolder(std::filesystem::path folder);  ///< Makes it; drops unfinished writes.

    bool write(const std::string& name, BytesView bytes) const;
    /// Nothing when it is missing, unreadable or not of that size.
    std::optional<Bytes> read(const std::string& name, std::size_t bytes_expected) const;
    void remove_partials(const std::string& full_name) const;  ///< The folder `full_name`.p

private:
    std::filesystem::path folder_;
};

}  // namespace custode::proof
