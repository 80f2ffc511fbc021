#include "archive/proof/merkle.h"

#include "archive/base/error.h"
#include "tests/archive/proof/trees.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace custode;
using namespace custode::proof;
using namespace custode::proof::testing;

namespace {

constexpr std::size_t exhaustive_size_max = 130;  // past two full levels of 64 and one leaf more

bool proves_inclusion(const NaiveTree& tree, std::uint64_t index, std::uint64_t size,
                      const std::vector<Hash>& path) {
    return verify_inclusion(index, size, tree.leaves[index], path, tree.root(size));
}

/// Every proof that differs from `path` in one place: an element changed, dropped, doubled, two
/// swapped, one added at either end.
std::vector<std::vector<Hash>> mutations(const std::vector<Hash>& path) {
    std::vector<std::vector<Hash>> all;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        all.push_back(path);
        all.back()[i] = flipped(path[i], static_cast<unsigned>(i * 37 % 256));
        all.push_back(path);
        all.back().erase(all.back().begin() + at);
        all.push_back(path);
        all.back().insert(all.back().begin() + at, path[i]);
        if (i + 1 < path.size() && path[i] != path[i + 1]) {
            all.push_back(path);
            std::swap(all.back()[i], all.back()[i + 1]);
        }
    }
    all.push_back(path);
    all.back().push_back(Hash{});
    all.push_back(path);
    all.back().insert(all.back().begin(), empty_root());
    return all;
}

std::vector<Hash> hashes(const nlohmann::json& list) {
    std::vector<Hash> out;
    if (list.is_null()) return out;
    for (const auto& item : list) out.push_back(hash_from_base64(item.get<std::string>()));
    return out;
}

bool holds(const nlohmann::json& vector) {
    const auto root = [&](const char* name) {
        return hash_from_base64(vector.at(name).get<std::string>());
    };
    if (vector.contains("leafIdx"))
        return verify_inclusion(vector.at("leafIdx").get<std::uint64_t>(),
                                vector.at("treeSize").get<std::uint64_t>(), root("leafHash"),
                                hashes(vector.at("proof")), root("root"));
    return verify_consistency(vector.at("size1").get<std::uint64_t>(), root("root1"),
                              vector.at("size2").get<std::uint64_t>(), root("root2"),
                              hashes(vector.at("proof")));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merkle_tests)

// The leaves and roots that every Certificate Transparency implementation is tested with.
BOOST_AUTO_TEST_CASE(the_known_tree_of_certificate_transparency_has_its_known_roots) {
    const std::string leaves[] = {"",
                                  "00",
                                  "10",
                                  "2021",
                                  "3031",
                                  "40414243",
                                  "5051525354555657",
                                  "606162636465666768696a6b6c6d6e6f"};
    const std::string roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    Frontier frontier;
    BOOST_TEST(to_hex(frontier.root()) ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (std::size_t i = 0; i < std::size(leaves); ++i) {
        frontier.append(leaf_hash(from_hex(leaves[i]).value()));
        BOOST_TEST(to_hex(frontier.root()) == roots[i]);
    }
}

BOOST_AUTO_TEST_CASE(a_frontier_grows_the_tree_of_the_definition) {
    const NaiveTree tree = NaiveTree::numbered(exhaustive_size_max);
    Frontier frontier;
    for (std::size_t size = 0; size < exhaustive_size_max; ++size) {
        BOOST_TEST_REQUIRE((frontier.root() == tree.root(size)));
        BOOST_TEST_REQUIRE((root_of(tree, size) == tree.root(size)));
        const Frontier reread(size, frontier.subtree_roots());
        BOOST_TEST_REQUIRE((reread.root() == frontier.root()));
        frontier.append(tree.leaves[size]);
    }
    BOOST_TEST(frontier.size() == exhaustive_size_max);
}

BOOST_AUTO_TEST_CASE(a_frontier_with_too_few_or_too_many_roots_is_refused) {
    const Hash hash = leaf_hash(view("leaf"));
    BOOST_CHECK_NO_THROW(Frontier(5, {hash, hash}));
    BOOST_CHECK_THROW(Frontier(5, {hash}), Error);
    BOOST_CHECK_THROW(Frontier(5, {hash, hash, hash}), Error);
    BOOST_CHECK_THROW(Frontier(0, {hash}), Error);
}

BOOST_AUTO_TEST_CASE(every_leaf_of_every_small_tree_is_proven_and_no_altered_proof_is) {
    const NaiveTree tree = NaiveTree::numbered(exhaustive_size_max);
    for (std::uint64_t size = 1; size <= exhaustive_size_max; ++size) {
        const Hash root = tree.root(size);
        for (std::uint64_t index = 0; index < size; ++index) {
            const auto path = inclusion_path(tree, index, size);
            BOOST_TEST_REQUIRE((path == tree.path(index, 0, size)));
            BOOST_TEST_REQUIRE(verify_inclusion(index, size, tree.leaves[index], path, root));
            for (const auto& altered : mutations(path))
                BOOST_TEST_REQUIRE(
                    !verify_inclusion(index, size, tree.leaves[index], altered, root));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_proof_holds_for_its_own_leaf_index_size_and_root_only) {
    const NaiveTree tree = NaiveTree::numbered(exhaustive_size_max);
    for (std::uint64_t size = 1; size <= 40; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const auto path = inclusion_path(tree, index, size);
            for (std::uint64_t other = 0; other < size + 2; ++other) {
                if (other == index) continue;
                BOOST_TEST_REQUIRE(
                    !verify_inclusion(other, size, tree.leaves[index], path, tree.root(size)));
                BOOST_TEST_REQUIRE(
                    !verify_inclusion(index, size, tree.leaves[other], path, tree.root(size)));
            }
            BOOST_TEST_REQUIRE(!verify_inclusion(index, size, tree.leaves[index], path,
                                                 flipped(tree.root(size), 255)));
            BOOST_TEST_REQUIRE(!proves_inclusion(tree, index, size + 1, path));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_node_does_not_pass_for_a_leaf) {
    const NaiveTree tree = NaiveTree::numbered(4);
    const Hash inner = tree.root(0, 2);
    BOOST_TEST(!verify_inclusion(0, 4, inner, {tree.root(2, 2)}, tree.root(4)));
    Bytes children = copy(tree.leaves[0]);
    append(children, tree.leaves[1]);
    BOOST_TEST((leaf_hash(children) != inner));
}

// The roots are made so that only the length of the proof is wrong: a tree of that size has no
// such height.
BOOST_AUTO_TEST_CASE(a_proof_higher_than_its_tree_is_refused_even_when_it_hashes_to_the_root) {
    const NaiveTree tree = NaiveTree::numbered(5);
    const Hash extra = tree.leaves[4];
    BOOST_TEST(!verify_inclusion(0, 1, tree.leaves[0], {extra}, node_hash(extra, tree.leaves[0])));

    auto path = consistency_path(tree, 3, 4);
    BOOST_TEST_REQUIRE(verify_consistency(3, tree.root(3), 4, tree.root(4), path));
    path.push_back(extra);
    BOOST_TEST(!verify_consistency(3, node_hash(extra, tree.root(3)), 4,
                                   node_hash(extra, tree.root(4)), path));
}

BOOST_AUTO_TEST_CASE(every_pair_of_small_trees_is_proven_and_no_altered_proof_is) {
    const NaiveTree tree = NaiveTree::numbered(exhaustive_size_max);
    for (std::uint64_t new_size = 1; new_size <= exhaustive_size_max; ++new_size) {
        const Hash new_root = tree.root(new_size);
        for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
            const Hash old_root = tree.root(old_size);
            const auto path = consistency_path(tree, old_size, new_size);
            BOOST_TEST_REQUIRE((path == tree.subproof(old_size, 0, new_size, true)));
            BOOST_TEST_REQUIRE(verify_consistency(old_size, old_root, new_size, new_root, path));
            for (const auto& altered : mutations(path))
                BOOST_TEST_REQUIRE(
                    !verify_consistency(old_size, old_root, new_size, new_root, altered));
            BOOST_TEST_REQUIRE(
                !verify_consistency(old_size, flipped(old_root), new_size, new_root, path));
            BOOST_TEST_REQUIRE(
                !verify_consistency(old_size, old_root, new_size, flipped(new_root), path));
            if (old_size < new_size)
                BOOST_TEST_REQUIRE(
                    !verify_consistency(new_size, new_root, old_size, old_root, path));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_empty_tree_is_consistent_with_every_tree_by_an_empty_path) {
    const NaiveTree tree = NaiveTree::numbered(3);
    BOOST_TEST(consistency_path(tree, 0, 3).empty());
    BOOST_TEST(verify_consistency(0, empty_root(), 3, tree.root(3), {}));
    BOOST_TEST(verify_consistency(0, empty_root(), 0, empty_root(), {}));
    BOOST_TEST(!verify_consistency(0, tree.root(1), 3, tree.root(3), {}));
    BOOST_TEST(!verify_consistency(0, tree.root(1), 0, tree.root(1), {}));
    BOOST_TEST(!verify_consistency(0, empty_root(), 3, tree.root(3), {tree.root(3)}));
}

BOOST_AUTO_TEST_CASE(proofs_outside_the_tree_are_refused_by_name) {
    const NaiveTree tree = NaiveTree::numbered(4);
    BOOST_CHECK_THROW(inclusion_path(tree, 4, 4), Error);
    BOOST_CHECK_THROW(inclusion_path(tree, 0, 0), Error);
    BOOST_CHECK_THROW(consistency_path(tree, 4, 3), Error);
    BOOST_TEST(!verify_inclusion(0, 0, tree.leaves[0], {}, tree.leaves[0]));
}

BOOST_AUTO_TEST_CASE(sizes_past_thirty_two_and_up_to_sixty_four_bits_are_proven) {
    const UniformTree tree;
    const std::uint64_t sizes[] = {(1ULL << 32U) - 1,     1ULL << 32U,       (1ULL << 32U) + 1,
                                   (1ULL << 40U) + 12345, (1ULL << 63U) + 1, UINT64_MAX};
    for (const std::uint64_t size : sizes) {
        const Hash root = root_of(tree, size);
        for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size - 2, size - 1}) {
            const auto path = inclusion_path(tree, index, size);
            BOOST_TEST(path.size() <= 64U);
            BOOST_TEST(verify_inclusion(index, size, tree.by_level[0], path, root));
            for (const auto& altered : mutations(path))
                BOOST_TEST(!verify_inclusion(index, size, tree.by_level[0], altered, root));
        }
        for (const std::uint64_t old_size : {std::uint64_t{1}, size / 2, size - 1}) {
            const auto path = consistency_path(tree, old_size, size);
            BOOST_TEST(verify_consistency(old_size, root_of(tree, old_size), size, root, path));
            for (const auto& altered : mutations(path))
                BOOST_TEST(
                    !verify_consistency(old_size, root_of(tree, old_size), size, root, altered));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_published_vectors_hold_or_fail_as_they_say) {
    const char* corpus = std::getenv("CUSTODE_CORPUS");
    if (corpus == nullptr) {
        BOOST_TEST_MESSAGE("skipped: CUSTODE_CORPUS is not set");
        return;
    }
    std::size_t good = 0;
    std::size_t bad = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(corpus) / "vectors/merkle")) {
        std::ifstream stream(file.path());
        const auto vector = nlohmann::json::parse(stream);
        const bool want_error = vector.at("wantErr").get<bool>();
        BOOST_TEST(holds(vector) == !want_error, file.path().filename());
        ++(want_error ? bad : good);
    }
    BOOST_TEST(good >= 2U);
    BOOST_TEST(bad >= 4U);
}

BOOST_AUTO_TEST_SUITE_END()
