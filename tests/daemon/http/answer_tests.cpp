#include "daemon/http/answer.h"

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>

#include <regex>

using namespace custode;
using namespace custode::daemon;

BOOST_AUTO_TEST_SUITE(answer_tests)

BOOST_AUTO_TEST_CASE(a_head_is_written_as_rfc_9112_says) {
    const Headers more = {{"ETag", "\"1\""}};
    const std::string head = render({.status = 201,
                                     .content_type = "text/plain",
                                     .length = 7,
                                     .close = true,
                                     .layers = {&more}});
    const std::regex shape(
        "HTTP/1\\.1 201 Created\r\n"
        "Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z][a-z] \\d{4} \\d\\d:\\d\\d:\\d\\d "
        "GMT\r\n"
        "Connection: close\r\nContent-Length: 7\r\nContent-Type: text/plain\r\nETag: "
        "\"1\"\r\n\r\n");
    BOOST_TEST(std::regex_match(head, shape));
}

BOOST_AUTO_TEST_CASE(a_later_layer_replaces_a_name_in_any_case) {
    const Headers fixed = {{"Cache-Control", "no-store"}, {"A", "1"}};
    const Headers own = {{"cache-control", "max-age=60"}};
    const std::string head = render({.layers = {&fixed, &own}});
    BOOST_TEST(head.find("no-store") == std::string::npos);
    BOOST_TEST(head.find("cache-control: max-age=60\r\n") != std::string::npos);
    BOOST_TEST(head.find("A: 1\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_cookies_of_one_layer_are_both_sent) {
    const Headers cookies = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}};
    const std::string head = render({.layers = {&cookies}});
    BOOST_TEST(head.find("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(answers_without_a_body_have_no_length) {
    for (const int status : {204, 304}) {
        const std::string head = render({.status = status, .content_type = "text/plain"});
        BOOST_TEST(head.find("Content-") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(nothing_can_split_an_answer) {
    for (const std::string& value :
         {std::string("a\r\nB: c"), std::string("a\nb"), std::string("a\rb"),
          std::string("a\0b", 3), std::string("\x7f"), std::string("\xc3\xa0"),
          std::string("\t")}) {
        const Headers headers = {{"X", value}};
        BOOST_CHECK_EXCEPTION(render({.layers = {&headers}}), Error,
                              [](const Error& error) { return error.name() == "header.unsafe"; });
        BOOST_CHECK_THROW(render({.content_type = value}), Error);
    }
    for (const char* name : {"", "a b", "a:b", "a\r\n"}) {
        const Headers headers = {{name, "x"}};
        BOOST_CHECK_THROW(render({.layers = {&headers}}), Error);
    }
}

BOOST_AUTO_TEST_CASE(a_plain_problem_is_json_with_a_stable_code) {
    BOOST_TEST(
        plain_problem({404, "route.none", "nothing \"here\"", "id", ""}) ==
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
        "\"code\":\"route.none\",\"detail\":\"nothing \\\"here\\\"\",\"correlation_id\":\"id\"}");
}

BOOST_AUTO_TEST_SUITE_END()
