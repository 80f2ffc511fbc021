#include "client/cli/pins.h"

#include "client/cli/problem.h"
#include "tests/archive/proof/signing.h"
#include "tests/archive/proof/trees.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {
namespace {

using proof::testing::NaiveTree;
using proof::testing::TestLog;

constexpr const char* server = "https://127.0.0.1:8443";

struct World {
    TestLog key{"custode.example/1", 1};
    TestLog other_key{"custode.example/1", 2};
    NaiveTree log = NaiveTree::numbered(7);
    NaiveTree fork = log;
    Pins pins;

    World() { fork.leaves[2] = proof::leaf_hash(view("another history")); }

    std::string note(const NaiveTree& of, std::uint64_t size) const {
        return key.checkpoint(size, of.root(size));
    }
    void begin_at(std::uint64_t size) {
        pins.meet(server, key.key, std::nullopt);
        pins.advance(key.key, note(log, size), {});
    }
};

auto has_code(const std::string& code) {
    return [code](const Problem& problem) {
        return problem.code() == code && problem.exit() == Exit::integrity;
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pins_tests)

BOOST_FIXTURE_TEST_CASE(the_first_meeting_pins_key_and_checkpoint, World) {
    begin_at(3);
    BOOST_TEST((pins.key_of(server) == key.key));
    BOOST_TEST(pins.last(key.key)->size == 3u);
    BOOST_TEST(!pins.key_of("https://altro:8443").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_log_that_grew_moves_the_pin, World) {
    for (std::uint64_t from = 1; from <= 7; ++from) {
        for (std::uint64_t to = from; to <= 7; ++to) {
            World fresh;
            fresh.begin_at(from);
            fresh.pins.advance(key.key, note(log, to), log.subproof(from, 0, to, true));
            BOOST_TEST(fresh.pins.last(key.key)->size == to);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(another_history_is_refused_and_not_remembered, World) {
    begin_at(3);
    BOOST_CHECK_EXCEPTION(pins.advance(key.key, note(fork, 7), fork.subproof(3, 0, 7, true)),
                          Problem, has_code("history.forked"));
    BOOST_CHECK_EXCEPTION(pins.advance(key.key, note(log, 7), {}), Problem,
                          has_code("history.forked"));
    BOOST_CHECK_EXCEPTION(pins.advance(key.key, note(fork, 3), {}), Problem,
                          has_code("history.forked"));
    BOOST_TEST(pins.last(key.key)->size == 3u);
    BOOST_TEST((pins.last(key.key)->root == log.root(3)));
}

BOOST_FIXTURE_TEST_CASE(a_log_that_shrank_is_refused, World) {
    begin_at(5);
    BOOST_CHECK_EXCEPTION(pins.advance(key.key, note(log, 4), {}), Problem,
                          has_code("history.shrunk"));
    BOOST_TEST(pins.last(key.key)->size == 5u);
}

BOOST_FIXTURE_TEST_CASE(the_same_checkpoint_again_needs_no_proof, World) {
    begin_at(5);
    BOOST_CHECK_NO_THROW(pins.advance(key.key, note(log, 5), {}));
}

BOOST_FIXTURE_TEST_CASE(a_note_of_another_key_is_refused, World) {
    begin_at(3);
    const std::string foreign = other_key.checkpoint(4, log.root(4));
    BOOST_CHECK_EXCEPTION(pins.advance(key.key, foreign, log.subproof(3, 0, 4, true)), Problem,
                          has_code("checkpoint.bad"));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_changes_its_key_is_refused, World) {
    begin_at(3);
    BOOST_CHECK_EXCEPTION(pins.meet(server, other_key.key, std::nullopt), Problem,
                          has_code("key.changed"));
    BOOST_TEST((pins.key_of(server) == key.key));
}

BOOST_FIXTURE_TEST_CASE(a_new_key_is_taken_only_when_the_user_names_it, World) {
    begin_at(3);
    BOOST_CHECK_EXCEPTION(pins.meet(server, other_key.key, key.key), Problem,
                          has_code("key.unexpected"));
    pins.meet(server, other_key.key, other_key.key);
    BOOST_TEST((pins.key_of(server) == other_key.key));
    // What was known of the old log stays known: it is kept by key, not by address.
    BOOST_TEST(pins.last(key.key)->size == 3u);
}

BOOST_FIXTURE_TEST_CASE(pins_come_back_from_their_file, World) {
    begin_at(3);
    const Pins read = Pins::parse(pins.json());
    BOOST_TEST((read.key_of(server) == key.key));
    BOOST_TEST(read.last(key.key)->size == 3u);
    BOOST_TEST(read.json() == pins.json());
}

// A pin that no longer opens must not count as a server never met: that would accept anything.
BOOST_FIXTURE_TEST_CASE(a_damaged_memory_is_refused_not_forgotten, World) {
    begin_at(3);
    std::string damaged = pins.json();
    damaged.replace(damaged.find("\\n3\\n"), 5, "\\n2\\n");
    BOOST_CHECK_EXCEPTION(Pins::parse(damaged), Problem, has_code("pins.damaged"));
    BOOST_CHECK_EXCEPTION(Pins::parse("{}"), Problem, has_code("pins.damaged"));
    BOOST_CHECK_EXCEPTION(Pins::parse(""), Problem, has_code("pins.damaged"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
