// tests/archive/exchange/csv_tests.cpp
#include "archive/exchange/csv.h"

#include <boost/test/unit_test.hpp>

using namespace custode::exchange;

BOOST_AUTO_TEST_SUITE(csv_tests)

BOOST_AUTO_TEST_CASE(a_table_has_a_mark_semicolons_quotes_and_crlf) {
    CsvTable table({"n", "oggetto"});
    table.row({"1", "decreto; \"urgente\""});
    BOOST_TEST(table.bytes() ==
               "\xEF\xBB\xBF\"n\";\"oggetto\"\r\n\"1\";\"decreto; \"\"urgente\"\"\"\r\n");
}

BOOST_AUTO_TEST_CASE(a_cell_that_would_be_a_formula_is_text) {
    for (const char* sign : {"=", "+", "-", "@", "＝", "＋", "－", "＠"}) {
        const std::string cell = std::string(sign) + "cmd|'/c calc'!A0";
        BOOST_TEST(neutralised(cell) == "'" + cell);
    }
}

// A zero-width space in front of "=" carried the attack past another product's first repair.
BOOST_AUTO_TEST_CASE(what_is_invisible_does_not_hide_a_formula) {
    for (const char* before : {" ", "\t", "\r", "\n", "\u00A0", "\u00AD", "\u200B", "\u200E",
                               "\u2060", "\u3000", "\uFE0F", "\uFEFF", "\u3164", "\U000E0041",
                               " \u200B\t\u2060 ", "\x01", "\u180E", "\u034F"}) {
        BOOST_TEST(neutralised(std::string(before) + "=1+1").starts_with("'"), before);
    }
}

BOOST_AUTO_TEST_CASE(ordinary_text_is_left_alone) {
    for (const char* cell : {"decreto", "E 12/2026", "1-2", "a=b", "'-", "è", "", "12/03/2026"}) {
        BOOST_TEST(neutralised(cell) == cell);
    }
}

BOOST_AUTO_TEST_CASE(a_line_end_cannot_start_a_row) {
    BOOST_TEST(neutralised("primo\r\n=secondo") == "primo  =secondo");
}

BOOST_AUTO_TEST_SUITE_END()
