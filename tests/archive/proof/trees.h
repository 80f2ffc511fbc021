// tests/archive/proof/trees.h
#pragma once

#include "archive/base/encoding.h"
#include "archive/proof/merkle.h"

#include <bit>
#include <string>
#include <vector>

namespace custode::proof::testing {

/// The definitions of RFC 6962 §2.1, word for word: slow, recursive, over a plain list of leaves.
struct NaiveTree final : NodeReader {
    std::vector<Hash> leaves;

    Hash root(std::uint64_t begin, std::uint64_t size) const {
        if (size == 0) return empty_root();
        if (size == 1) return leaves.at(begin);
        const std::uint64_t k = split(size);
        return node_hash(root(begin, k), root(begin + k, size - k));
    }
    Hash root(std::uint64_t size) const { return root(0, size); }

    std::vector<Hash> path(std::uint64_t m, std::uint64_t begin, std::uint64_t size) const {
        if (size == 1) return {};
        const std::uint64_t k = split(size);
        return m < k ? plus(path(m, begin, k), root(begin + k, size - k))
                     : plus(path(m - k, begin + k, size - k), root(begin, k));
    }

    std::vector<Hash> subproof(std::uint64_t m, std::uint64_t begin, std::uint64_t size,
                               bool whole) const {
        if (m == size) return whole ? std::vector<Hash>{} : std::vector<Hash>{root(begin, size)};
        const std::uint64_t k = split(size);
        return m <= k ? plus(subproof(m, begin, k, whole), root(begin + k, size - k))
                      : plus(subproof(m - k, begin + k, size - k, false), root(begin, k));
    }

    Hash node(unsigned level, std::uint64_t index) const override {
        return root(index << level, std::uint64_t{1} << level);
    }

    static std::uint64_t split(std::uint64_t size) {
        std::uint64_t k = 1;
        while (k * 2 < size) k *= 2;
        return k;
    }
    static std::vector<Hash> plus(std::vector<Hash> path, const Hash& last) {
        path.push_back(last);
        return path;
    }
    static NaiveTree numbered(std::size_t size) {
        NaiveTree tree;
        for (std::size_t i = 0; i < size; ++i)
            tree.leaves.push_back(leaf_hash(view("leaf " + std::to_string(i))));
        return tree;
    }
};

/// A tree of any size whose leaves are all equal: every complete subtree of one height has one
/// hash, so that sizes past 2^32 and 2^63 cost nothing.
struct UniformTree final : NodeReader {
    std::vector<Hash> by_level;

    UniformTree() {
        by_level.push_back(leaf_hash(view("the same")));
        while (by_level.size() < 64)
            by_level.push_back(node_hash(by_level.back(), by_level.back()));
    }
    Hash node(unsigned level, std::uint64_t) const override { return by_level.at(level); }
};

inline Hash hash_from_hex(const std::string& hex) {
    const auto bytes = from_hex(hex);
    Hash hash;
    std::copy(bytes.value().begin(), bytes.value().end(), hash.bytes.begin());
    return hash;
}

inline Hash hash_from_base64(const std::string& text) {
    return hash_from_hex(to_hex(from_base64(text).value()));
}

inline Hash flipped(Hash hash, unsigned bit = 0) {
    hash.bytes[bit / 8] = static_cast<std::uint8_t>(hash.bytes[bit / 8] ^ (1U << (bit % 8)));
    return hash;
}

}  // namespace custode::proof::testing
