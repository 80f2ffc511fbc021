#include "daemon/http/census.h"
#include "tests/daemon/http/world.h"

#include <boost/test/unit_test.hpp>

#include <deque>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

namespace {

constexpr int many = 30;

/// Connections that stop after the same bytes.
std::deque<Client> crowd(const RunningServer& world, std::string_view bytes,
                         std::optional<Client::Tls> kind = {}, int size = many) {
    std::deque<Client> clients;
    for (int i = 0; i < size; ++i) {
        Client& client = clients.emplace_back(world.port(), kind.value_or(world.kind()), 4096);
        BOOST_REQUIRE(client.send(bytes));
    }
    return clients;
}

Deadlines long_deadlines() {
    return {.handshake = patience, .head = patience, .idle = patience, .grace = patience};
}

bool is_served(const RunningServer& world) {
    const auto start = std::chrono::steady_clock::now();
    Client client(world.port(), world.kind());
    client.send(world.get("/"));
    return client.answer().body == "hello" && std::chrono::steady_clock::now() - start < 2s;
}

const std::string half_a_hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
const std::string slow_body = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx";

}  // namespace

BOOST_AUTO_TEST_SUITE(crowd_tests)

BOOST_AUTO_TEST_CASE(half_a_handshake_and_half_a_head_hold_no_thread) {
    RunningServer world(true, {.threads_max = 2}, long_deadlines());
    const auto hellos = crowd(world, half_a_hello, Client::Tls::none);
    const auto heads = crowd(world, "GET / HT");
    BOOST_TEST(eventually([&] {
        return world.server->counters().connections_parked == hellos.size() + heads.size();
    }));
    BOOST_TEST(world.server->counters().threads_busy == 0U);
    BOOST_TEST(is_served(world));
}

BOOST_AUTO_TEST_CASE(a_head_may_come_in_pieces) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls, {.threads_max = 1});
        Client client(world.port(), world.kind());
        const std::string request = world.get("/");
        for (const char byte : request + request) {
            client.send(std::string_view(&byte, 1));
            std::this_thread::sleep_for(1ms);
        }
        BOOST_TEST(client.answer().body == "hello");
        BOOST_TEST(client.answer().body == "hello");
    }
}

BOOST_AUTO_TEST_CASE(who_was_refused_and_stays_holds_no_thread) {
    Deadlines deadlines = short_deadlines();
    deadlines.linger = patience;
    RunningServer world(true, {.threads_max = 2}, deadlines);
    const auto refused = crowd(world, "nonsense\r\n\r\n");
    BOOST_TEST(
        eventually([&] { return world.server->counters().connections_parked == refused.size(); }));
    BOOST_TEST(is_served(world));
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_body_or_a_reader_takes_no_thread_from_others) {
    RunningServer world(true, {.threads_max = 2}, long_deadlines());
    const auto writers = crowd(world, slow_body);
    const auto readers = crowd(world, world.get("/large/1000000"), {}, 10);
    BOOST_TEST(eventually(
        [&] { return world.server->counters().threads_busy == writers.size() + readers.size(); }));
    BOOST_TEST(is_served(world));
}

BOOST_AUTO_TEST_CASE(of_those_who_are_waited_for_the_slowest_are_cut) {
    RunningServer world(false, {.threads_max = 2, .waits_max = 5}, long_deadlines());
    auto writers = crowd(world, slow_body);
    BOOST_TEST(writers.front().answer().body == "body.too_slow");  // told, and before its deadline
    BOOST_TEST(eventually([&] { return world.server->counters().threads_busy == 5; }));
    BOOST_TEST(world.server->counters().cut(Cut::body_slow) == many - 5U);
    BOOST_TEST(world.server->counters().threads <= 2U + 5U);
    BOOST_TEST(writers.back().send("xxxx"));
    BOOST_TEST(writers.back().answer().body == "xxxxx");
}

BOOST_AUTO_TEST_CASE(when_full_the_address_with_most_connections_makes_room) {
    RunningServer world(false, {.connections_max = 4}, long_deadlines());
    Client alone(world.port(), Client::Tls::none, 0, "127.0.0.2");
    alone.send(world.get("/"));  // the longest idle of all
    BOOST_TEST(alone.answer().status == 200);
    const auto others = crowd(world, world.get("/"), {}, 3);
    BOOST_TEST(eventually([&] { return world.server->counters().connections_parked == 4; }));
    BOOST_TEST(is_served(world));
    BOOST_TEST(world.server->counters().cut(Cut::evicted) == 1U);
    alone.send(world.get("/"));
    BOOST_TEST(alone.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(when_full_who_comes_with_many_displaces_nobody_who_comes_with_few) {
    RunningServer world(false, {.connections_max = 3}, long_deadlines());
    Client alone(world.port(), Client::Tls::none, 0, "127.0.0.2");
    alone.send(world.get("/"));
    BOOST_TEST(alone.answer().status == 200);
    BOOST_TEST(eventually([&] { return world.server->counters().connections_parked == 1; }));
    const auto busy = crowd(world, slow_body, {}, 2);
    BOOST_TEST(eventually([&] { return world.server->counters().threads_busy == 2; }));
    Client refused(world.port());
    BOOST_TEST(refused.ended_within(patience));
    BOOST_TEST(world.server->counters().cut(Cut::total_cap) == 1U);
    alone.send(world.get("/"));
    BOOST_TEST(alone.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(the_census_counts_a_crowd) {
    Census census(10, 5);
    const Census::Admission first = census.admit("192.0.2.1");
    {
        const Census::Admission second = census.admit("192.0.2.1");
        const Census::Admission other = census.admit("192.0.2.2");
        BOOST_TEST(census.crowd(first.ticket) == 2U);
        BOOST_TEST(census.crowd("192.0.2.1") == 2U);
        BOOST_TEST(census.crowd("192.0.2.3") == 0U);
        BOOST_TEST(census.crowd(other.ticket) == 1U);
        BOOST_TEST(Census::key(first.ticket) == "192.0.2.1");
    }
    BOOST_TEST(census.crowd(first.ticket) == 1U);
    BOOST_TEST(census.total() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
