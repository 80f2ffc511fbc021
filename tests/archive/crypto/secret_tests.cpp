#include "archive/crypto/secret.h"

#include "archive/base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace custode;
using namespace custode::crypto;

static_assert(!std::is_copy_constructible_v<SealingKey>);
static_assert(!std::is_copy_assignable_v<SealingKey>);
static_assert(!std::is_convertible_v<SigningSeed, SealingKey>);
static_assert(!std::is_convertible_v<Kek, SealingKey>);

namespace {

/// Reads our own memory as a root debugger would; empty when the kernel refuses.
Bytes read_as_debugger(BytesView where) {
    const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    Bytes bytes(where.size());
    const auto place = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(where.data()));
    const ssize_t got = pread(memory, bytes.data(), bytes.size(), place);
    close(memory);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

/// The VmFlags line of the mapping that holds an address.
std::string mapping_flags(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        unsigned long from = 0, to = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2 && line.find('-') < 20)
            inside = from <= wanted && wanted < to;
        if (inside && line.starts_with("VmFlags:")) return line + " ";
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secret_tests)

BOOST_AUTO_TEST_CASE(a_secret_starts_zeroed_and_is_wiped_when_it_ends) {
    const std::uint8_t* where = nullptr;
    {
        const auto secret = SealingKey::from(Bytes(32, 9));
        where = secret.view().data();
        BOOST_TEST(where[31] == 9);
    }
    BOOST_TEST(where[0] == 0);
    BOOST_TEST(where[31] == 0);
    const SealingKey fresh;
    BOOST_TEST((copy(fresh.view()) == Bytes(32, 0)));
}

BOOST_AUTO_TEST_CASE(random_secrets_differ_and_a_duplicate_is_a_second_place) {
    const auto a = SealingKey::random();
    const auto b = SealingKey::random();
    const auto again = a.duplicate();
    BOOST_TEST((copy(a.view()) != copy(b.view())));
    BOOST_TEST((copy(a.view()) == copy(again.view())));
    BOOST_TEST(a.view().data() != again.view().data());
}

BOOST_AUTO_TEST_CASE(the_arena_is_locked_left_out_of_cores_and_of_children) {
    const auto secret = SealingKey::random();
    const std::string flags = mapping_flags(secret.view().data());
    BOOST_TEST(flags.find(" lo ") != std::string::npos);
    BOOST_TEST(flags.find(" dd ") != std::string::npos);
    BOOST_TEST(flags.find(" dc ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(secret_memory_cannot_be_read_by_a_debugger_where_the_status_says_so) {
    const auto secret = SealingKey::random();
    const Bytes seen = read_as_debugger(secret.view());
    if (arena_kind() == ArenaKind::memfd_secret)
        BOOST_TEST(seen.empty());
    else
        BOOST_TEST((seen == copy(secret.view())));  // locked memory promises no more than that
}

BOOST_AUTO_TEST_CASE(slots_are_given_back_and_a_full_arena_refuses) {
    std::vector<SecretMemory> held;
    for (;;) {
        try {
            held.emplace_back();
        } catch (const Error& error) {
            BOOST_TEST(error.name() == "arena.full");
            break;
        }
    }
    BOOST_TEST(held.size() > 60'000U);
    held.clear();
    BOOST_CHECK_NO_THROW(SealingKey::random());
}

BOOST_AUTO_TEST_CASE(threads_never_share_a_slot) {
    std::vector<std::jthread> threads;
    std::atomic<int> torn{0};
    for (std::uint8_t mark = 1; mark <= 4; ++mark)
        threads.emplace_back([mark, &torn] {
            for (int round = 0; round < 2000; ++round) {
                const auto secret = SealingKey::from(Bytes(32, mark));
                for (const std::uint8_t byte : secret.view()) torn += byte != mark ? 1 : 0;
            }
        });
    threads.clear();
    BOOST_TEST(torn == 0);
}

BOOST_AUTO_TEST_SUITE_END()
