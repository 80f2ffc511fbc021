// archive/proof/merkle.h
#pragma once

#include "archive/base/bytes.h"

#include <optional>
#include <vector>

namespace custode::proof {

/// The plain RFC 6962 Merkle tree over the journal, and nothing home-made beside it.
///
/// A leaf is hashed behind 0x00 and a node behind 0x01, so that no node can pass for a leaf.  The
/// verifiers take untrusted proofs of any length; the path makers trust their NodeReader and ask
/// it for O(log size) nodes, every one of a complete subtree.
///
/// Units     Sizes and indices count leaves; a level is the height over the leaves (0 = a leaf).
/// Errors    Verifiers answer false and never throw.  Path makers throw custode::Error
///           (invalid_argument) for an index or a size outside the tree; what a NodeReader throws
///           passes through.
/// Threads   Functions: any.  A Frontier is a value.
/// Source    RFC 6962 §2.1, RFC 9162 §2.1 (same tree, clearer algorithms).
using Hash = Sha256Digest;

Hash leaf_hash(BytesView entry);                      ///< SHA-256(0x00 ‖ entry)
Hash node_hash(const Hash& left, const Hash& right);  ///< SHA-256(0x01 ‖ left ‖ right)
Hash empty_root();                                    ///< SHA-256("")

/// The right edge of a growing tree: the roots of its complete subtrees, largest first.
/// Source  RFC 9162 §2.1; a tree of n leaves has as many as n has one bits.
class Frontier {
public:
    Frontier() = default;
    /// @throws custode::Error(corrupt) when the number of roots is not that of `size`.
    Frontier(std::uint64_t size, std::vector<Hash> subtree_roots);

    void append(const Hash& leaf);  ///< One hash on average, never more than 64.
    std::uint64_t size() const { return size_; }
    Hash root() const;
    const std::vector<Hash>& subtree_roots() const { return roots_; }

private:
    std::uint64_t size_ = 0;
    std::vector<Hash> roots_;
};

/// RFC 9162 §2.1.3.2 and §2.1.4.2.  False for anything but a proof that holds.
///
/// Equal sizes are consistent when the roots are equal and the path is empty; the empty tree is
/// consistent with every tree, by an empty path.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                      const std::vector<Hash>& path, const Hash& root);
bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                        const Hash& new_root, const std::vector<Hash>& path);

/// Reads the hash of the complete subtree of 2^level leaves numbered `index` at that level.
class NodeReader {
public:
    virtual ~NodeReader() = default;
    virtual Hash node(unsigned level, std::uint64_t index) const = 0;
};

std::vector<Hash> inclusion_path(const NodeReader& nodes, std::uint64_t index, std::uint64_t size);
std::vector<Hash> consistency_path(const NodeReader& nodes, std::uint64_t old_size,
                                   std::uint64_t new_size);
Hash root_of(const NodeReader& nodes, std::uint64_t size);

}  // namespace custode::proof
