#include "archive/records/password_rule.h"

#include "tests/archive/records/refusals.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::records;

namespace {

const std::vector<std::string> here = context_words("Comune di Valfinta");

std::string refusal(std::string_view password, std::string_view name = "maria.bianchi") {
    try {
        check_password(password, name, here);
        return {};
    } catch (const Error& error) {
        return error.name();
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(password_rule_tests)

BOOST_AUTO_TEST_CASE(sentences_and_random_letters_are_welcome) {
    for (const std::string_view good :
         {"una frase lunga di prova", "quattro sedie verdi ieri", "k7fq2-mzt9x-ab3wq-pp4hd",
          "a long first password", "Tre tigri, trentatré trattori", "мой дядя самых честных правил",
          "èàòùìéçñüöäß"})
        BOOST_TEST(refusal(good) == "", good);
}

BOOST_AUTO_TEST_CASE(length_is_counted_in_characters_and_bounded_in_bytes) {
    BOOST_TEST(refusal("") == "password.too_short");
    BOOST_TEST(refusal("xkqvzjwpfhm") == "password.too_short");
    BOOST_TEST(refusal("xkqvzjwpfhmb") == "");
    BOOST_TEST(refusal("èèèèèè") == "password.too_short");
    BOOST_TEST(refusal(std::string(1025, 'x')) == "password.too_long");
    std::string longest;
    while (longest.size() < 1016) longest += "frase" + std::to_string(longest.size());
    BOOST_TEST(refusal(longest) == "");
}

BOOST_AUTO_TEST_CASE(what_is_guessed_first_is_refused_however_it_is_spelt) {
    for (const std::string_view bad :
         {"password1234", "P@ssw0rd2026!", "PASSWORD PASSWORD", "qwertyuiop12", "123456789012",
          "aaaaaaaaaaaa", "èèèèèèèèèèèè", "xyzxyzxyzxyz", "Juventus1897!", "amministratore",
          "Ammini$tr4tore1", "abcdefghijkl", "zyxwvutsrqpo", "CambiaMi2026!", "GiuseppeMaria99",
          "Milano Milano Milano", "iloveyou iloveyou", "settembre2026"})
        BOOST_TEST(refusal(bad) == "password.too_common", bad);
}

BOOST_AUTO_TEST_CASE(so_are_the_town_the_product_and_the_account) {
    for (const std::string_view bad : {"Valfinta2026!!", "ComuneValfinta1", "custode.valfinta",
                                       "V4lf1nt4Comune", "BianchiMaria2026", "maria.bianchi99"})
        BOOST_TEST(refusal(bad) == "password.too_common", bad);
    BOOST_TEST(refusal("maria.bianchi") == "password.is_name");
    BOOST_TEST(refusal("neve e bianchi", "altri") == "");
    BOOST_TEST(refusal("neve e bianchi", "bianchi") == "");
    BOOST_TEST(refusal("nev.bianchi.", "bianchi") == "password.too_common");
    BOOST_TEST(refusal("nev.bianchi.", "altri") == "");
}

BOOST_AUTO_TEST_CASE(a_known_piece_counts_as_one_character) {
    BOOST_TEST(effective_length("password", {}) == 1U);
    BOOST_TEST(effective_length("xpasswordx", {}) == 3U);
    BOOST_TEST(effective_length("x1999x", {}) == 3U);
    BOOST_TEST(effective_length("kbkbkb", {}) == 2U);
    BOOST_TEST(effective_length("neve", {}) == 4U);
    BOOST_TEST(effective_length("neve", {"neve"}) == 1U);
    BOOST_TEST(effective_length("n3v3", {"neve"}) == 1U);
    BOOST_TEST(effective_length("", {}) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
