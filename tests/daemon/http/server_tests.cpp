#include "archive/base/error.h"
#include "tests/daemon/http/world.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

BOOST_AUTO_TEST_SUITE(server_tests)

BOOST_AUTO_TEST_CASE(an_answer_carries_the_fixed_headers_once) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/"));
    const Answer answer = client.answer();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "hello");
    for (const char* name : {"Date", "Cache-Control", "X-Content-Type-Options", "X-Frame-Options",
                             "Referrer-Policy", "Content-Security-Policy", "X-Correlation-Id"}) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(answer.header(name).has_value());
            const std::string start = std::string("\r\n") + name + ":";
            BOOST_TEST(answer.head.find(start) == answer.head.rfind(start));
        }
    }
    BOOST_TEST(!answer.header("Server").has_value());
    BOOST_TEST(!answer.header("Strict-Transport-Security").has_value());  // it is plain here
    BOOST_TEST(!answer.closes());
}

// Poco sets SO_REUSEPORT with SO_REUSEADDR: two daemons once shared a port and its connections.
BOOST_AUTO_TEST_CASE(a_port_that_another_server_has_is_refused) {
    const auto serve = [](const std::string& address) {
        ServerOptions options;
        options.address = address;
        return std::make_unique<Server>(options, std::vector<Route>{},
                                        [](Exchange&, std::exception_ptr) {});
    };
    for (const std::string host : {"127.0.0.1:", "[::1]:"}) {
        const auto first = serve(host + "0");
        BOOST_CHECK_EXCEPTION(serve(host + std::to_string(first->port())), Error,
                              [](const Error& error) { return error.name() == "listen.failed"; });
    }
}

BOOST_AUTO_TEST_CASE(requests_follow_each_other_on_one_connection) {
    RunningServer world(true);
    Client client(world.port(), world.kind());
    for (int i = 0; i < 5; ++i) {
        client.send(world.get("/"));
        BOOST_TEST(client.answer().body == "hello");
    }
    BOOST_TEST(world.server->counters().connections_accepted == 1);
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order) {
    RunningServer world;
    Client client(world.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none" + world.get("/") +
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo");
    BOOST_TEST(client.answer().body == "one");
    BOOST_TEST(client.answer().body == "hello");
    BOOST_TEST(client.answer().body == "two");
}

BOOST_AUTO_TEST_CASE(each_request_has_its_own_correlation_id) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/") + world.get("/"));
    const auto first = client.answer().header("X-Correlation-Id");
    const auto second = client.answer().header("X-Correlation-Id");
    BOOST_TEST(first.value().size() == 36);
    BOOST_TEST(first.value() != second.value());
}

BOOST_AUTO_TEST_CASE(parameters_and_queries_arrive_decoded) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/items/a%20b/parts/%C3%A0?q=x+y%26z"));
    BOOST_TEST(client.answer().body == "a b|\xc3\xa0|x y&z");
}

BOOST_AUTO_TEST_CASE(a_head_request_runs_the_get_route_and_has_no_body) {
    RunningServer world;
    Client client(world.port());
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + world.get("/"));
    const Answer head = client.answer(true);
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.header("Content-Length").value() == "5");
    BOOST_TEST(client.answer().body == "hello");  // and nothing was left in between
    client.send("HEAD /large/500000 HTTP/1.1\r\nHost: a\r\n\r\n" + world.get("/"));
    BOOST_TEST(client.answer(true).header("Content-Length").value() == "500000");
    BOOST_TEST(client.answer().body == "hello");
}

BOOST_AUTO_TEST_CASE(missing_routes_and_wrong_methods_are_problems) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/nowhere"));
    const Answer missing = client.answer();
    BOOST_TEST(missing.status == 404);
    BOOST_TEST(missing.header("Content-Type").value() == "application/problem+json");
    BOOST_TEST(missing.body.find("\"code\":\"route.none\"") != std::string::npos);
    client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
    const Answer wrong = client.answer();
    BOOST_TEST(wrong.status == 405);
    BOOST_TEST(wrong.header("Allow").value() == "GET, HEAD, OPTIONS");
    client.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    const Answer options = client.answer();
    BOOST_TEST(options.status == 204);
    BOOST_TEST(options.header("Allow").value() == "OPTIONS, POST");
    BOOST_TEST(!options.header("Content-Length").has_value());
    BOOST_TEST(world.executed == 0);
}

BOOST_AUTO_TEST_CASE(a_route_can_replace_a_fixed_header) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/page"));
    const Answer page = client.answer();
    BOOST_TEST(page.header("Content-Security-Policy").value() == "default-src 'self'");
    BOOST_TEST(page.head.find("sandbox") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(continue_is_sent_when_the_handler_reads_and_only_then) {
    RunningServer world;
    const std::string head =
        " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    Client reads(world.port());
    reads.send("POST /echo" + head);
    BOOST_TEST(reads.answer(true).status == 100);
    reads.send("12345");
    BOOST_TEST(reads.answer().body == "12345");
    Client refused(world.port());
    refused.send("POST /ignore" + head);
    const Answer answer = refused.answer();
    BOOST_TEST(answer.status == 403);
    BOOST_TEST(answer.closes());
}

BOOST_AUTO_TEST_CASE(an_unread_body_ends_the_connection_and_is_never_a_request) {
    for (const bool tls : {false, true}) {
        RunningServer world(tls);
        Client client(world.port(), world.kind());
        const std::string smuggled = world.get("/admin/smuggled");
        client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                    std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled);
        const Answer answer = client.answer();
        BOOST_TEST(answer.status == 403);
        BOOST_TEST(answer.closes());
        BOOST_TEST(client.ended_within(patience));
        BOOST_TEST(world.forbidden == 0);
    }
}

// Closing over unread bytes resets the connection, and the reset overtakes the answer.
BOOST_AUTO_TEST_CASE(a_client_in_the_middle_of_a_long_upload_can_read_its_refusal) {
    RunningServer world;
    Client client(world.port());
    client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
    client.send(std::string(4'000'000, 'x'));
    BOOST_TEST(client.answer().status == 403);
}

BOOST_AUTO_TEST_CASE(a_body_over_the_routes_limit_is_refused_before_the_handler) {
    RunningServer world;
    Client client(world.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
    BOOST_TEST(client.answer().status == 413);
    BOOST_TEST(world.executed == 0);
}

BOOST_AUTO_TEST_CASE(a_body_cut_in_the_middle_is_an_error_for_the_handler) {
    RunningServer world;
    Client client(world.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
    client.finish_sending();
    BOOST_TEST(client.answer().status == 400);
    BOOST_TEST(world.last_error == "body.cut");
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_reaches_the_error_handler) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/throws") + world.get("/silent") + world.get("/unsafe"));
    const Answer thrown = client.answer();
    BOOST_TEST(thrown.status == 503);
    BOOST_TEST(thrown.body == "test.thrown");
    BOOST_TEST(client.answer().status == 500);
    const Answer unsafe = client.answer();
    BOOST_TEST(unsafe.body == "header.unsafe");
    BOOST_TEST(!unsafe.header("Set-Cookie").has_value());
    BOOST_TEST(world.failed == 2);
}

BOOST_AUTO_TEST_CASE(an_answer_that_stays_short_ends_the_connection) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/short"));
    const Answer answer = client.answer();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "only this");
    BOOST_TEST(client.ended_within(patience));
}

BOOST_AUTO_TEST_CASE(a_large_download_is_byte_exact) {
    constexpr std::size_t size = 20'000'000;
    const Bytes expected = pattern_bytes(size);  // takes longer than a connection may idle
    for (const bool tls : {false, true}) {
        RunningServer world(tls);
        Client client(world.port(), world.kind());
        client.send(world.get("/large/" + std::to_string(size)));
        const Answer answer = client.answer();
        BOOST_TEST(answer.status == 200);
        BOOST_TEST((answer.body == text(expected)));
        client.send(world.get("/"));
        BOOST_TEST(client.answer().body == "hello");
        BOOST_TEST(world.server->counters().body_bytes_out == size + 5);
    }
}

BOOST_AUTO_TEST_CASE(a_body_comes_back_byte_exact_over_tls) {
    RunningServer world(true);
    Client client(world.port(), world.kind());
    const Bytes body = pattern_bytes(1'000'000);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    client.send(text(body));
    BOOST_TEST((client.answer().body == text(body)));
    BOOST_TEST(world.server->counters().body_bytes_in == 1'000'000);
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_for_it_gets_its_connection_closed) {
    RunningServer world;
    Client client(world.port());
    client.send(world.get("/", "Connection: Close\r\n"));
    BOOST_TEST(client.answer().closes());
    BOOST_TEST(client.ended_within(patience));
}

BOOST_AUTO_TEST_CASE(plain_http_is_served_on_loopback_only) {
    const auto ignore = [](Exchange&, std::exception_ptr) {};
    BOOST_CHECK_EXCEPTION(Server({.address = "0.0.0.0:0"}, {}, ignore), Error,
                          [](const Error& error) { return error.name() == "listen.bad"; });
    BOOST_CHECK_EXCEPTION(Server({.address = "localhost:0"}, {}, ignore), Error,
                          [](const Error& error) { return error.name() == "listen.bad"; });
    BOOST_CHECK_NO_THROW(Server({.address = "[::1]:0"}, {}, ignore));
}

BOOST_AUTO_TEST_CASE(a_server_can_insist_on_its_names) {
    const auto ignore = [](Exchange&, std::exception_ptr) {};
    const auto hello = [](Exchange& exchange) { exchange.reply(200, "text/plain", view("hi")); };
    Server server({.hosts_allowed = {"archive.example"}}, {{"GET", "/", hello}}, ignore);
    Client client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: Archive.Example:8443\r\n\r\n");
    BOOST_TEST(client.answer().status == 200);
    client.send("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n");
    BOOST_TEST(client.answer().status == 421);
}

BOOST_AUTO_TEST_SUITE_END()
