#include "archive/records/tax_code.h"

#include <boost/test/unit_test.hpp>

using namespace custode::records;

BOOST_AUTO_TEST_SUITE(tax_code_tests)

// Check characters computed by a Python script of the published tables.
BOOST_AUTO_TEST_CASE(the_check_character_is_the_published_one) {
    for (const char* code : {"RSSMRA85T10A562S", "MRTMTT91D08F205J"})
        BOOST_TEST((examine_tax_code(code) == TaxCodeProblem::none), code);
}

BOOST_AUTO_TEST_CASE(every_single_wrong_character_is_noticed_where_the_sum_can_notice_it) {
    const std::string right = "RSSMRA85T10A562S";
    int wrong = 0;
    int noticed = 0;
    for (std::size_t place = 0; place < right.size(); ++place)
        for (char c = 'A'; c <= 'Z'; ++c) {
            std::string code = right;
            code[place] = c;
            if (code == right) continue;
            ++wrong;
            noticed += examine_tax_code(code) != TaxCodeProblem::none ? 1 : 0;
            BOOST_TEST(differs_by_one_slip(code, right));
        }
    BOOST_TEST(wrong > 300);
    // Letters that stand for the same value (a digit and its double) are the algorithm's own limit.
    BOOST_TEST(noticed >= wrong - 7);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
    BOOST_TEST((examine_tax_code("RSSMRA85T10A562T") == TaxCodeProblem::check));
    BOOST_TEST((examine_tax_code("RSSMRA85T10A562") == TaxCodeProblem::length));
    BOOST_TEST((examine_tax_code("RSSMRA85T10A562SS") == TaxCodeProblem::length));
    BOOST_TEST((examine_tax_code("RSSMR185T10A562S") == TaxCodeProblem::shape));
    BOOST_TEST((examine_tax_code("RSSMRA8AT10A562S") == TaxCodeProblem::shape));
    BOOST_TEST((examine_tax_code("RSSMRA85F10A562S") == TaxCodeProblem::birth));  // no month F
    BOOST_TEST((examine_tax_code("RSSMRA85T32A562S") == TaxCodeProblem::birth));
    BOOST_TEST((examine_tax_code("RSSMRA85T00A562S") == TaxCodeProblem::birth));
    BOOST_TEST((examine_tax_code("RSSMRA85T72A562S") == TaxCodeProblem::birth));
    BOOST_TEST((examine_tax_code("rssmra85t10a562s") == TaxCodeProblem::shape));
    BOOST_TEST((examine_tax_code("") == TaxCodeProblem::length));
    BOOST_TEST((examine_tax_code("RSSMRA85T10A56\xC3\x80") == TaxCodeProblem::shape));
}

BOOST_AUTO_TEST_CASE(omocodia_is_read_through) {
    const std::string replaced =
        std::string("RSSMRA85T10A56N") + tax_code_check_character("RSSMRA85T10A56N");
    BOOST_TEST((examine_tax_code(replaced) == TaxCodeProblem::none));
    BOOST_TEST(without_omocodia(replaced) == "RSSMRA85T10A562S");
    std::string all = "RSSMRAURTMLARSN";
    all += tax_code_check_character(all);
    BOOST_TEST((examine_tax_code(all) == TaxCodeProblem::none));
    BOOST_TEST(without_omocodia(all) == "RSSMRA85T10A562S");
    BOOST_TEST(without_omocodia("RSSMRA85T10A562S") == "RSSMRA85T10A562S");
    BOOST_TEST(without_omocodia("not a code") == "not a code");
}

BOOST_AUTO_TEST_CASE(facts_are_read_from_the_code) {
    const auto man = tax_code_facts("RSSMRA85T10A562S");
    BOOST_REQUIRE(man.has_value());
    BOOST_TEST(man->birth_year_in_century == 85U);
    BOOST_TEST(man->birth_month == 12U);
    BOOST_TEST(man->birth_day == 10U);
    BOOST_TEST(!man->female);
    const auto girl = tax_code_facts("BNCNNA12C44F205X");
    BOOST_REQUIRE(girl.has_value());
    BOOST_TEST(girl->female);
    BOOST_TEST(girl->birth_day == 4U);
    BOOST_TEST(girl->birth_month == 3U);
}

BOOST_AUTO_TEST_CASE(letters_follow_the_rule_for_surnames_and_names) {
    BOOST_TEST(surname_letters("Rossi") == "RSS");
    BOOST_TEST(surname_letters("Fo") == "FOX");
    BOOST_TEST(surname_letters("D’Aiò") == "DAI");
    BOOST_TEST(surname_letters("Łuczak") == "LCZ");
    BOOST_TEST(name_letters("Mario") == "MRA");
    BOOST_TEST(name_letters("Francesco") == "FNC");
    BOOST_TEST(name_letters("Maria Chiara") == "MCH");
    BOOST_TEST(name_letters("Io") == "IOX");
}

BOOST_AUTO_TEST_CASE(canonical_form_drops_case_and_separators) {
    BOOST_TEST(canonical_tax_code(" rss mra 85t10-a562s ") == "RSSMRA85T10A562S");
}

BOOST_AUTO_TEST_CASE(provisional_codes_have_eleven_digits) {
    BOOST_TEST(is_provisional_tax_code("80016350821"));
    BOOST_TEST(!is_provisional_tax_code("8001635082"));
    BOOST_TEST(!is_provisional_tax_code("800163508211"));
    BOOST_TEST(!is_provisional_tax_code("8001635082A"));
    BOOST_TEST(provisional_check_matches("80016350821"));
    BOOST_TEST(!provisional_check_matches("80016350822"));
}

BOOST_AUTO_TEST_CASE(a_slip_is_one_character_or_two_neighbours_swapped) {
    BOOST_TEST(differs_by_one_slip("RSSMRA85T10A562S", "RSSMRA58T10A562S"));
    BOOST_TEST(differs_by_one_slip("AB", "BA"));
    BOOST_TEST(differs_by_one_slip("A", "B"));
    BOOST_TEST(!differs_by_one_slip("RSSMRA85T10A562S", "RSSMRA85T10A562S"));
    BOOST_TEST(!differs_by_one_slip("RSSMRA85T10A562S", "RSSMRA85T10A562"));
    BOOST_TEST(!differs_by_one_slip("ABCD", "BADC"));
    BOOST_TEST(!differs_by_one_slip("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
