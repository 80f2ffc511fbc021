#include "archive/proof/tiles.h"

#include "archive/base/error.h"

#include <map>
#include <utility>

namespace custode::proof {
namespace {

[[noreturn]] void corrupt(const char* name, const std::string& what) {
    throw Error(ErrorCode::corrupt, name, what);
}

/// Complete subtrees of 256^level leaves in a tree of `size`; a shift by 64 would be undefined.
std::uint64_t complete(std::uint64_t size, unsigned level) {
    return level > 7 ? 0 : size >> (tile_height * level);
}

}  // namespace

void TileStore::Edge::push(const Hash& leaf) {
    ++size;
    Hash carry = leaf;
    for (std::size_t level = 0;; ++level) {
        if (level == levels.size()) levels.emplace_back();
        levels[level].push_back(carry);
        if (levels[level].size() < tile_width) return;
        carry = subtree_root(levels[level]);
        levels[level].clear();
    }
}

std::uint64_t TileStore::Edge::tile_index(unsigned level) const {
    return complete(size, level + 1);
}

/// Nodes of one moment's tree.  Tiles are verified from the edge downwards and kept while it lives:
/// one Reader a proof, so that a proof reads each tile once and nothing has to be evicted.
class TileStore::Reader final : public NodeReader {
public:
    Reader(const TileStore& store, const Edge& edge) : store_(store), edge_(edge) {}

    Hash node(unsigned level, std::uint64_t index) const override {
        if (level > 63 || index >= edge_.size >> level)
            throw Error(ErrorCode::invalid_argument, "proof.range",
                        "could not read a node that the tree does not have");
        const unsigned height = level % tile_height;
        const std::uint64_t first = index << height;
        const auto& hashes = tile(level / tile_height, first / tile_width);
        return subtree_root(
            std::span(hashes).subspan(first % tile_width, std::size_t{1} << height));
    }

private:
    const std::vector<Hash>& tile(unsigned level, std::uint64_t index) const {
        if (index == edge_.tile_index(level)) return edge_.levels.at(level);
        const auto found = tiles_.find({level, index});
        if (found != tiles_.end()) return found->second;
        const Hash above = tile(level + 1, index / tile_width).at(index % tile_width);
        return tiles_[{level, index}] = store_.full_tile(level, index, above);
    }

    const TileStore& store_;
    const Edge& edge_;
    mutable std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles_;
};

TileStore::TileStore(const std::filesystem::path& folder, std::uint64_t size, const Hash& root,
                     ReadEntry read_entry)
    : folder_(folder), read_entry_(std::move(read_entry)), written_(size) {
    for (std::uint64_t i = size - size % tile_width; i < size; ++i)
        entries_.push_back(read_entry_(i));
    // First as the tiles on disk say; when that is not the root, with ever more of them distrusted
    // and rebuilt, so that one flipped bit costs 65,536 entries read again and not the journal.
    for (unsigned distrusted = 0; distrusted == 0 || complete(size, distrusted) > 0; ++distrusted) {
        edge_ = open_edge(size, distrusted);
        const Reader nodes(*this, edge_);
        std::vector<Hash> subtrees;
        std::uint64_t begin = 0;
        for (unsigned level = 64; level-- > 0;) {
            if ((size >> level & 1U) == 0) continue;
            subtrees.push_back(nodes.node(level, begin >> level));
            begin += std::uint64_t{1} << level;
        }
        frontier_ = Frontier(size, std::move(subtrees));
        if (frontier_.root() != root) continue;
        if (failed_ > 0) written_ = 0;  // the next publication looks at everything
        return;
    }
    corrupt("tiles.root", "could not open the tree: the journal's entries do not give its root");
}

TileStore::Edge TileStore::open_edge(std::uint64_t size, unsigned distrusted) const {
    Edge edge{size, {}};
    for (unsigned level = 0; level == 0 || complete(size, level) > 0; ++level) {
        const std::size_t width = complete(size, level) % tile_width;
        if (level > 0) {
            edge.levels.push_back(derive(level, edge.tile_index(level), width, distrusted));
            continue;
        }
        edge.levels.emplace_back();
        for (const LeafEntry& entry : entries_) edge.levels[0].push_back(entry.leaf());
    }
    return edge;
}

void TileStore::append(const LeafEntry& entry) {
    entries_.push_back(entry);
    const Hash leaf = entry.leaf();
    const bool full = entries_.size() == tile_width;
    if (full) write_full_tiles(leaf);  // before any reader is told to look for them
    const Lock lock(mutex_);
    edge_.push(leaf);
    frontier_.append(leaf);
    if (full) entries_.clear();
}

void TileStore::write_full_tiles(const Hash& last_leaf) {
    const std::uint64_t bundle = own_edge().tile_index(0);
    // From below: where a tile is, all that it spans is there too, and the next start looks no
    // further.  After a failure nothing above is written until repair() has closed the gap.
    bool written = folder_.write(bundle_path(bundle), encode_bundle(entries_));
    if (written) folder_.remove_partials(bundle_path(bundle));
    Hash carry = last_leaf;
    for (unsigned level = 0; level < own_edge().levels.size(); ++level) {
        std::vector<Hash> tile = own_edge().levels[level];
        tile.push_back(carry);
        if (tile.size() < tile_width) break;
        const std::string path = tile_path(level, own_edge().tile_index(level));
        written = written && folder_.write(path, encode_tile(tile));
        if (written) folder_.remove_partials(path);
        carry = subtree_root(tile);
    }
    // A gap stays noted, however much is written after it, until publish() has closed it.
    if (written && written_ >= bundle * tile_width) written_ = (bundle + 1) * tile_width;
}

void TileStore::publish(std::string_view checkpoint_note) {
    const auto checkpoint = parse_checkpoint_body(checkpoint_note);
    if (!checkpoint || checkpoint->size > own_edge().size)
        throw Error(ErrorCode::invalid_argument, "proof.range",
                    "could not publish a checkpoint of another tree");
    if (root_of(Reader(*this, own_edge()), checkpoint->size) != checkpoint->root)
        corrupt("tiles.root", "could not publish a checkpoint: its root is not that of the tiles");
    const std::uint64_t finished = own_edge().size - own_edge().size % tile_width;
    if (written_ < finished) repair(written_);
    written_ = own_edge().size;
    write_partial_tiles(checkpoint->size);
    if (!folder_.write("checkpoint", view(checkpoint_note)))
        throw Error(ErrorCode::storage, "tiles.write", "could not write the checkpoint");
}

void TileStore::write_partial_tiles(std::uint64_t size) const {
    bool written = true;
    for (unsigned level = 0; complete(size, level) > 0; ++level) {
        const std::size_t width = complete(size, level) % tile_width;
        const std::uint64_t index = complete(size, level + 1);
        // The standard lets a partial tile be missing once its full one is there.
        if (width == 0 || index != own_edge().tile_index(level)) continue;
        const auto hashes = std::span(own_edge().levels[level]).first(width);
        written = folder_.write(tile_path(level, index, width), encode_tile(hashes)) && written;
        if (level > 0) continue;
        const auto entries = std::span(entries_).first(width);
        written = folder_.write(bundle_path(index, width), encode_bundle(entries)) && written;
    }
    if (!written) throw Error(ErrorCode::storage, "tiles.write", "could not write partial tiles");
}

TileStore::Snapshot TileStore::snapshot() const {
    const Lock lock(mutex_);
    return {edge_, frontier_.root()};
}

Frontier TileStore::frontier() const {
    const Lock lock(mutex_);
    return frontier_;
}

std::uint64_t TileStore::size() const { return frontier().size(); }
Hash TileStore::root() const { return frontier().root(); }

Hash TileStore::node(unsigned level, std::uint64_t index) const {
    const Snapshot now = snapshot();
    return Reader(*this, now.edge).node(level, index);
}

std::vector<Hash> TileStore::inclusion(std::uint64_t index, std::uint64_t size) const {
    const Snapshot now = snapshot();
    const Reader nodes(*this, now.edge);
    auto path = inclusion_path(nodes, index, size);
    const Hash root = trusted_root(nodes, now, size);
    if (!verify_inclusion(index, size, nodes.node(0, index), path, root))
        corrupt("tiles.proof", "could not prove entry " + std::to_string(index));
    return path;
}

std::vector<Hash> TileStore::consistency(std::uint64_t old_size, std::uint64_t new_size) const {
    const Snapshot now = snapshot();
    const Reader nodes(*this, now.edge);
    auto path = consistency_path(nodes, old_size, new_size);
    if (!verify_consistency(old_size, trusted_root(nodes, now, old_size), new_size,
                            trusted_root(nodes, now, new_size), path))
        corrupt("tiles.proof", "could not prove size " + std::to_string(old_size) + " consistent");
    return path;
}

/// The root of an earlier size, proven to be the past of the root in memory.
Hash TileStore::trusted_root(const Reader& nodes, const Snapshot& now, std::uint64_t size) const {
    if (size == now.edge.size) return now.root;
    const Hash root = root_of(nodes, size);
    if (!verify_consistency(size, root, now.edge.size, now.root,
                            consistency_path(nodes, size, now.edge.size)))
        corrupt("tiles.proof", "could not prove the root of size " + std::to_string(size));
    return root;
}

}  // namespace custode::proof
