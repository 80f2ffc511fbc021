#include "daemon/http/head.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::daemon;

namespace {

int status_of(std::string_view bytes) {
    const auto result = parse_head(view(bytes));
    const auto* refused = std::get_if<Refusal>(&result);
    return refused == nullptr ? 200 : refused->status;
}

Head accepted(std::string_view bytes) {
    auto result = parse_head(view(bytes));
    if (const auto* refused = std::get_if<Refusal>(&result)) {
        BOOST_FAIL("refused: " << refused->code << " " << refused->detail);
    }
    return std::get<Head>(std::move(result));
}

std::string get(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(head_tests)

BOOST_AUTO_TEST_CASE(a_good_head_is_taken_apart) {
    const std::string text =
        "POST /api/v1/dossiers?limit=5 HTTP/1.1\r\nHOST: Archive.Example:8443\r\n"
        "Content-Length: 12\r\nAccept: text/html\r\naccept: application/json\r\n"
        "Cookie: a=b; c=d\r\nConnection: keep-alive\r\n\r\nbody follows";
    const Head head = accepted(text);
    BOOST_TEST(head.method == "POST");
    BOOST_TEST(head.target.path == "/api/v1/dossiers");
    BOOST_TEST(head.host == "archive.example:8443");
    BOOST_TEST(head.content_length == 12);
    BOOST_TEST(head.field("accept").value() == "text/html, application/json");
    BOOST_TEST(head.field("cookie").value() == "a=b; c=d");
    BOOST_TEST(head.bytes_count == text.size() - 12);
    BOOST_TEST(!head.wants_close);
    BOOST_TEST(!head.expects_continue);
    BOOST_TEST(!head.field("range").has_value());
}

BOOST_AUTO_TEST_CASE(connection_and_expect_are_understood) {
    BOOST_TEST(accepted(get("Connection: keep-alive, CLOSE\r\n")).wants_close);
    BOOST_TEST(!accepted(get("Connection: Upgrade, HTTP2-Settings\r\n")).wants_close);
    BOOST_TEST(status_of(get("Connection: host\r\n")) == 400);
    BOOST_TEST(status_of(get("Connection: close,,keep-alive\r\n")) == 400);
    BOOST_TEST(accepted(get("Expect: 100-Continue\r\n")).expects_continue);
    BOOST_TEST(status_of(get("Expect: 200-ok\r\n")) == 417);
}

BOOST_AUTO_TEST_CASE(lengths_are_the_shortest_decimal) {
    const auto post = [](std::string_view length) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
    };
    BOOST_TEST(accepted(post("0")).content_length == 0);
    BOOST_TEST(accepted(post("1125899906842624")).content_length == content_length_max);
    for (const char* length : {"1125899906842625", "18446744073709551616", "00", "05", "+5", "-5",
                               "5 5", "5,5", "0x5", "5.0", "", "five", "5\t5"}) {
        BOOST_TEST_CONTEXT(length) { BOOST_TEST(status_of(post(length)) == 400); }
    }
}

BOOST_AUTO_TEST_CASE(methods_decide_whether_there_is_a_body) {
    for (const std::string method : {"POST", "PUT", "PATCH"}) {
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\n\r\n") == 411);
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n") ==
                   200);
    }
    for (const std::string method : {"GET", "HEAD", "OPTIONS"}) {
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\n\r\n") == 200);
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n") ==
                   200);
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n") ==
                   400);
    }
    BOOST_TEST(status_of("DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n") == 200);
    for (const std::string method : {"TRACE", "CONNECT", "BREW", "Get", "GETT", "M-SEARCH"}) {
        BOOST_TEST(status_of(method + " / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
    }
}

BOOST_AUTO_TEST_CASE(only_one_version_is_spoken) {
    for (const char* version : {"HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"}) {
        BOOST_TEST_CONTEXT(version) {
            BOOST_TEST(status_of("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n") == 505);
        }
    }
}

BOOST_AUTO_TEST_CASE(host_is_one_name_or_address) {
    const auto with_host = [](std::string_view host) {
        return status_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    };
    for (const char* host : {"a", "archive.example:443", "127.0.0.1", "[::1]", "[::1]:8443"}) {
        BOOST_TEST_CONTEXT(host) { BOOST_TEST(with_host(host) == 200); }
    }
    for (const char* host : {"", "a b", "a:", "a:1:2", "a:port", "a/b", "user@a", "[::1", "::1",
                             "[]", "[::1]x", "a:123456", "a,b", "a\"b", "[x]"}) {
        BOOST_TEST_CONTEXT(host) { BOOST_TEST(with_host(host) == 400); }
    }
    BOOST_TEST(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(size_and_count_have_exact_limits) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::size_t room = head_bytes_max - start.size() - 4;
    BOOST_TEST(status_of(start + std::string(room, 'x') + "\r\n\r\n") == 200);
    BOOST_TEST(status_of(start + std::string(room + 1, 'x') + "\r\n\r\n") == 431);
    std::string fields;
    for (std::size_t i = 1; i < fields_max; ++i) fields += "X" + std::to_string(i) + ": 1\r\n";
    BOOST_TEST(status_of(get(fields)) == 200);
    BOOST_TEST(status_of(get(fields + "One-More: 1\r\n")) == 431);
}

BOOST_AUTO_TEST_CASE(a_scan_can_resume_at_every_byte) {
    const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        const HeadScan first = scan_head(view(good).first(cut));
        BOOST_TEST((first.state == HeadScan::State::incomplete));
        const HeadScan second = scan_head(view(good), cut);
        BOOST_TEST((second.state == HeadScan::State::complete));
        BOOST_TEST(second.end == good.size());
    }
    BOOST_TEST((scan_head(view("GET / HTTP/1.1\n")).state == HeadScan::State::refused));
    BOOST_TEST((scan_head(view("\x16\x03\x01")).state == HeadScan::State::refused));
}

// A byte that differs in any place never turns a head into two, nor into a longer one.
BOOST_AUTO_TEST_CASE(no_single_changed_byte_moves_the_end_of_the_head_beyond_it) {
    const std::string good =
        "POST /a?b=c HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nAccept: x\r\n\r\n";
    std::size_t taken = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = good;
            changed[at] = static_cast<char>(byte);
            const auto result = parse_head(view(changed));
            const auto* head = std::get_if<Head>(&result);
            if (head == nullptr) continue;
            ++taken;
            BOOST_REQUIRE(head->bytes_count == good.size());
            BOOST_REQUIRE(!head->field("transfer-encoding").has_value());
            BOOST_REQUIRE(head->field("host").has_value());
        }
    }
    BOOST_TEST(taken > good.size());  // the sweep does reach what is accepted
}

BOOST_AUTO_TEST_SUITE_END()
