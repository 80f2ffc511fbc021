#include "archive/search/query.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::search;

BOOST_AUTO_TEST_SUITE(query_tests)

BOOST_AUTO_TEST_CASE(births_are_read_in_the_ways_they_are_typed) {
    for (const char* text : {"04/03/2012", "4/3/2012", "4-3-2012", "04.03.2012", "2012-03-04",
                             "4/3/12", "4 marzo 2012", "4 mar 2012", "4 MARZO 12"})
        BOOST_TEST((read_query(text, 2026).birth == (Day{2012, 3, 4})), text);
    BOOST_TEST((read_query("2012", 2026).birth == (Day{2012, 0, 0})));
    for (const char* text : {"30/02/2012", "31/04/2012", "13/13/2012", "1812", "99999"})
        BOOST_TEST(!read_query(text, 2026).birth.has_value(), text);
}

BOOST_AUTO_TEST_CASE(numbers_codes_and_words_are_told_apart) {
    const Query query = read_query("Rossi, Anna R.G.V.G. 567/25 2026/VII.11/000001 12/2024", 2026);
    BOOST_TEST(query.words == (std::vector<std::string>{"rossi", "anna"}),
               boost::test_tools::per_element());
    BOOST_REQUIRE(query.numbers.size() == 1U);
    BOOST_TEST(query.numbers[0].normal() == "VG 567/2025");
    BOOST_TEST(query.codes == (std::vector<std::string>{"2026/VII.11/000001"}),
               boost::test_tools::per_element());
    BOOST_REQUIRE(query.bare_numbers.size() == 1U);
    BOOST_TEST(query.bare_numbers[0].normal() == "12/2024");
    BOOST_TEST(read_query("proc. n. 567/2025 R.G.", 2026).words.empty());
    BOOST_TEST(read_query("n. rossi", 2026).words.size() == 2U);
    BOOST_TEST(read_query("2026/1", 2026).bare_numbers.at(0).normal() == "1/2026");
    BOOST_TEST(read_query("RSSMRA85T10A562S", 2026).tax_codes.at(0) == "RSSMRA85T10A562S");
    BOOST_TEST(read_query("rss mra 85t10 a562s", 2026).tax_codes.at(0) == "RSSMRA85T10A562S");
    BOOST_TEST(read_query("rssmra85", 2026).tax_codes.at(0) == "RSSMRA85");
    BOOST_TEST(read_query("80016350821", 2026).tax_codes.at(0) == "80016350821");
}

BOOST_AUTO_TEST_CASE(anything_may_be_typed) {
    for (const std::string& text : {std::string(), std::string("   "), std::string("\xFF\xFE"),
                                    std::string("---"), std::string("a\0b", 3), std::string("'")})
        (void)read_query(text, 2026);
    BOOST_TEST(read_query("---", 2026).is_empty());
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "ab ";
    BOOST_TEST(read_query(many, 2026).words.size() == query_words_max);
    BOOST_TEST(read_query(std::string(399, 'a') + "è", 2026).words.at(0).size() == 399U);
}

BOOST_AUTO_TEST_SUITE_END()
