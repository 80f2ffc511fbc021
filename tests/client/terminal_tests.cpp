#include "client/cli/terminal.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {

BOOST_AUTO_TEST_SUITE(terminal_tests)

BOOST_AUTO_TEST_CASE(plain_text_shows_as_it_is) {
    BOOST_TEST(visible("decreto n. 12/2026 – città, già.pdf") ==
               "decreto n. 12/2026 – città, già.pdf");
    BOOST_TEST(is_printable("Жанна 𝔘 李"));
}

BOOST_AUTO_TEST_CASE(escape_sequences_never_reach_the_terminal) {
    BOOST_TEST(visible("a\x1b[2Jb") == "a\\x1B[2Jb");
    BOOST_TEST(visible("a\nb\tc\rd") == "a\\nb\\tc\\rd");
    BOOST_TEST(visible(std::string_view("a\0b", 3)) == "a\\x00b");
    BOOST_TEST(visible("\x7f") == "\\x7F");
    BOOST_TEST(visible("\xC2\x9B"
                       "31m") == "\\u{009B}31m");  // CSI as one C1 character
}

BOOST_AUTO_TEST_CASE(long_lines_are_broken_below_their_second_column) {
    const std::string words(40, 'w');
    BOOST_TEST(broken("  --name NOME     " + words + " però un altro\n", 62, {}) ==
               "  --name NOME     " + words + "\n                  però un altro\n");
    BOOST_TEST(broken(words + " " + words, 60, {}) == words + "\n" + words);
    BOOST_TEST(broken(words + words, 60, {}) == words + words);  // no space to break at
}

BOOST_AUTO_TEST_CASE(commands_to_copy_and_narrow_terminals_break_nothing) {
    const std::string line = "  custode " + std::string(40, 'a') + " " + std::string(40, 'b');
    BOOST_TEST(broken(line, 80, "  custode a") == line);
    BOOST_TEST(broken(line, 80, "  custode b") != line);
    BOOST_TEST(broken(line, 59, {}) == line);
    BOOST_TEST(broken(line, 0, {}) == line);
}

BOOST_AUTO_TEST_CASE(marks_that_reverse_the_reading_order_are_shown) {
    BOOST_TEST(visible("atto\u202Efdp.exe") == "atto\\u{202E}fdp.exe");
    BOOST_TEST(!is_printable("a\u2066b"));
    BOOST_TEST(!is_printable("a\u200Fb"));
    BOOST_TEST(!is_printable("a\u2028b"));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_shown_one_by_one) {
    BOOST_TEST(visible("caff\xE8") == "caff\\xE8");
    BOOST_TEST(visible("\xC0\xAF") == "\\xC0\\xAF");           // overlong
    BOOST_TEST(visible("\xED\xA0\x80") == "\\xED\\xA0\\x80");  // a surrogate
    BOOST_TEST(visible("\xE2\x82") == "\\xE2\\x82");           // cut short
}

BOOST_AUTO_TEST_CASE(the_escaped_form_has_one_meaning) {
    BOOST_TEST(visible("a\\nb") == "a\\\\nb");
    BOOST_TEST(visible("a\\nb") != visible("a\nb"));
    BOOST_TEST(is_printable("a\\b"));
}

BOOST_AUTO_TEST_CASE(texts_are_cut_and_filled_by_characters_not_bytes) {
    BOOST_TEST(columns("città") == 5u);
    BOOST_TEST(fitted("città", 7) == "città  ");
    BOOST_TEST(fitted("città", 5) == "città");
    BOOST_TEST(fitted("città vecchia", 5) == "citt…");
    BOOST_TEST(columns(fitted("àèìòùàèìòù", 4)) == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
