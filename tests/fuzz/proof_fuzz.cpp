// Proofs from outside: the verifiers answer as the definitions of RFC 6962 do, read here as they
// stand, recursively, for every true, mutilated and invented proof.
#include "archive/proof/merkle.h"
#include "tests/fuzz/fuzz.h"

#include <bit>

using namespace custode;
using namespace custode::proof;
using custode::fuzz::Input;

namespace {

using Path = std::vector<Hash>;
using MaybeHash = std::optional<Hash>;

std::uint64_t split(std::uint64_t size) { return std::bit_floor(size - 1); }

/// PATH read backwards: the root that the path gives, or nothing when it is of another length.
MaybeHash root_by_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                            std::span<const Hash> path) {
    if (size == 1) return path.empty() ? MaybeHash(leaf) : std::nullopt;
    if (path.empty()) return std::nullopt;
    const std::uint64_t k = split(size);
    const auto inner = path.first(path.size() - 1);
    const auto below = index < k ? root_by_inclusion(index, k, leaf, inner)
                                 : root_by_inclusion(index - k, size - k, leaf, inner);
    if (!below) return std::nullopt;
    return index < k ? node_hash(*below, path.back()) : node_hash(path.back(), *below);
}

using Roots = std::optional<std::pair<Hash, Hash>>;

/// SUBPROOF read backwards; `known`: the old root, while the old tree is the whole left part.
Roots roots_by_consistency(std::uint64_t old_size, std::uint64_t new_size,
                           std::span<const Hash> path, const MaybeHash& known) {
    if (old_size == new_size) {
        if (path.size() != (known ? 0U : 1U)) return std::nullopt;
        const Hash same = known ? *known : path[0];
        return {{same, same}};
    }
    if (path.empty()) return std::nullopt;
    const std::uint64_t k = split(new_size);
    const auto inner = path.first(path.size() - 1);
    if (old_size <= k) {
        const Roots below = roots_by_consistency(old_size, k, inner, known);
        if (!below) return std::nullopt;
        return {{below->first, node_hash(below->second, path.back())}};
    }
    const Roots below = roots_by_consistency(old_size - k, new_size - k, inner, std::nullopt);
    if (!below) return std::nullopt;
    return {{node_hash(path.back(), below->first), node_hash(path.back(), below->second)}};
}

bool included(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Path& path,
              const Hash& root) {
    return index < size && root_by_inclusion(index, size, leaf, path) == MaybeHash(root);
}

bool consistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                const Hash& new_root, const Path& path) {
    if (old_size > new_size) return false;
    if (old_size == 0)
        return path.empty() && old_root == empty_root() && (new_size > 0 || new_root == old_root);
    const Roots roots = roots_by_consistency(old_size, new_size, path, old_root);
    return roots && roots->first == old_root && roots->second == new_root;
}

/// A small whole tree, every node at hand.
class Tree final : public NodeReader {
public:
    explicit Tree(std::uint64_t size) {
        for (std::uint64_t i = 0; i < size; ++i) {
            const std::uint8_t entry[] = {static_cast<std::uint8_t>(i)};
            leaves_.push_back(leaf_hash(entry));
        }
    }
    Hash node(unsigned level, std::uint64_t index) const override {
        if (level == 0) return leaves_.at(index);
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    }

private:
    Path leaves_;
};

/// Anything that somebody may do to a path.
void edit(Path& path, Input& input) {
    for (int edits = input.byte() % 4; edits > 0; --edits) {
        const std::size_t at = path.empty() ? 0 : input.byte() % path.size();
        const auto place = path.begin() + static_cast<std::ptrdiff_t>(at);
        switch (input.byte() % 5) {
            case 0: path.insert(place, Hash{}); break;
            case 1:
                if (!path.empty()) path.erase(place);
                break;
            case 2:
                if (!path.empty()) path[at].bytes[input.byte() % 32] ^= 1U;
                break;
            case 3:
                if (!path.empty()) std::swap(path[at], path[input.byte() % path.size()]);
                break;
            default:
                if (!path.empty()) path.push_back(path[at]);
        }
    }
}

void fuzz_true_tree(Input& input) {
    const std::uint64_t new_size = 1 + input.byte() % 70;
    const std::uint64_t index = input.byte() % new_size;
    const std::uint64_t old_size = input.byte() % (new_size + 1);
    const Tree tree(new_size);
    Hash root = root_of(tree, new_size);
    Hash old_root = root_of(tree, old_size);

    Path path = inclusion_path(tree, index, new_size);
    require(verify_inclusion(index, new_size, tree.node(0, index), path, root), "true inclusion");
    Path joint = consistency_path(tree, old_size, new_size);
    require(verify_consistency(old_size, old_root, new_size, root, joint), "true consistency");

    edit(path, input);
    edit(joint, input);
    const std::uint64_t claimed_index = index ^ (input.byte() % 8);
    const std::uint64_t claimed_size = new_size ^ (input.byte() % 8);
    const std::uint64_t claimed_old = old_size ^ (input.byte() % 8);
    if (input.byte() % 4 == 0) root.bytes[0] ^= 1U;
    if (input.byte() % 4 == 0) old_root.bytes[31] ^= 1U;
    const Hash leaf = tree.node(0, index);
    require(verify_inclusion(claimed_index, claimed_size, leaf, path, root) ==
                included(claimed_index, claimed_size, leaf, path, root),
            "inclusion is judged as RFC 6962 defines it");
    require(verify_consistency(claimed_old, old_root, claimed_size, root, joint) ==
                consistent(claimed_old, old_root, claimed_size, root, joint),
            "consistency is judged as RFC 6962 defines it");
}

/// Sizes up to 2^64 and hashes of the input's own: the root is the one that the path gives.
void fuzz_invented(Input& input) {
    const std::uint64_t first = input.number();
    const std::uint64_t second = input.number();
    Hash leaf;
    input.into(leaf.bytes);
    Path path(input.byte() % 140);
    for (Hash& hash : path) input.into(hash.bytes);
    const auto root = first < second ? root_by_inclusion(first, second, leaf, path) : std::nullopt;
    require(verify_inclusion(first, second, leaf, path, root.value_or(leaf)) == root.has_value(),
            "whatever the length, inclusion is one thing");
    const auto roots = first > 0 && first < second ? roots_by_consistency(first, second, path, leaf)
                                                   : std::nullopt;
    const bool joined = roots && roots->first == leaf;
    if (first > 0 && first < second)
        require(verify_consistency(first, leaf, second, joined ? roots->second : leaf, path) ==
                    (joined || consistent(first, leaf, second, leaf, path)),
                "whatever the length, consistency is one thing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    if (input.byte() % 2 == 0)
        fuzz_true_tree(input);
    else
        fuzz_invented(input);
    return 0;
}
