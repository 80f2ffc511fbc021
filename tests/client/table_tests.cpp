#include "client/cli/table.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {
namespace {

const std::vector<std::string> heading{"data", "tipo", "dal", "id", "oggetto"};
const std::string id(36, 'a');
const std::vector<std::vector<std::string>> rows{
    {"2026-03-12", "decreto", "", id, "una frase che non sta tutta in fondo alla riga"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(table_tests)

BOOST_AUTO_TEST_CASE(a_pipe_and_a_wide_terminal_get_one_line_a_row) {
    const std::string plain =
        "data        tipo     dal  id                                    oggetto\n"
        "2026-03-12  decreto       " +
        id + "  una frase che non sta tutta in fondo alla riga\n";
    BOOST_TEST(table_text(heading, rows, 0) == plain);
    BOOST_TEST(table_text(heading, rows, 200) == plain);
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_gets_more_lines_a_row_and_no_empty_column) {
    BOOST_TEST(table_text(heading, rows, 60) ==
               "data        tipo     id\n"
               "  oggetto\n"
               "2026-03-12  decreto  " +
                   id + "\n  una frase che non sta tutta in fondo alla riga\n");
    BOOST_TEST(table_text(heading, rows, 50) ==
               "data        tipo\n  id\n  oggetto\n2026-03-12  decreto\n  " + id +
                   "\n  una frase che non sta tutta in fondo alla riga\n");
}

BOOST_AUTO_TEST_CASE(the_last_column_is_broken_at_words_below_itself) {
    const std::vector<std::vector<std::string>> two{{"uno", "parole à à à à à à che vanno a capo"}};
    BOOST_TEST(table_text({"id", "testo"}, two, 36) ==
               "id   testo\nuno  parole à à à à à à che vanno a\n     capo\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_broken_stays_whole) {
    const std::string word(70, 'w');
    BOOST_TEST(table_text({"a", "b"}, {{"1", word}}, 40).find(word) != std::string::npos);
    BOOST_TEST(table_text({"a"}, {}, 40) == "a\n");
}

BOOST_AUTO_TEST_CASE(every_line_fits_when_words_allow) {
    for (std::size_t width = 45; width < 130; ++width) {
        const std::string text = table_text(heading, rows, width);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            BOOST_TEST(end - at <= width);
            at = end + 1;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
