#include "archive/records/folding.h"

#include "tests/archive/records/refusals.h"

using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;

BOOST_AUTO_TEST_SUITE(folding_tests)

BOOST_AUTO_TEST_CASE(spellings_of_one_name_fold_to_one) {
    for (const char* spelling :
         {"D'Amico", "D’Amico", "DʼAmico", "d`amico", "D´Amico", "DAMICO", "d'amìco"})
        BOOST_TEST(folded(spelling) == "damico", spelling);
    for (const char* spelling :
         {"Niccolò", "Niccolo'", "NICCOLÒ", "Niccolo\u0300", "ＮＩＣＣＯＬＯ"})
        BOOST_TEST(folded(spelling) == "niccolo", spelling);
    for (const char* spelling :
         {"Anna-Maria", "Anna Maria", "anna  maria", " ANNA – MARIA ", "Anna, Maria"})
        BOOST_TEST(folded(spelling) == "anna maria", spelling);
}

BOOST_AUTO_TEST_CASE(other_scripts_become_latin) {
    BOOST_TEST(folded("Łuczak") == "luczak");
    BOOST_TEST(folded("Đorđević") == "dordevic");
    BOOST_TEST(folded("Иван Петров") == "ivan petrov");
    BOOST_TEST(folded("Παπαδόπουλος") == "papadopoulos");
    BOOST_TEST(folded("Strauß") == "strauss");
    for (const char c : folded("محمد 王小明")) BOOST_TEST(((c >= 'a' && c <= 'z') || c == ' '));
    BOOST_TEST(!folded("محمد").empty());
}

BOOST_AUTO_TEST_CASE(folding_is_a_fixed_point_and_takes_anything) {
    for (const char* text :
         {"D’Amico-Łuczak, Niccolò", "", "---", "\xFF\xFE", "a\xC3", "12/03/2026"})
        BOOST_TEST(folded(folded(text)) == folded(text));
    BOOST_TEST(folded("---").empty());
    BOOST_TEST(folded_letters("De Rossi 2") == "DEROSSI");
}

BOOST_AUTO_TEST_CASE(spellings_of_one_account_name_are_one_account) {
    for (const char* spelling :
         {"anna.bianchi", " Anna.Bianchi ", "ANNA.BIANCHI", "ａｎｎａ.bianchi"})
        BOOST_TEST(canonical_account_name(spelling) == "anna.bianchi", spelling);
    BOOST_TEST(canonical_account_name("Niccolo\u0300") == canonical_account_name("NICCOLÒ"));
    BOOST_TEST(canonical_account_name("ﬁlippo") == "filippo");
}

BOOST_AUTO_TEST_CASE(names_that_look_like_others_or_cannot_be_typed_are_refused) {
    for (const std::string& wrong :
         {std::string(), std::string("  "), std::string("аnna"), std::string("anna bianchi"),
          std::string("anna\u200B"), std::string("anna\n"), std::string("anna\u0000", 5),
          std::string("../anna"), std::string("anna\xFF"), std::string(65, 'a'), std::string("a:b"),
          std::string(5000, ' '), std::string("anna\u202E")})
        BOOST_TEST(
            begins(refusal([&] { (void)canonical_account_name(wrong); }), "account.name_invalid"));
    BOOST_TEST(canonical_account_name(std::string(64, 'A')) == std::string(64, 'a'));
}

BOOST_AUTO_TEST_SUITE_END()
