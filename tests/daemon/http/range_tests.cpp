#include "daemon/http/range.h"

#include <boost/test/unit_test.hpp>

using namespace custode::daemon;

namespace {

std::string said(std::string_view header, std::uint64_t size) {
    const auto range = parse_range(header, size);
    if (!range) return "ignored";
    if (std::holds_alternative<Unsatisfiable>(*range)) return "416";
    const auto& bytes = std::get<ByteRange>(*range);
    return std::to_string(bytes.first) + "-" + std::to_string(bytes.last);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(range_tests)

BOOST_AUTO_TEST_CASE(one_range_is_understood) {
    BOOST_TEST(said("bytes=0-0", 10) == "0-0");
    BOOST_TEST(said("bytes=2-5", 10) == "2-5");
    BOOST_TEST(said("bytes=2-", 10) == "2-9");
    BOOST_TEST(said("bytes=-3", 10) == "7-9");
    BOOST_TEST(said("bytes=-30", 10) == "0-9");
    BOOST_TEST(said("bytes=2-999", 10) == "2-9");
    BOOST_TEST(said("bytes=9-9", 10) == "9-9");
    BOOST_TEST((ByteRange{2, 5}.length() == 4));
}

BOOST_AUTO_TEST_CASE(what_lies_outside_cannot_be_satisfied) {
    BOOST_TEST(said("bytes=10-", 10) == "416");
    BOOST_TEST(said("bytes=10-20", 10) == "416");
    BOOST_TEST(said("bytes=-0", 10) == "416");
    BOOST_TEST(said("bytes=0-", 0) == "416");
    BOOST_TEST(said("bytes=-5", 0) == "416");
}

BOOST_AUTO_TEST_CASE(everything_else_is_ignored) {
    for (const char* header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=5-2", "bytes=1-2,4-5", "bytes= 1-2",
          "bytes=1-2 ", "Bytes=1-2", "items=1-2", "bytes=a-b", "bytes=1-b", "bytes=+1-2",
          "bytes=1--2", "bytes=--2", "bytes=0x1-2", "bytes=9999999999999999999-", "bytes=1-2-3"}) {
        BOOST_TEST_CONTEXT(header) { BOOST_TEST(said(header, 10) == "ignored"); }
    }
}

BOOST_AUTO_TEST_SUITE_END()
