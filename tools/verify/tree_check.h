// tools/verify/tree_check.h
#pragma once

#include "archive/proof/tile_files.h"
#include "tools/verify/report.h"

#include <filesystem>
#include <map>
#include <optional>

namespace custode::verify {

/// Entry bundles of a folder of tiles, read one at a time: an archive of ten million events has
/// 1.6 GB of entries, and every check goes through them in order.
class Entries {
public:
    Entries(std::filesystem::path tiles, std::uint64_t size)
        : tiles_(std::move(tiles)), size_(size) {}

    std::uint64_t size() const { return size_; }
    /// The entries of bundle `index`; nothing when it is missing or not of its size.
    const std::optional<std::vector<proof::LeafEntry>>& bundle(std::uint64_t index);
    /// Nothing when its bundle cannot be read.
    std::optional<proof::LeafEntry> entry(std::uint64_t index);
    std::size_t width(std::uint64_t bundle) const;

private:
    std::filesystem::path tiles_;
    std::uint64_t size_;
    std::uint64_t held_ = ~std::uint64_t{0};
    std::optional<std::vector<proof::LeafEntry>> entries_;
};

/// A digest that an event names: of an object's container or of a closed segment.
struct Content {
    std::uint64_t event = 0;
    bool found = false;
};
using Contents = std::map<proof::Hash, Content>;

struct Tree {
    proof::Frontier frontier;  ///< Over the entries that the checkpoint covers.
    Contents contents;
    bool is_whole = false;  ///< Every entry was read and the root is the signed one.
    /// A kept checkpoint that lies beyond the tiles: whoever knows later events compares it.
    std::optional<proof::Checkpoint> kept_later;
};

/// Recomputes the tree from the entry bundles, compares every hash tile and the signed root, and
/// the root of the size that a client kept.
///
/// Findings  checkpoint.missing checkpoint.bad · bundle.missing tile.missing tile.changed
///           tree.root · history.forked kept.other
/// Source    C2SP tlog-tiles v1; RFC 9162 §2.1.
Tree check_tree(const std::filesystem::path& tiles, const proof::VerifierKey& key,
                const Given& given, Report& report);

}  // namespace custode::verify
