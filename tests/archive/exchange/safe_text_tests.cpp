// tests/archive/exchange/safe_text_tests.cpp
#include "archive/exchange/safe_text.h"

#include <boost/test/unit_test.hpp>

using namespace custode::exchange;

BOOST_AUTO_TEST_SUITE(safe_text_tests)

BOOST_AUTO_TEST_CASE(well_formed_text_comes_back) {
    for (const char* text : {"", "a", "è così", "Ž 漢 𝄞", "\u0000", "\U0010FFFF"}) {
        BOOST_TEST(to_utf8(code_points(text)) == text);
    }
}

BOOST_AUTO_TEST_CASE(broken_bytes_become_visible) {
    for (const char* bad : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
        const std::u32string points = code_points(bad);
        BOOST_TEST(!points.empty());
        for (const char32_t c : points) BOOST_TEST(static_cast<unsigned>(c) == 0xFFFDU);
    }
}

BOOST_AUTO_TEST_CASE(html_keeps_no_character_of_its_own) {
    BOOST_TEST(html_escaped("<b a='x' c=\"y\">&amp;</b>") ==
               "&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;amp;&lt;/b&gt;");
}

BOOST_AUTO_TEST_CASE(marks_that_reorder_what_is_read_are_shown) {
    BOOST_TEST(one_line("atto\u202Efdp.exe") == "atto\uFFFDfdp.exe");
    BOOST_TEST(one_line("atto\u2067x") == "atto\uFFFDx");
    BOOST_TEST(one_line(std::string("a\0b", 3)) == "a\uFFFDb");
}

BOOST_AUTO_TEST_CASE(a_text_is_one_line) { BOOST_TEST(one_line("a\r\nb\tc\u2028d") == "a  b c d"); }

BOOST_AUTO_TEST_CASE(shortening_counts_characters_not_bytes) {
    BOOST_TEST(shortened("èèèè", 4) == "èèèè");
    BOOST_TEST(shortened("èèèèè", 4) == "èèè…");
}

BOOST_AUTO_TEST_SUITE_END()
