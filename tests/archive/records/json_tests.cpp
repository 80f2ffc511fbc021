#include "archive/records/json.h"

#include "tests/archive/records/refusals.h"

#include <nlohmann/json.hpp>

using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;

namespace {

std::string reading(const std::string& text) {
    return refusal([&] { (void)parse_json(text); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_tests)

BOOST_AUTO_TEST_CASE(well_formed_text_is_read_and_written_sorted) {
    BOOST_TEST(write_json(parse_json(R"( {"b":1,"a":["è",{"a":2}],"c":{"a":3}} )")) ==
               R"({"a":["è",{"a":2}],"b":1,"c":{"a":3}})");
}

BOOST_AUTO_TEST_CASE(a_member_named_twice_is_refused_at_every_depth) {
    BOOST_TEST(begins(reading(R"({"a":1,"a":2})"), "json.duplicate"));
    BOOST_TEST(begins(reading(R"({"x":[{"a":1,"b":{"c":1},"a":2}]})"), "json.duplicate"));
    BOOST_TEST(begins(reading(R"({"a":1,"\u0061":2})"), "json.duplicate"));
    BOOST_TEST(reading(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})") == "accepted");
}

BOOST_AUTO_TEST_CASE(depth_and_size_are_bounded) {
    BOOST_TEST(reading(std::string(16, '[') + std::string(16, ']')) == "accepted");
    BOOST_TEST(begins(reading(std::string(18, '[') + std::string(18, ']')), "json.too_deep"));
    BOOST_TEST(begins(reading(std::string(500'000, '[')), "json.too_deep"));
    BOOST_TEST(begins(reading(std::string(json_bytes_max + 1, ' ')), "json.too_large"));
}

BOOST_AUTO_TEST_CASE(malformed_text_is_refused_without_repeating_it) {
    for (const char* wrong : {"", "{", "{\"a\":}", "{\"a\":1}x", "{'a':1}", "nul", "[1,]",
                              "\"\xFF\"", "\"\\ud800\"", "{\"segreto\":01}", "NaN", "\xEF\xBB"})
        BOOST_TEST(reading(wrong) == "json.invalid: could not read the JSON: it is not well formed",
                   wrong);
}

BOOST_AUTO_TEST_SUITE_END()
