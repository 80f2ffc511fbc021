#include "tools/verify/tree_check.h"

#include "archive/base/encoding.h"
#include "tools/verify/files.h"

#include <algorithm>

namespace custode::verify {
namespace {

using proof::Hash;
using proof::tile_width;

/// Builds the tree level by level as entries arrive and compares each tile with its file.
class TileWalk {
public:
    TileWalk(const std::filesystem::path& tiles, Report& report) : tiles_(tiles), report_(report) {}

    void push(const Hash& leaf) { push(0, leaf); }
    void finish() {
        for (unsigned level = 0; level < levels_.size(); ++level)
            if (!levels_[level].hashes.empty()) compare(level);
    }
    std::uint64_t compared() const { return compared_; }

private:
    struct Level {
        std::uint64_t tile = 0;
        std::vector<Hash> hashes;
    };

    void push(unsigned level, const Hash& hash) {
        if (level == levels_.size()) levels_.emplace_back();
        levels_[level].hashes.push_back(hash);
        if (levels_[level].hashes.size() < tile_width) return;
        compare(level);
        const Hash root = proof::subtree_root(levels_[level].hashes);
        levels_[level].hashes.clear();
        ++levels_[level].tile;
        push(level + 1, root);
    }

    void compare(unsigned level) {
        const Level& made = levels_[level];
        const std::size_t width = made.hashes.size();
        std::string name = proof::tile_path(level, made.tile, width);
        auto bytes = read_sized(tiles_ / name, width * Hash::bytes_count);
        if (!bytes && width < tile_width) {
            // The standard lets a partial tile go once the whole one is there.
            if (auto whole = read_sized(tiles_ / proof::tile_path(level, made.tile),
                                        tile_width * Hash::bytes_count)) {
                name = proof::tile_path(level, made.tile);
                whole->resize(width * Hash::bytes_count);
                bytes = std::move(whole);
            }
        }
        if (!bytes) return report_.find("tile.missing", "tiles/" + name);
        ++compared_;
        const auto hashes = proof::decode_tile(*bytes, width);
        const auto at = std::mismatch(hashes->begin(), hashes->end(), made.hashes.begin()).first;
        if (at == hashes->end()) return;
        const auto place = static_cast<std::uint64_t>(at - hashes->begin());
        const std::uint64_t span = std::uint64_t{1} << (proof::tile_height * level);
        report_.find("tile.changed", "tiles/" + name,
                     {std::to_string((made.tile * tile_width + place) * span)});
    }

    const std::filesystem::path& tiles_;
    Report& report_;
    std::vector<Level> levels_;
    std::uint64_t compared_ = 0;
};

/// The leaves of a bundle that cannot be read, as its tile states them: the rest of the tree can
/// then still be judged.
std::optional<std::vector<Hash>> leaves_of_tile(const std::filesystem::path& tiles,
                                                std::uint64_t index, std::size_t width) {
    const auto bytes =
        read_sized(tiles / proof::tile_path(0, index, width), width * Hash::bytes_count);
    return bytes ? proof::decode_tile(*bytes, width) : std::nullopt;
}

std::optional<proof::Checkpoint> read_checkpoint(const std::filesystem::path& tiles,
                                                 const proof::VerifierKey& key, Report& report) {
    const auto note = read_whole(tiles / "checkpoint", note_bytes_max);
    if (!note) {
        report.find("checkpoint.missing", "tiles/checkpoint");
        return std::nullopt;
    }
    auto checkpoint = proof::open_checkpoint(*note, key);
    if (!checkpoint) report.find("checkpoint.bad", "tiles/checkpoint");
    return checkpoint;
}

/// Appends every leaf in order, and looks at the root when the size is the kept one.
class Walk {
public:
    Walk(const std::filesystem::path& tiles, std::optional<proof::Checkpoint> kept, Report& report)
        : tiles_(tiles), kept_(std::move(kept)), report_(report), tiled_(tiles, report) {}

    /// @returns false when some leaves could not be learnt at all
    bool run(Entries& entries, Tree& tree) {
        for (std::uint64_t first = 0; first < entries.size(); first += tile_width)
            if (!add_bundle(entries, first / tile_width, tree)) return false;
        tiled_.finish();
        return true;
    }
    std::uint64_t tiles_compared() const { return tiled_.compared(); }
    std::uint64_t bundles_read() const { return bundles_; }
    bool entries_whole() const { return entries_whole_; }

private:
    bool add_bundle(Entries& entries, std::uint64_t index, Tree& tree) {
        const auto& bundle = entries.bundle(index);
        if (bundle) {
            ++bundles_;
            for (const proof::LeafEntry& entry : *bundle) {
                if (entry.content != Hash())
                    tree.contents.try_emplace(entry.content, Content{tree.frontier.size(), false});
                add(entry.leaf(), tree);
            }
            return true;
        }
        entries_whole_ = false;
        const std::size_t width = entries.width(index);
        report_.find("bundle.missing", "tiles/" + proof::bundle_path(index, width));
        const auto leaves = leaves_of_tile(tiles_, index, width);
        if (!leaves) {
            report_.find("tile.missing", "tiles/" + proof::tile_path(0, index, width));
            return false;
        }
        for (const Hash& leaf : *leaves) add(leaf, tree);
        return true;
    }

    void add(const Hash& leaf, Tree& tree) {
        tree.frontier.append(leaf);
        tiled_.push(leaf);
        if (!kept_ || tree.frontier.size() != kept_->size) return;
        if (tree.frontier.root() == kept_->root)
            report_.kept_checked = true;
        else
            report_.find("history.forked", "tiles", {std::to_string(kept_->size)});
    }

    const std::filesystem::path& tiles_;
    const std::optional<proof::Checkpoint> kept_;
    Report& report_;
    TileWalk tiled_;
    std::uint64_t bundles_ = 0;
    bool entries_whole_ = true;
};

}  // namespace

std::size_t Entries::width(std::uint64_t bundle) const {
    return std::min<std::uint64_t>(tile_width, size_ - bundle * tile_width);
}

const std::optional<std::vector<proof::LeafEntry>>& Entries::bundle(std::uint64_t index) {
    if (index == held_) return entries_;
    held_ = index;
    const std::size_t wide = width(index);
    auto bytes = read_sized(tiles_ / proof::bundle_path(index, wide), proof::bundle_bytes(wide));
    if (!bytes && wide < tile_width) {
        bytes = read_sized(tiles_ / proof::bundle_path(index), proof::bundle_bytes(tile_width));
        if (bytes) bytes->resize(proof::bundle_bytes(wide));
    }
    entries_ = bytes ? proof::decode_bundle(*bytes, wide) : std::nullopt;
    return entries_;
}

std::optional<proof::LeafEntry> Entries::entry(std::uint64_t index) {
    const auto& entries = bundle(index / tile_width);
    if (!entries) return std::nullopt;
    return entries->at(index % tile_width);
}

Tree check_tree(const std::filesystem::path& tiles, const proof::VerifierKey& key,
                const Given& given, Report& report) {
    Tree tree;
    report.key = key;
    const auto kept = kept_of(given, key, report);
    const auto checkpoint = read_checkpoint(tiles, key, report);
    if (!checkpoint) return tree;
    report.checkpoint = checkpoint;
    if (kept && kept->size > checkpoint->size) tree.kept_later = kept;
    if (kept && kept->size == 0) report.kept_checked = true;  // every history begins empty

    Entries entries(tiles, checkpoint->size);
    Walk walk(tiles, kept, report);
    const bool complete = walk.run(entries, tree);
    report.figure("events", tree.frontier.size());
    report.figure("bundles", walk.bundles_read());
    report.figure("tiles_compared", walk.tiles_compared());
    if (!complete) return tree;
    if (tree.frontier.root() == checkpoint->root)
        tree.is_whole = walk.entries_whole();
    else
        report.find("tree.root", "tiles/checkpoint", {std::to_string(checkpoint->size)});
    return tree;
}

}  // namespace custode::verify
