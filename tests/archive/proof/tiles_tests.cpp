#include "archive/proof/tiles.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "tests/archive/proof/signing.h"
#include "tests/archive/proof/trees.h"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <thread>

using namespace custode;
using namespace custode::proof;
using namespace custode::proof::testing;

namespace {

LeafEntry entry(std::uint64_t index) {
    const Bytes number = big_endian(index);
    LeafEntry made;
    made.header = crypto::sha256({view("header"), number});
    made.payload = crypto::sha256({view("payload"), number});
    return made;
}

/// A journal that only remembers how often it was asked, and a store over an empty folder.
struct Store {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("custode-tiles-" + std::to_string(::getpid()));
    const TestLog log{"custode.example/0b1e55ed"};
    mutable std::atomic<std::uint64_t> journal_reads{0};
    Frontier expected;

    Store() { std::filesystem::remove_all(folder); }
    ~Store() { std::filesystem::remove_all(folder); }

    TileStore::ReadEntry journal() const {
        return [this](std::uint64_t index) {
            ++journal_reads;
            return entry(index);
        };
    }
    TileStore open() const { return {folder, expected.size(), expected.root(), journal()}; }
    void grow(TileStore& store, std::uint64_t size) {
        for (std::uint64_t i = expected.size(); i < size; ++i) {
            store.append(entry(i));
            expected.append(entry(i).leaf());
        }
    }
    void publish(TileStore& store) const {
        store.publish(log.checkpoint(expected.size(), expected.root()));
    }

    bool exists(const std::string& name) const { return std::filesystem::exists(folder / name); }
    std::string bytes(const std::string& name) const {
        std::ifstream stream(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    void overwrite(const std::string& name, const std::string& with) const {
        std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << with;
    }
    void flip(const std::string& name, std::size_t at) const {
        std::string changed = bytes(name);
        changed.at(at) = static_cast<char>(changed.at(at) ^ 1);
        overwrite(name, changed);
    }
};

bool proves(const TileStore& store, std::uint64_t index, std::uint64_t size, const Hash& root) {
    return verify_inclusion(index, size, entry(index).leaf(), store.inclusion(index, size), root);
}

auto named(const std::string& name) {
    return [name](const Error& error) { return error.name() == name; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tiles_tests)

BOOST_AUTO_TEST_CASE(names_are_those_of_the_standard) {
    BOOST_TEST(tile_path(0, 0) == "tile/0/000");
    BOOST_TEST(tile_path(3, 999) == "tile/3/999");
    BOOST_TEST(tile_path(0, 1000) == "tile/0/x001/000");
    BOOST_TEST(tile_path(1, 1234067) == "tile/1/x001/x234/067");
    BOOST_TEST(tile_path(0, 273, 112) == "tile/0/273.p/112");
    BOOST_TEST(tile_path(0, UINT64_MAX >> 8U) == "tile/0/x072/x057/x594/x037/x927/935");
    BOOST_TEST(bundle_path(1234067) == "tile/entries/x001/x234/067");
    BOOST_TEST(bundle_path(0, 1) == "tile/entries/000.p/1");
}

BOOST_AUTO_TEST_CASE(tiles_and_bundles_decode_at_their_exact_size_only) {
    const std::vector<LeafEntry> entries = {entry(0), entry(1), entry(2)};
    Bytes bundle = encode_bundle(entries);
    BOOST_TEST(bundle.size() == 3U * 162U);
    BOOST_TEST(bundle[0] == 0);
    BOOST_TEST(bundle[1] == 160);
    BOOST_TEST((decode_bundle(bundle, 3) == entries));
    BOOST_TEST(!decode_bundle(bundle, 2));
    BOOST_TEST(!decode_bundle(bundle, 4));
    bundle[1] = 159;
    BOOST_TEST(!decode_bundle(bundle, 3));

    const std::vector<Hash> hashes = {entry(0).leaf(), entry(1).leaf()};
    const Bytes tile = encode_tile(hashes);
    BOOST_TEST((decode_tile(tile, 2) == hashes));
    BOOST_TEST(!decode_tile(tile, 1));
    BOOST_TEST(!decode_tile(BytesView(tile).first(63), 2));
}

BOOST_FIXTURE_TEST_CASE(every_entry_of_a_growing_tree_is_proven, Store) {
    TileStore store = open();
    BOOST_TEST((store.root() == empty_root()));
    for (const std::uint64_t size : {1U, 2U, 255U, 256U, 257U, 511U, 512U, 700U}) {
        grow(store, size);
        BOOST_TEST_REQUIRE(store.size() == size);
        BOOST_TEST_REQUIRE((store.root() == expected.root()));
        for (std::uint64_t index = 0; index < size; index += 1 + size / 37)
            BOOST_TEST_REQUIRE(proves(store, index, size, expected.root()));
    }
    BOOST_TEST(journal_reads == 0U);
}

BOOST_FIXTURE_TEST_CASE(earlier_sizes_are_proven_and_joined_to_the_present_one, Store) {
    TileStore store = open();
    std::vector<Hash> roots = {empty_root()};
    while (expected.size() < 600) {
        grow(store, expected.size() + 1);
        roots.push_back(expected.root());
    }
    for (std::uint64_t old_size = 0; old_size <= 600; old_size += 23) {
        for (std::uint64_t new_size = old_size; new_size <= 600; new_size += 31)
            BOOST_TEST_REQUIRE(verify_consistency(old_size, roots[old_size], new_size,
                                                  roots[new_size],
                                                  store.consistency(old_size, new_size)));
        if (old_size > 0)
            BOOST_TEST_REQUIRE(proves(store, old_size - 1, old_size, roots[old_size]));
    }
}

BOOST_FIXTURE_TEST_CASE(what_the_tree_does_not_have_is_refused_by_name, Store) {
    TileStore store = open();
    grow(store, 300);
    BOOST_CHECK_EXCEPTION(store.inclusion(300, 300), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.inclusion(0, 301), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.consistency(2, 301), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.consistency(3, 2), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.node(0, 300), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.node(8, 1), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.node(64, 0), Error, named("proof.range"));
    BOOST_CHECK_NO_THROW(store.node(8, 0));
}

BOOST_FIXTURE_TEST_CASE(full_tiles_are_written_and_read_back_by_others, Store) {
    TileStore store = open();
    grow(store, 520);
    std::vector<Hash> leaves;
    std::vector<LeafEntry> entries;
    for (std::uint64_t i = 256; i < 512; ++i)
        leaves.push_back(entries.emplace_back(entry(i)).leaf());
    BOOST_TEST((bytes("tile/0/001") == text(encode_tile(leaves))));
    BOOST_TEST((bytes("tile/entries/001") == text(encode_bundle(entries))));
    BOOST_TEST(exists("tile/0/000"));
    BOOST_TEST(!exists("tile/0/002"));
    BOOST_TEST(!exists("tile/1/000"));
}

BOOST_FIXTURE_TEST_CASE(publishing_writes_the_partial_tiles_of_the_checkpoint, Store) {
    TileStore store = open();
    grow(store, 520);
    publish(store);
    BOOST_TEST(bytes("tile/0/002.p/8").size() == 8U * 32U);
    BOOST_TEST(bytes("tile/entries/002.p/8").size() == 8U * 162U);
    BOOST_TEST(bytes("tile/1/000.p/2").size() == 2U * 32U);
    BOOST_TEST(bytes("checkpoint") == log.checkpoint(520, expected.root()));

    const std::string earlier = bytes("checkpoint");
    grow(store, 768);
    BOOST_TEST(exists("tile/0/002"));
    BOOST_TEST(!exists("tile/0/002.p"));  // the full tile took its place
    BOOST_TEST(!exists("tile/entries/002.p"));
    store.publish(earlier);  // an older tree may still be published: its tiles are there
    BOOST_TEST(bytes("checkpoint") == earlier);
    BOOST_TEST(!exists("tile/0/002.p"));
    publish(store);
    BOOST_TEST(bytes("tile/1/000.p/3").size() == 3U * 32U);
}

BOOST_FIXTURE_TEST_CASE(a_checkpoint_of_another_tree_is_not_published, Store) {
    TileStore store = open();
    grow(store, 300);
    BOOST_CHECK_EXCEPTION(store.publish("no note"), Error, named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.publish(log.checkpoint(301, expected.root())), Error,
                          named("proof.range"));
    BOOST_CHECK_EXCEPTION(store.publish(log.checkpoint(299, expected.root())), Error,
                          named("tiles.root"));
    BOOST_TEST(!exists("checkpoint"));
    BOOST_CHECK_NO_THROW(publish(store));
}

BOOST_FIXTURE_TEST_CASE(a_reopened_store_goes_on_where_it_was, Store) {
    for (const std::uint64_t size : {3U, 256U, 300U, 511U, 512U, 520U, 1030U}) {
        TileStore store = open();
        BOOST_TEST_REQUIRE((store.root() == expected.root()));
        grow(store, size);
        BOOST_TEST_REQUIRE(proves(store, size / 2, size, expected.root()));
    }
    journal_reads = 0;
    const TileStore store = open();
    BOOST_TEST(journal_reads == 1030U % 256U);  // only the unfinished bundle
    BOOST_TEST(store.rebuilt() == 0U);
    BOOST_TEST(proves(store, 0, 1030, expected.root()));
}

BOOST_FIXTURE_TEST_CASE(an_empty_folder_is_filled_from_the_journal, Store) {
    {
        TileStore store = open();
        grow(store, 1000);
    }
    const std::string tile = bytes("tile/0/001");
    std::filesystem::remove_all(folder);
    const TileStore store = open();
    BOOST_TEST(store.rebuilt() == 3U);
    BOOST_TEST(bytes("tile/0/001") == tile);
    BOOST_TEST(journal_reads == 1000U);
    for (std::uint64_t index = 0; index < 1000; index += 99)
        BOOST_TEST(proves(store, index, 1000, expected.root()));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_tile_never_gives_a_proof_and_is_rebuilt, Store) {
    TileStore store = open();
    grow(store, 1000);
    const std::string good = bytes("tile/0/001");
    const auto damage = {std::string(), good.substr(1), good + "x", good.substr(0, 8191) + "?",
                         std::string(8192, '\0')};
    std::uint64_t rebuilt = 0;
    for (const std::string& bad : damage) {
        overwrite("tile/0/001", bad);
        BOOST_TEST(proves(store, 300, 1000, expected.root()));
        BOOST_TEST(bytes("tile/0/001") == good);
        BOOST_TEST(store.rebuilt() == ++rebuilt);
    }
    std::filesystem::remove(folder / "tile/0/001");
    BOOST_TEST(proves(store, 300, 1000, expected.root()));
    BOOST_TEST(bytes("tile/0/001") == good);
}

BOOST_FIXTURE_TEST_CASE(a_flipped_bit_is_found_when_the_store_opens, Store) {
    {
        TileStore store = open();
        grow(store, 1000);
    }
    const std::string good = bytes("tile/0/002");
    flip("tile/0/002", 4000);
    const TileStore store = open();
    BOOST_TEST((store.root() == expected.root()));
    BOOST_TEST(bytes("tile/0/002") == good);
}

BOOST_FIXTURE_TEST_CASE(a_journal_that_does_not_give_the_root_is_corrupt, Store) {
    {
        TileStore store = open();
        grow(store, 600);
    }
    const auto lying = [](std::uint64_t index) { return entry(index == 590 ? 0 : index); };
    BOOST_CHECK_EXCEPTION(TileStore(folder, 600, expected.root(), lying), Error,
                          named("tiles.root"));
    BOOST_CHECK_EXCEPTION(TileStore(folder, 600, flipped(expected.root()), journal()), Error,
                          named("tiles.root"));
    BOOST_CHECK_EXCEPTION(TileStore(folder, 601, expected.root(), journal()), Error,
                          named("tiles.root"));

    const auto forgetful = [](std::uint64_t index) { return entry(index < 256 ? 0 : index); };
    const TileStore store(folder, 600, expected.root(), forgetful);
    BOOST_TEST(proves(store, 7, 600, expected.root()));  // the tile on disk is still good
    flip("tile/0/000", 0);
    BOOST_CHECK_EXCEPTION(store.inclusion(7, 600), Error, named("tiles.tile"));
    BOOST_TEST(proves(store, 599, 600, expected.root()) == true);
}

BOOST_FIXTURE_TEST_CASE(repair_makes_every_tile_and_bundle_whole, Store) {
    TileStore store = open();
    grow(store, 1000);
    const std::string bundle = bytes("tile/entries/001");
    flip("tile/entries/001", 5000);
    std::filesystem::remove(folder / "tile/0/000");
    store.repair(512);
    BOOST_TEST(bytes("tile/entries/001") != bundle);  // before the first entry asked for
    store.repair();
    BOOST_TEST(bytes("tile/entries/001") == bundle);
    BOOST_TEST(exists("tile/0/000"));
    BOOST_TEST(store.rebuilt() == 2U);
    store.repair();
    BOOST_TEST(store.rebuilt() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_tile_that_could_not_be_written_is_written_at_the_next_publication,
                        Store) {
    TileStore store = open();
    grow(store, 200);
    std::filesystem::create_directories(folder / "tile/0");
    std::filesystem::create_directories(folder / "tile/0/000/in/the/way");
    grow(store, 1000);
    BOOST_TEST((store.root() == expected.root()));
    BOOST_TEST(proves(store, 5, 1000, expected.root()));  // from the journal, as long as it takes
    BOOST_CHECK_EXCEPTION(publish(store), Error, named("tiles.write"));
    BOOST_TEST(!exists("checkpoint"));
    std::filesystem::remove_all(folder / "tile/0/000");
    publish(store);
    BOOST_TEST(bytes("tile/0/000").size() == 8192U);
    BOOST_TEST(exists("checkpoint"));
}

// A disk that was full for one write only left a tile over a bundle that was not there; whoever
// opened the store next looked at the tile and no further.
BOOST_FIXTURE_TEST_CASE(no_tile_is_written_over_a_bundle_that_could_not_be, Store) {
    {
        TileStore store = open();
        std::filesystem::create_directories(folder / "tile/entries/000/in/the/way");
        grow(store, 300);
        BOOST_TEST(!exists("tile/0/000"));
    }
    std::filesystem::remove_all(folder / "tile/entries/000");
    const TileStore again = open();
    BOOST_TEST(bytes("tile/entries/000").size() == bundle_bytes(tile_width));
    BOOST_TEST(bytes("tile/0/000").size() == 8192U);
}

BOOST_FIXTURE_TEST_CASE(what_a_crash_left_unfinished_is_dropped_at_opening, Store) {
    std::filesystem::create_directories(folder / "unfinished");
    overwrite("unfinished/7", "half a tile");
    const TileStore store = open();
    BOOST_TEST(!exists("unfinished/7"));
}

BOOST_FIXTURE_TEST_CASE(a_tree_of_three_levels_is_written_read_damaged_and_rebuilt, Store) {
    constexpr std::uint64_t size = 256 * 256 + 300;
    {
        TileStore store = open();
        grow(store, size);
        publish(store);
    }
    BOOST_TEST(exists("tile/0/255"));
    BOOST_TEST(exists("tile/1/000"));
    BOOST_TEST(bytes("tile/1/001.p/1").size() == 32U);
    BOOST_TEST(bytes("tile/2/000.p/1").size() == 32U);

    journal_reads = 0;
    const TileStore store = open();
    BOOST_TEST(journal_reads == size % 256);
    for (const std::uint64_t index :
         {std::uint64_t{0}, std::uint64_t{65535}, std::uint64_t{65536}, size - 1})
        BOOST_TEST(proves(store, index, size, expected.root()));
    BOOST_TEST(store.rebuilt() == 0U);

    // Both the tile and the one above it: neither can vouch for the other.
    const std::string good = bytes("tile/1/000");
    flip("tile/1/000", 100);
    flip("tile/0/003", 100);
    BOOST_TEST(proves(store, 3 * 256 + 1, size, expected.root()));
    BOOST_TEST(bytes("tile/1/000") == good);
    std::filesystem::remove(folder / "tile/1/000");
    const TileStore reopened = open();
    BOOST_TEST(bytes("tile/1/000") == good);
    BOOST_TEST(proves(reopened, 70, size, expected.root()));
}

BOOST_FIXTURE_TEST_CASE(readers_are_answered_while_the_writer_appends, Store) {
    TileStore store = open();
    grow(store, 200);
    const Hash early = expected.root();
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> proofs{0};
    std::atomic<std::uint64_t> wrong{0};
    const auto read = [&] {
        while (!done) {
            const Frontier now = store.frontier();
            if (!proves(store, now.size() - 1, now.size(), now.root())) ++wrong;
            if (!verify_consistency(200, early, now.size(), now.root(),
                                    store.consistency(200, now.size())))
                ++wrong;
            ++proofs;
        }
    };
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    while (expected.size() < 3000 || proofs < 50) {
        grow(store, expected.size() + 1);
        if (expected.size() % 512 == 0) publish(store);
    }
    done = true;
    readers.clear();
    BOOST_TEST(wrong == 0U);
    BOOST_TEST((store.root() == expected.root()));
}

BOOST_AUTO_TEST_SUITE_END()
