// archive/proof/tiles.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/proof/tile_files.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace custode::proof {

/// The journal's tree as a folder of C2SP tlog-tiles, and every proof made from it.
///
/// The tiles are a cache of the journal.  What the store trusts is the right edge of the tree,
/// which it keeps in memory: the unfinished tile of each level, checked against the journal's root
/// when it opens.  Every finished tile hangs under a hash of that edge, so a tile read from disk is
/// believed only when its own root is the one written above it; a missing or altered one is
/// rebuilt from the journal and written anew.  And no proof leaves before it was verified, as its
/// receiver will, against the root in memory.
///
/// Cost      append() is one hash and one copy; each 256th also writes a tile and a bundle.  A
/// proof
///           reads a tile a level of 256 (three for ten million entries).  Opening reads at most
///           255 tiles a level and 255 entries; memory is under 128 KiB, whatever the size.
/// Errors    append() never fails for the disk: what could not be written is written by the next
///           publish().  Error(invalid_argument, "proof.range") for what the tree does not have,
///           Error(corrupt, "tiles.root" | "tiles.tile" | "tiles.proof") when the journal itself
///           does not give the root, Error(storage, "tiles.folder" | "tiles.write").  What
///           ReadEntry throws passes through.
/// Threads   append() and publish() from one thread, the writer; the rest from any, meanwhile.
///           ReadEntry is called on the thread that asked, without a lock.
/// Source    C2SP tlog-tiles v1.
class TileStore final : public NodeReader {
public:
    /// Re-reads entry `index`, below the size, from the journal.
    using ReadEntry = std::function<LeafEntry(std::uint64_t index)>;

    /// Opens the tree of `size` entries, whose root is `root`, over whatever the folder holds.
    TileStore(const std::filesystem::path& folder, std::uint64_t size, const Hash& root,
              ReadEntry read_entry);

    /// The next entry; its journal record is durable already.
    void append(const LeafEntry& entry);
    /// Writes the partial tiles of the checkpoint's size, then the file "checkpoint".
    void publish(std::string_view checkpoint_note);

    std::uint64_t size() const;
    Hash root() const;
    Frontier frontier() const;  ///< Size and root of one moment.

    Hash node(unsigned level, std::uint64_t index) const override;
    std::vector<Hash> inclusion(std::uint64_t index, std::uint64_t size) const;
    std::vector<Hash> consistency(std::uint64_t old_size, std::uint64_t new_size) const;

    /// Reads every finished tile and bundle from entry `first` on, and rebuilds what is damaged.
    void repair(std::uint64_t first = 0) const;
    std::uint64_t rebuilt() const { return rebuilt_; }  ///< Tiles found missing or damaged so far.

private:
    /// The hashes of the unfinished tile of each level.
    struct Edge {
        std::uint64_t size = 0;
        std::vector<std::vector<Hash>> levels;

        void push(const Hash& leaf);
        std::uint64_t tile_index(unsigned level) const;  ///< Of the unfinished tile.
    };
    struct Snapshot {
        Edge edge;
        Hash root;
    };
    class Reader;

    Snapshot snapshot() const;
    /// For the writer, who alone changes it and may read it without the lock.
    const Edge& own_edge() const CUSTODE_UNCHECKED { return edge_; }
    Edge open_edge(std::uint64_t size, unsigned distrusted) const;
    void write_full_tiles(const Hash& last_leaf);
    void write_partial_tiles(std::uint64_t size) const;
    Hash trusted_root(const Reader& nodes, const Snapshot& now, std::uint64_t size) const;

    // tiles_repair.cpp: what is on disk, and how it is made again.
    std::optional<std::vector<Hash>> read_tile(unsigned level, std::uint64_t index) const;
    bool bundle_holds(std::uint64_t index, std::span<const Hash> leaves) const;
    std::vector<Hash> full_tile(unsigned level, std::uint64_t index, const Hash& expected) const;
    std::vector<Hash> rebuild(unsigned level, std::uint64_t index, const Hash& expected) const;
    std::vector<Hash> derive(unsigned level, std::uint64_t index, std::size_t width,
                             unsigned distrusted) const;
    std::vector<Hash> derive_leaves(std::uint64_t index) const;
    bool write_rebuilt(const std::string& name, BytesView bytes) const;
    Hash tile_root(unsigned level, std::uint64_t index, unsigned distrusted) const;
    void repair_tile(unsigned level, std::uint64_t index) const;

    TileFolder folder_;
    ReadEntry read_entry_;
    std::vector<LeafEntry> entries_;  // of the unfinished bundle; the writer's alone
    std::uint64_t written_ = 0;       // tiles over the entries before are on disk; likewise
    mutable std::atomic<std::uint64_t> rebuilt_{0};
    mutable std::atomic<std::uint64_t> failed_{0};  // writes of a rebuilding

    mutable Mutex mutex_;  // a leaf: nothing but copies and hashes under it
    Edge edge_ CUSTODE_GUARDED_BY(mutex_);
    Frontier frontier_ CUSTODE_GUARDED_BY(mutex_);
};

}  // namespace custode::proof
