#include "archive/store/page_check.h"

#include "archive/base/codec.h"
#include "tests/archive/store/support.h"

#include <fstream>
#include <map>
#include <random>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

constexpr std::size_t page_bytes = 4096;

/// A catalogue after many commits that put, replaced and erased rows of every size.
struct Worn : TemporaryFolder {
    std::filesystem::path file = path / "catalogue.mdb";
    std::mt19937_64 random{7};

    Worn() {
        Environment environment(file, options(true));
        for (int commit = 0; commit < 100; ++commit) wear(environment);
    }

    void wear(Environment& environment) {
        RecordingHooks hooks;
        Writer(environment, hooks, {}).run([&](Changes& changes) {
            for (unsigned i = 0; i < 20; ++i) {
                const Table table{1 + static_cast<unsigned>(random() % 2)};
                const Bytes key = big_endian(random() % 400);
                if (random() % 3 == 0 && changes.find(table, key))
                    changes.erase(table, key);
                else
                    changes.put(table, key,
                                Bytes(random() % (random() % 10 == 0 ? 30'000 : 300), 7));
            }
        });
    }

    Bytes bytes() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    /// Flips one bit, looks, and flips it back.
    std::vector<std::string> with_flipped(std::size_t at, unsigned bit) {
        change(at, bit);
        auto findings = check_pages(file);
        change(at, bit);
        return findings;
    }
    void change(std::size_t at, unsigned bit) {
        std::fstream io(file, std::ios::binary | std::ios::in | std::ios::out);
        io.seekg(static_cast<std::streamoff>(at));
        const int byte = io.get();
        io.seekp(static_cast<std::streamoff>(at));
        io.put(static_cast<char>(byte ^ (1 << bit)));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(page_check_tests)

BOOST_FIXTURE_TEST_CASE(a_catalogue_that_lmdb_wrote_hangs_together_after_every_commit, Worn) {
    for (int i = 0; i < 60; ++i) {
        {
            Environment environment(file, options(false));
            wear(environment);
        }
        const auto findings = check_pages(file);
        BOOST_TEST(findings.empty(), "after commit " << i << ": " << findings.front());
    }
}

BOOST_FIXTURE_TEST_CASE(a_new_catalogue_hangs_together, TemporaryFolder) {
    { Environment made(path / "catalogue.mdb", options(true)); }
    BOOST_TEST(check_pages(path / "catalogue.mdb").empty());
}

// One flipped bit made the commit before the last the last, and the newest document vanished.
BOOST_FIXTURE_TEST_CASE(no_bit_of_a_commits_number_puts_the_catalogue_back, Worn) {
    for (const std::size_t meta : {0U, 1U})
        for (unsigned bit = 0; bit < 64; ++bit) {
            const std::size_t at = meta * page_bytes + 144 + bit / 8;
            BOOST_TEST(!with_flipped(at, bit % 8).empty(), "meta " << meta << " bit " << bit);
            change(at, bit % 8);
            BOOST_CHECK_EXCEPTION(Environment(file, options(false)), Error,
                                  is_error(ErrorCode::corrupt, "store.damaged"));
            change(at, bit % 8);
        }
    BOOST_CHECK_NO_THROW(Environment(file, options(false)));
}

// LMDB gives the page that a page says it is back to the free list: a living one, next time.
BOOST_FIXTURE_TEST_CASE(the_head_of_every_page_in_use_is_what_lmdb_wrote, Worn) {
    const Bytes all = bytes();
    std::size_t in_use = 0;
    for (std::size_t page = 2 * page_bytes; page < all.size(); page += page_bytes) {
        if (with_flipped(page + 10, 0).empty()) continue;  // a free page, or inside a big value
        ++in_use;
        for (const std::size_t at : {0U, 3U, 7U, 11U, 12U, 13U})
            BOOST_TEST(!with_flipped(page + at, static_cast<unsigned>(random() % 8)).empty(),
                       "page " << page / page_bytes << " byte " << at);
    }
    BOOST_TEST(in_use > 50U);
}

BOOST_FIXTURE_TEST_CASE(a_catalogue_cut_or_of_noise_is_a_finding, Worn) {
    const Bytes good = bytes();
    for (const std::size_t size : {0UL, 100UL, page_bytes, good.size() / 2}) {
        std::filesystem::resize_file(file, size);
        BOOST_TEST(!check_pages(file).empty(), "cut to " << size);
        std::ofstream(file, std::ios::binary)
            .write(text(good).data(), static_cast<std::streamsize>(good.size()));
    }
    std::ofstream(file, std::ios::binary) << std::string(good.size(), 'x');
    BOOST_TEST(!check_pages(file).empty());
}

BOOST_AUTO_TEST_SUITE_END()
