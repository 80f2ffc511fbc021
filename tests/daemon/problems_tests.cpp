#include "daemon/problems.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace custode;
using namespace custode::daemon;

namespace {

constexpr ErrorCode kinds[] = {ErrorCode::invalid_argument,
                               ErrorCode::not_found,
                               ErrorCode::conflict,
                               ErrorCode::busy,
                               ErrorCode::full,
                               ErrorCode::corrupt,
                               ErrorCode::storage,
                               ErrorCode::sealed,
                               ErrorCode::unauthenticated,
                               ErrorCode::unsupported};

}  // namespace

BOOST_AUTO_TEST_SUITE(problems_tests)

BOOST_AUTO_TEST_CASE(every_code_speaks_both_languages_and_says_what_to_do) {
    std::set<std::string_view> seen;
    for (const std::string_view code : problem_codes()) {
        BOOST_TEST(seen.insert(code).second, code << " has two entries");
        BOOST_TEST(code.find('.') == code.rfind('.'), code);
        const auto italian = problem_text(code, ErrorCode::storage, Language::italian);
        const auto english = problem_text(code, ErrorCode::storage, Language::english);
        for (const auto& text : {italian, english}) {
            BOOST_TEST(!text.title.empty(), code);
            BOOST_TEST(!text.hint.empty(), code);
            BOOST_TEST(text.hint != text.title, code);
            BOOST_TEST((text.status == 0 || (text.status >= 400 && text.status < 600)), code);
        }
        BOOST_TEST(italian.title != english.title, code);
        BOOST_TEST(italian.hint != english.hint, code);
        BOOST_TEST(italian.status == english.status, code);
    }
    BOOST_TEST(seen.size() > 30U);
}

BOOST_AUTO_TEST_CASE(a_code_without_an_entry_speaks_with_the_words_of_its_kind) {
    constexpr int statuses[] = {400, 404, 409, 503, 507, 500, 500, 423, 401, 500};
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        const auto text = problem_text("no.such_code", kinds[i], Language::english);
        BOOST_TEST(text.status == statuses[i]);
        BOOST_TEST(status_of(kinds[i]) == statuses[i]);
        BOOST_TEST(!text.title.empty());
        BOOST_TEST(!text.hint.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_header_s_language_is_answered_in_or_italian) {
    BOOST_TEST((language_of("") == Language::italian));
    BOOST_TEST((language_of("it-IT,it;q=0.9,en;q=0.8") == Language::italian));
    BOOST_TEST((language_of("en-GB,en;q=0.9,it;q=0.5") == Language::english));
    BOOST_TEST((language_of("en") == Language::english));
    BOOST_TEST((language_of("fr,de;q=0.5") == Language::italian));
    BOOST_TEST((language_of("*") == Language::italian));
}

BOOST_AUTO_TEST_CASE(a_problem_is_the_object_that_the_rfc_describes) {
    const auto json = nlohmann::json::parse(problem_json("not_found", ErrorCode::not_found,
                                                         "detail", "correlation-1",
                                                         Language::english, {{"document", "x"}}));
    BOOST_TEST(json.at("type") == "urn:custode:problem:not_found");
    BOOST_TEST(json.at("code") == "not_found");
    BOOST_TEST(json.at("status") == 404);
    BOOST_TEST(json.at("title") == "Not found");
    BOOST_TEST(json.at("detail") == "detail");
    BOOST_TEST(json.at("correlation") == "correlation-1");
    BOOST_TEST(json.at("document") == "x");
    const auto plain = nlohmann::json::parse(
        problem_json("not_found", ErrorCode::not_found, "", "c", Language::italian));
    BOOST_TEST(!plain.contains("detail"));
    const auto other = nlohmann::json::parse(
        problem_json("x.y", ErrorCode::conflict, "", "c", Language::italian, {}, 412));
    BOOST_TEST(other.at("status") == 412);
    // A message may carry any bytes: the answer is JSON all the same.
    BOOST_TEST(nlohmann::json::accept(
        problem_json("x.y", ErrorCode::storage, "\xff\x00\"\\", "c", Language::italian)));
}

BOOST_AUTO_TEST_SUITE_END()
