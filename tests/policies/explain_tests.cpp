#include "policies/explain.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace policies::access;

BOOST_AUTO_TEST_SUITE(explain_tests)

BOOST_AUTO_TEST_CASE(every_role_has_a_name_in_both_tongues) {
    for (const Tongue tongue : {Tongue::italian, Tongue::english}) {
        std::set<std::string_view> names;
        for (const std::string_view role : role_ids) names.insert(role_name(role, tongue));
        BOOST_TEST(names.size() == role_ids.size());
    }
    for (const std::string_view role : role_ids)
        if (role != "dpo" && role != "operator")  // and these are no Italian words at all
            BOOST_TEST(role_name(role, Tongue::italian) != role, role);
    BOOST_TEST(role_name("dpo", Tongue::italian) == "responsabile della protezione dei dati");
    BOOST_TEST(role_name("wizard", Tongue::english) == "wizard");
}

BOOST_AUTO_TEST_CASE(every_word_of_a_rule_is_said_in_both_tongues) {
    // A rule that holds every word there is: what has no words of its own is shown as its id.
    Rule rule;
    rule.id = "test.every";
    rule.roles = {"archivist"};
    for (const Action action : all_actions()) rule.actions.push_back(action);
    for (int i = 0; i <= static_cast<int>(Condition::limited); ++i)
        rule.conditions.push_back(static_cast<Condition>(i));
    for (int i = 0; i <= static_cast<int>(Obligation::notification); ++i)
        rule.obligations.push_back(static_cast<Obligation>(i));
    for (int i = 0; i <= static_cast<int>(Scope::all); ++i) {
        rule.scope = static_cast<Scope>(i);
        for (const Tongue tongue : {Tongue::italian, Tongue::english}) {
            const auto explained = explain(Rules({rule}), tongue);
            BOOST_REQUIRE(explained.size() == 1U);
            const std::string& text = explained[0].lines.at(0).text;
            for (const Action action : all_actions())
                BOOST_TEST(text.find(name(action)) == std::string::npos, text);
            for (const char* id : {"unit-open", "sealed-area", "second-person", "own-"})
                BOOST_TEST(text.find(id) == std::string::npos, text);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_shipped_rules_are_told_role_by_role) {
    const auto explained = explain(shipped_rules(), Tongue::italian);
    BOOST_TEST(explained.size() == role_ids.size() + 1);
    BOOST_TEST(explained[0].role == "any");
    const auto line_of = [&](std::string_view rule) {
        for (const Explained& one : explained)
            for (const auto& line : one.lines)
                if (line.rule == rule) return line.text;
        return std::string();
    };
    BOOST_TEST(line_of("access.social-worker.read") ==
               "leggere i documenti: fascicoli che gli sono assegnati, finalità "
               "presa-in-carico");
    BOOST_TEST(line_of("access.team-member.read") ==
               "leggere i documenti: fascicoli della sua équipe, indicando la finalità, "
               "scrivendo il motivo");
    BOOST_TEST(line_of("access.any.conflict") == "nulla: dove ha un conflitto di interessi");
}

BOOST_AUTO_TEST_SUITE_END()
