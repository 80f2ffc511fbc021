#include "tests/daemon/http/world.h"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

namespace {

/// A server whose one handler waits until it is let go.
struct HeldServer {
    HeldServer() {
        const auto handler = [this](Exchange& exchange) {
            entered.set_value();
            let_go.get_future().wait();
            exchange.reply(200, "text/plain", view("done"));
        };
        server = std::make_unique<Server>(ServerOptions{.deadlines = short_deadlines()},
                                          std::vector<Route>{{"GET", "/", handler}},
                                          [](Exchange&, std::exception_ptr) {});
    }
    std::promise<void> entered;
    std::promise<void> let_go;
    std::unique_ptr<Server> server;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stop_tests)

BOOST_AUTO_TEST_CASE(a_running_request_is_finished_and_a_new_one_not_accepted) {
    HeldServer world;
    const std::uint16_t port = world.server->port();
    Client client(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    world.entered.get_future().wait();
    auto stopped = std::async(std::launch::async, [&] { world.server->stop(patience); });
    BOOST_TEST(eventually([&] { return !Client(port).connected(); }));
    world.let_go.set_value();
    const Answer answer = client.answer();
    BOOST_TEST(answer.body == "done");
    BOOST_TEST(answer.closes());
    stopped.get();
}

BOOST_AUTO_TEST_CASE(a_request_beyond_the_grace_is_cut) {
    Deadlines patient;  // the defaults: nothing else would end this within the test
    RunningServer world(false, {}, patient);
    Client client(world.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    BOOST_TEST(eventually([&] { return world.executed == 1; }));
    const auto start = std::chrono::steady_clock::now();
    world.server->stop(100ms);
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2000ms));
    BOOST_TEST(world.last_error == "body.cut");
}

BOOST_AUTO_TEST_CASE(waiting_connections_end_at_once) {
    RunningServer world(true, {}, Deadlines{});
    Client idle(world.port(), world.kind());
    idle.send(world.get("/"));
    BOOST_TEST(idle.answer().status == 200);
    const auto start = std::chrono::steady_clock::now();
    world.server->stop(patience);
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2000ms));
    BOOST_TEST(idle.ended_within(patience));
    BOOST_TEST(world.server->counters().connections_open == 0);
    world.server->stop(patience);  // twice is once
}

BOOST_AUTO_TEST_SUITE_END()
