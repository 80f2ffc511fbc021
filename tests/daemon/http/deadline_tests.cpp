#include "tests/daemon/http/world.h"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <deque>
#include <fstream>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

namespace {

using Steady = std::chrono::steady_clock;

bool is_served(const RunningServer& world) {
    Client client(world.port(), world.kind());
    client.send(world.get("/"));
    return client.answer().body == "hello";
}

/// Sends `bytes` one by one until the server closes; returns how long that took.
Steady::duration drip(Client& client, std::string_view bytes, std::chrono::milliseconds pause) {
    const auto start = Steady::now();
    for (const char byte : bytes) {
        if (!client.send(std::string_view(&byte, 1))) break;
        if (client.ended_within(pause)) break;
    }
    return Steady::now() - start;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deadline_tests)

BOOST_AUTO_TEST_CASE(a_dripped_head_ends_in_total_while_others_are_served) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls, {.threads_max = 4});
        Client slow(world.port(), world.kind());
        slow.send("G");
        BOOST_TEST(is_served(world));
        if (!tls) {
            const auto took = drip(slow, std::string(100, 'E'), 20ms);
            BOOST_TEST((took < 1500ms));  // 100 bytes would have taken 2 s
        } else {
            BOOST_TEST(slow.answer().status == 408);
        }
        BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::head_slow) == 1; }));
    }
}

BOOST_AUTO_TEST_CASE(a_client_that_says_nothing_is_let_go) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls);
        Client silent(world.port());
        BOOST_TEST(silent.ended_within(1500ms));
        BOOST_TEST(world.server->counters().cut(Cut::handshake) == 1);
        BOOST_TEST(world.server->counters().threads == 0);  // it never had a thread
    }
}

BOOST_AUTO_TEST_CASE(a_dripped_tls_handshake_ends_in_total) {
    RunningServer world(true, {.threads_max = 2});
    Client slow(world.port());
    const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    BOOST_TEST((drip(slow, hello + std::string(200, 'x'), 20ms) < 1500ms));
    BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::handshake) == 1; }));
    BOOST_TEST(is_served(world));
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_let_go) {
    Deadlines deadlines = short_deadlines();
    deadlines.idle = 200ms;
    RunningServer world(true, {}, deadlines);
    Client client(world.port(), world.kind());
    client.send(world.get("/"));
    BOOST_TEST(client.answer().status == 200);
    BOOST_TEST(client.receive().empty());  // close_notify, not a reset
    BOOST_TEST(world.server->counters().cut(Cut::idle) == 1);
}

BOOST_AUTO_TEST_CASE(a_browser_may_connect_ahead_of_its_first_request) {
    RunningServer world(true);
    Client client(world.port(), world.kind());
    BOOST_TEST(!client.ended_within(600ms));  // beyond the head's deadline, within the idle one
    client.send(world.get("/"));
    BOOST_TEST(client.answer().body == "hello");
}

BOOST_AUTO_TEST_CASE(a_body_below_the_pace_is_cut_and_the_client_told) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls);
        Client slow(world.port(), world.kind());
        slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
                  std::string(1000, 'x'));
        const Answer answer = slow.answer();
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.body == "body.too_slow");
        BOOST_TEST(answer.closes());
        BOOST_TEST(world.server->counters().cut(Cut::body_slow) == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_dripped_body_is_cut_in_total) {
    RunningServer world;
    Client slow(world.port());
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    BOOST_TEST((drip(slow, std::string(200, 'x'), 20ms) < 2000ms));  // 200 bytes: 4 s
    BOOST_TEST(world.last_error == "body.too_slow");
}

BOOST_AUTO_TEST_CASE(a_body_at_the_pace_is_taken_although_it_lasts) {
    Deadlines deadlines = short_deadlines();
    deadlines.grace = 200ms;
    RunningServer world(false, {}, deadlines);
    Client steady(world.port());
    constexpr int pieces = 30;
    steady.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                std::to_string(pieces * 1024) + "\r\n\r\n");
    const auto start = Steady::now();
    for (int i = 0; i < pieces; ++i) {  // 1 KiB every 20 ms: 50 KiB/s, three times the pace
        steady.send(std::string(1024, 'x'));
        if (i + 1 < pieces) BOOST_REQUIRE(!steady.ended_within(20ms));
    }
    BOOST_TEST((Steady::now() - start > deadlines.grace));
    BOOST_TEST(steady.answer().body.size() == pieces * 1024);
}

BOOST_AUTO_TEST_CASE(a_client_that_never_reads_loses_its_connection) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls, {.threads_max = 1});
        Client deaf(world.port(), world.kind(), 4096);
        deaf.send(world.get("/large/20000000"));
        BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::reader_slow) == 1; }));
        BOOST_TEST(is_served(world));  // the one thread is free again
    }
}

// A fast start must not buy a long sleep: the allowance never holds more than the grace.
BOOST_AUTO_TEST_CASE(a_client_that_stops_reading_after_a_fast_start_is_let_go) {
    RunningServer world(true, {.threads_max = 1});
    Client client(world.port(), world.kind());
    client.send(world.get("/large/40000000"));
    std::size_t got = 0;
    while (got < 10'000'000) got += client.receive().size();
    const auto start = Steady::now();
    BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::reader_slow) == 1; }));
    BOOST_TEST((Steady::now() - start < 3000ms));  // 10 MB at the pace would be ten minutes
}

BOOST_AUTO_TEST_CASE(two_hundred_idle_connections_do_not_stop_others) {
    Deadlines deadlines = short_deadlines();
    deadlines.idle = patience;
    for (const bool tls : {false, true}) {
        RunningServer world(tls, {.threads_max = 4, .connections_per_address_max = 500}, deadlines);
        std::deque<Client> idle;
        for (int i = 0; i < 200; ++i) {
            Client& client = idle.emplace_back(world.port(), world.kind());
            client.send(world.get("/"));
            BOOST_REQUIRE(client.answer().status == 200);
        }
        const auto start = Steady::now();
        BOOST_TEST(is_served(world));
        BOOST_TEST((Steady::now() - start < 500ms));
        BOOST_TEST(world.server->counters().threads <= 4);
        BOOST_TEST(eventually([&] { return world.server->counters().connections_parked >= 200; }));
        idle.front().send(world.get("/"));
        BOOST_TEST(idle.front().answer().body == "hello");  // and they are still good
    }
}

BOOST_AUTO_TEST_CASE(one_address_has_only_so_many_connections) {
    RunningServer world(false, {.connections_per_address_max = 3});
    std::deque<Client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(world.port()).send(world.get("/"));
        BOOST_TEST(clients.back().answer().status == 200);
    }
    Client refused(world.port());
    BOOST_TEST(refused.ended_within(patience));
    BOOST_TEST(world.server->counters().cut(Cut::address_cap) == 1);
    clients.pop_front();  // one leaves, one may come
    BOOST_TEST(eventually([&] { return world.server->counters().connections_open == 2; }));
    BOOST_TEST(is_served(world));
}

BOOST_AUTO_TEST_CASE(when_full_the_longest_idle_makes_room) {
    RunningServer world(false, {.connections_max = 3});
    std::deque<Client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(world.port()).send(world.get("/"));
        BOOST_TEST(clients.back().answer().status == 200);
        BOOST_TEST(eventually([&] {
            return world.server->counters().connections_parked == static_cast<std::size_t>(i) + 1;
        }));
    }
    BOOST_TEST(is_served(world));
    BOOST_TEST(world.server->counters().cut(Cut::evicted) == 1);
    BOOST_TEST(clients[0].ended_within(patience));
    clients[2].send(world.get("/"));
    BOOST_TEST(clients[2].answer().status == 200);
}

BOOST_AUTO_TEST_CASE(when_full_of_busy_ones_the_next_is_refused) {
    RunningServer world(false, {.connections_max = 2});
    std::deque<Client> busy;
    for (int i = 0; i < 2; ++i) {
        busy.emplace_back(world.port())
            .send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    }
    BOOST_TEST(eventually([&] { return world.server->counters().threads_busy == 2; }));
    Client refused(world.port());
    BOOST_TEST(refused.ended_within(patience));
    BOOST_TEST(world.server->counters().cut(Cut::total_cap) == 1);
}

BOOST_AUTO_TEST_CASE(who_waited_too_long_for_a_thread_is_told_to_come_back) {
    Deadlines deadlines = short_deadlines();
    deadlines.queue = 50ms;
    RunningServer world(false, {.threads_max = 1}, deadlines);
    Client known(world.port());
    known.send(world.get("/"));
    BOOST_TEST(known.answer().status == 200);
    BOOST_TEST(eventually([&] { return world.server->counters().connections_parked == 1; }));
    Client busy(world.port());
    busy.send(world.get("/work/300"));
    BOOST_TEST(eventually([&] { return world.executed == 2; }));
    known.send(world.get("/"));  // waits until the one thread has done its work
    const Answer answer = known.answer();
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.header("Retry-After").value() == "5");
    BOOST_TEST(world.server->counters().cut(Cut::overload) == 1);
    BOOST_TEST(eventually([&] { return world.server->counters().threads_busy == 0; }));
    BOOST_TEST(is_served(world));
}

namespace {

/// Takes every descriptor of the process but `spare`, until the end of the scope.
struct NoDescriptors {
    explicit NoDescriptors(std::size_t spare) {
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit tight = before;
        tight.rlim_cur = 256;
        ::setrlimit(RLIMIT_NOFILE, &tight);
        for (int taken = 0; (taken = ::dup(0)) >= 0;) fillers.push_back(taken);
        for (; spare > 0; --spare) drop();
    }
    ~NoDescriptors() {
        while (!fillers.empty()) drop();
        ::setrlimit(RLIMIT_NOFILE, &before);
    }
    void drop() {
        ::close(fillers.back());
        fillers.pop_back();
    }
    rlimit before{};
    std::vector<int> fillers;
};

std::chrono::microseconds processor_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace

BOOST_AUTO_TEST_CASE(running_out_of_descriptors_is_survived_without_spinning) {
    RunningServer world;
    std::optional<NoDescriptors> shortage(std::in_place, 1);
    Client hungry(world.port());  // takes the last one; the kernel has accepted, we cannot
    hungry.send(world.get("/"));
    BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::descriptors) >= 1; }));
    const auto spent = processor_time();
    std::this_thread::sleep_for(300ms);
    BOOST_TEST((processor_time() - spent < 150ms));
    shortage.reset();
    BOOST_TEST(hungry.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_gives_its_descriptor_to_who_needs_it) {
    RunningServer world;
    Client idle(world.port());
    idle.send(world.get("/"));
    BOOST_TEST(idle.answer().status == 200);
    BOOST_TEST(eventually([&] { return world.server->counters().connections_parked == 1; }));
    const NoDescriptors shortage(1);
    Client hungry(world.port());
    hungry.send(world.get("/"));
    BOOST_TEST(hungry.answer().status == 200);
    BOOST_TEST(world.server->counters().cut(Cut::evicted) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
