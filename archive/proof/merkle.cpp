#include "archive/proof/merkle.h"

#include "archive/base/error.h"
#include "archive/crypto/digest.h"

#include <algorithm>
#include <bit>

namespace custode::proof {
namespace {

/// Leaves [begin, begin + size) of the tree; begin is a multiple of the largest complete subtree
/// that the range holds, as every range that RFC 9162 cuts is.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;

    /// The largest power of two smaller than size: where the RFC splits a tree of 2 or more.
    std::uint64_t split() const { return std::bit_floor(size - 1); }
    Range left() const { return {begin, split()}; }
    Range right() const { return {begin + split(), size - split()}; }
};

Hash range_root(const NodeReader& nodes, Range range) {
    if (std::has_single_bit(range.size)) {
        const auto level = static_cast<unsigned>(std::countr_zero(range.size));
        return nodes.node(level, range.begin >> level);
    }
    // The left part is complete, so the recursion goes down the right edge only: at most 64 deep.
    return node_hash(range_root(nodes, range.left()), range_root(nodes, range.right()));
}

void require_within(bool within, const char* what) {
    if (!within) throw Error(ErrorCode::invalid_argument, "proof.range", what);
}

/// Climbs from a node at `index` of a level whose last node is `last`, as far as the path goes.
struct Climb {
    std::uint64_t index;
    std::uint64_t last;

    bool at_top() const { return last == 0; }
    bool sibling_is_left() const { return (index & 1U) != 0 || index == last; }

    /// To the next level, and past the levels where the right edge has no sibling to hash with.
    void up() {
        if ((index & 1U) == 0)
            while (index != 0 && (index & 1U) == 0) shift();
        shift();
    }
    void shift() {
        index >>= 1U;
        last >>= 1U;
    }
};

}  // namespace

Hash leaf_hash(BytesView entry) {
    constexpr std::uint8_t prefix[] = {0x00};
    return crypto::sha256({prefix, entry});
}

Hash node_hash(const Hash& left, const Hash& right) {
    constexpr std::uint8_t prefix[] = {0x01};
    return crypto::sha256({prefix, left, right});
}

Hash empty_root() { return crypto::sha256({}); }

Frontier::Frontier(std::uint64_t size, std::vector<Hash> subtree_roots)
    : size_(size), roots_(std::move(subtree_roots)) {
    if (roots_.size() != static_cast<std::size_t>(std::popcount(size)))
        throw Error(ErrorCode::corrupt, "proof.frontier", "could not read the edge of the tree");
}

void Frontier::append(const Hash& leaf) {
    // Each trailing one bit of the size is a complete subtree as large as the one just completed.
    Hash subtree = leaf;
    for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
        subtree = node_hash(roots_.back(), subtree);
        roots_.pop_back();
    }
    roots_.push_back(subtree);
    ++size_;
}

Hash Frontier::root() const {
    if (roots_.empty()) return empty_root();
    Hash root = roots_.back();
    for (std::size_t i = roots_.size() - 1; i-- > 0;) root = node_hash(roots_[i], root);
    return root;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                      const std::vector<Hash>& path, const Hash& root) {
    if (index >= size) return false;
    Climb climb{index, size - 1};
    Hash hash = leaf;
    for (const Hash& sibling : path) {
        if (climb.at_top()) return false;  // longer than the tree is high
        if (climb.sibling_is_left()) {
            hash = node_hash(sibling, hash);
            climb.up();
        } else {
            hash = node_hash(hash, sibling);
            climb.shift();
        }
    }
    return climb.at_top() && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                        const Hash& new_root, const std::vector<Hash>& path) {
    if (old_size > new_size) return false;
    if (old_size == 0 && old_root != empty_root()) return false;
    if (old_size == new_size) return path.empty() && old_root == new_root;
    if (old_size == 0) return path.empty();
    if (path.empty()) return false;

    // When the old tree is one complete subtree, its root is the first node and is not sent.
    auto next = path.begin();
    const Hash first = std::has_single_bit(old_size) ? old_root : *next++;
    Climb climb{old_size - 1, new_size - 1};
    while ((climb.index & 1U) != 0) climb.shift();

    Hash old_hash = first;
    Hash new_hash = first;
    for (; next != path.end(); ++next) {
        if (climb.at_top()) return false;
        if (climb.sibling_is_left()) {
            old_hash = node_hash(*next, old_hash);
            new_hash = node_hash(*next, new_hash);
            climb.up();
        } else {
            new_hash = node_hash(new_hash, *next);
            climb.shift();
        }
    }
    return climb.at_top() && old_hash == old_root && new_hash == new_root;
}

std::vector<Hash> inclusion_path(const NodeReader& nodes, std::uint64_t index, std::uint64_t size) {
    require_within(index < size, "could not prove a leaf that the tree does not have");
    std::vector<Hash> path;
    for (Range range{0, size}; range.size > 1;) {
        const bool left = index < range.begin + range.split();
        path.push_back(range_root(nodes, left ? range.right() : range.left()));
        range = left ? range.left() : range.right();
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<Hash> consistency_path(const NodeReader& nodes, std::uint64_t old_size,
                                   std::uint64_t new_size) {
    require_within(old_size <= new_size, "could not prove a tree consistent with a smaller one");
    std::vector<Hash> path;
    if (old_size == 0 || old_size == new_size) return path;
    Range range{0, new_size};
    while (range.begin + range.size != old_size) {  // RFC 9162 §2.1.4.1, SUBPROOF
        const bool left = old_size <= range.begin + range.split();
        path.push_back(range_root(nodes, left ? range.right() : range.left()));
        range = left ? range.left() : range.right();
    }
    // The verifier has the old root already when that is the subtree that we ended in.
    if (range.begin != 0) path.push_back(range_root(nodes, range));
    std::reverse(path.begin(), path.end());
    return path;
}

Hash root_of(const NodeReader& nodes, std::uint64_t size) {
    return size == 0 ? empty_root() : range_root(nodes, {0, size});
}

}  // namespace custode::proof
