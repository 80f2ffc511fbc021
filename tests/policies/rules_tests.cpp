#include "policies/rules.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace policies::access;

namespace {

const std::string good =
    "format = 1\n"
    "[[rule]]\n"
    "id = \"test.one\"\n"
    "role = \"archivist\"\n"
    "actions = [\"dossier.show\"]\n"
    "scope = \"unit\"\n"
    "source = \"s\"\n";

std::string replaced(const std::string& what, const std::string& with) {
    std::string text = good;
    const auto at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// "line: reason", or "accepted".
std::string loading(const std::string& text) {
    const LoadedRules loaded = load_rules(text);
    BOOST_TEST(loaded.rules.has_value() == loaded.reason.empty());
    return loaded.rules ? "accepted" : std::to_string(loaded.line) + ": " + loaded.reason;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_tests)

BOOST_AUTO_TEST_CASE(the_shipped_rules_load_and_each_names_its_source) {
    BOOST_TEST(loading(std::string(shipped_rules_text())) == "accepted");
    BOOST_TEST(shipped_rules().all().size() >= 10U);
    for (const Rule& rule : shipped_rules().all()) BOOST_TEST(!rule.source.empty());
}

BOOST_AUTO_TEST_CASE(a_bad_file_is_refused_whole_with_its_line) {
    BOOST_TEST(loading(good) == "accepted");
    BOOST_TEST(loading(replaced("scope", "skope")) == "6: unknown field 'skope'");
    BOOST_TEST(loading(replaced("archivist", "wizard")) == "4: unknown role 'wizard'");
    BOOST_TEST(loading(replaced("dossier.show", "dossier.eat")) ==
               "5: unknown action 'dossier.eat'");
    BOOST_TEST(loading(replaced("\"unit\"", "\"world\"")) == "6: unknown scope 'world'");
    BOOST_TEST(loading(replaced("\"dossier.show\"", "\"dossier.show\",\"dossier.show\"")) ==
               "5: actions names the same twice");
    BOOST_TEST(loading(replaced("[\"dossier.show\"]", "[]")) == "2: rule without actions");
    BOOST_TEST(loading(replaced("[\"dossier.show\"]", "\"dossier.show\"")) ==
               "5: actions is not a list");
    BOOST_TEST(loading(replaced("source = \"s\"\n", "")) == "2: rule without source");
    BOOST_TEST(loading(replaced("id = \"test.one\"\n", "")) == "2: rule without id");
    BOOST_TEST(loading(replaced("\"s\"", "7")) == "7: source is not a text");
    BOOST_TEST(loading(replaced("\"s\"", "\"\"")) == "7: source is empty or too long");
    BOOST_TEST(loading(replaced("test.one", "test")) == "3: id is not of the form area.name");
    BOOST_TEST(loading(replaced("test.one", "Test.One")) == "3: id is not of the form area.name");
    BOOST_TEST(loading(replaced("format = 1", "format = 2")) == "1: format is not 1");
    BOOST_TEST(loading(replaced("format = 1", "")) == "0: format is not 1");
    BOOST_TEST(loading("format = 1\n") == "0: no rules");
    BOOST_TEST(loading("format = 1\nrule = 3\n") == "0: no rules");
    BOOST_TEST(loading("format = 1\nrule = [3]\n") == "2: rule is not a table");
    BOOST_TEST(loading("extra = 1\n" + good) == "1: unknown field 'extra'");
    BOOST_TEST(loading(good + "when = [\"full-moon\"]\n") == "8: unknown condition 'full-moon'");
    BOOST_TEST(loading(good + "obligations = [\"dance\"]\n") == "8: unknown obligation 'dance'");
    BOOST_TEST(loading(good + "effect = \"maybe\"\n") == "8: unknown effect 'maybe'");
    BOOST_TEST(loading(good + "id = \"test.two\"\n") == "8: not TOML");
    BOOST_TEST(loading(good + good.substr(good.find("[[rule]]"))) == "8: id 'test.one' twice");
    BOOST_TEST(loading(replaced("archivist", "archivist\\u0000")) == "4: unknown role");
    BOOST_TEST(loading("format = 1\n\xFF\n") == "1: not TOML");
}

BOOST_AUTO_TEST_CASE(no_rule_file_can_bring_an_administrator_near_a_dossier) {
    for (const Action action : all_actions()) {
        std::string text = replaced("archivist", "administrator");
        text.replace(text.find("dossier.show"), 12, std::string(name(action)));
        BOOST_TEST((loading(text) == "accepted") == !touches_dossiers(action), name(action));
    }
}

BOOST_AUTO_TEST_CASE(a_permit_for_everybody_reaches_only_oneself) {
    BOOST_TEST(loading(replaced("archivist", "any")).substr(0, 2) == "2:");
    std::string refusal = replaced("archivist", "any") + "effect = \"refuse\"\n";
    refusal.replace(refusal.find("\"unit\""), 6, "\"all\"");
    BOOST_TEST(loading(refusal) == "accepted");
    BOOST_TEST(loading(refusal + "obligations = [\"purpose\"]\n").substr(0, 2) == "2:");
}

BOOST_AUTO_TEST_CASE(a_conflict_of_interest_permits_nothing) {
    const std::string text = replaced("\"unit\"", "\"own-conflict\"");
    BOOST_TEST(loading(text) == "2: a conflict of interest permits nothing (effect refuse)");
    std::string refusal = text + "effect = \"refuse\"\n";
    refusal.replace(refusal.find("archivist"), 9, "any");
    BOOST_TEST(loading(refusal) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_refusal_is_nothing_that_somebody_could_lose_with_a_right) {
    const std::string refusal = replaced("archivist", "any") + "effect = \"refuse\"\n";
    BOOST_TEST(loading(refusal) == "2: a refusal has the scope own-conflict or all");
    std::string fleeting = refusal + "when = [\"unit-open\"]\n";
    fleeting.replace(fleeting.find("\"unit\""), 6, "\"all\"");
    BOOST_TEST(loading(fleeting) == "2: a refusal that ends when a unit or dossier closes");
    std::string of_role = good + "effect = \"refuse\"\n";
    BOOST_TEST(loading(of_role) == "2: a refusal is for any role");
    BOOST_TEST(loading(good + "when = [\"sealed-area\"]\n") ==
               "2: a seal or a limitation permits nothing (effect refuse)");
}

BOOST_AUTO_TEST_CASE(an_area_of_actions_is_refused_as_a_whole_and_never_permitted_so) {
    std::string text = replaced("dossier.show", "dossier.*");
    BOOST_TEST(loading(text) == "2: a permit names its actions one by one");
    text.replace(text.find("archivist"), 9, "any");
    text.replace(text.find("\"unit\""), 6, "\"all\"");
    const LoadedRules loaded = load_rules(text + "effect = \"refuse\"\n");
    BOOST_REQUIRE(loaded.rules.has_value());
    for (const Action action : all_actions())
        BOOST_TEST(loaded.rules->about(action).size() ==
                   (name(action).starts_with("dossier.") ? 1U : 0U));
    BOOST_TEST(loading(replaced("dossier.show", "kitchen.*")) == "5: unknown area of actions");
    BOOST_TEST(loading(replaced("\"dossier.show\"", "\"dossier.show\", \"dossier.*\"")) ==
               "5: actions names the same twice");
}

BOOST_AUTO_TEST_CASE(a_purpose_stands_only_where_one_is_asked) {
    const std::string text = good + "purpose = \"presa-in-carico\"\n";
    BOOST_TEST(loading(text) == "2: a purpose where none is asked (obligations)");
    const std::string asks = "obligations = [\"purpose\"]\n";
    BOOST_TEST(loading(text + asks) == "accepted");
    BOOST_TEST(loading(good + asks + "purpose = \"Presa in carico\"\n") ==
               "9: purpose is not a code of up to 31 plain characters");
    BOOST_TEST(loading(good + asks + "purpose = \"" + std::string(32, 'a') + "\"\n") ==
               "9: purpose is not a code of up to 31 plain characters");
}

BOOST_AUTO_TEST_CASE(groups_stand_for_roles_and_hold_no_circle) {
    const std::string group = "[[group]]\nid = \"staff\"\nroles = [\"archivist\", \"dpo\"]\n";
    const auto with = [&](const std::string& groups, const std::string& role) {
        std::string text = replaced("\"archivist\"", role);
        return "format = 1\n" + groups + text.substr(text.find("[[rule]]"));
    };
    const LoadedRules loaded = load_rules(with(group, "[\"staff\", \"operator\"]"));
    BOOST_TEST(loaded.reason == "no permit may bring an administrator or operator near a dossier");
    const LoadedRules good_one = load_rules(with(group, "[\"staff\", \"statistics\"]"));
    BOOST_REQUIRE(good_one.rules.has_value());
    BOOST_TEST((good_one.rules->all()[0].roles ==
                std::vector<std::string>{"archivist", "dpo", "statistics"}));
    BOOST_TEST(loading(with(group, "[\"staff\", \"dpo\"]")) ==
               "7: roles names the same twice 'dpo'");
    BOOST_TEST(loading(with(group, "[\"any\", \"dpo\"]")) == "7: 'any' stands alone");
    BOOST_TEST(loading(with(group, "[]")) == "7: rule without role");
    BOOST_TEST(loading(with(group + group, "\"staff\"")) == "5: group 'staff' twice");
    BOOST_TEST(loading(with("[[group]]\nid = \"dpo\"\nroles = [\"archivist\"]\n", "\"dpo\"")) ==
               "2: group 'dpo' is named as a role");
    BOOST_TEST(loading(with("[[group]]\nid = \"a\"\nroles = [\"wizard\"]\n", "\"dpo\"")) ==
               "2: unknown role 'wizard'");
    BOOST_TEST(loading(with("[[group]]\nid = \"a\"\nroles = []\n", "\"dpo\"")) ==
               "2: group without roles");
    // A circle, and a ladder of pairs that would take for ever if each rung were climbed twice.
    BOOST_TEST(loading(with("[[group]]\nid = \"a\"\nroles = [\"b\"]\n"
                            "[[group]]\nid = \"b\"\nroles = [\"dpo\", \"a\"]\n",
                            "\"dpo\"")) == "2: group 'a' holds itself");
    std::string ladder;
    for (int i = 0; i < 48; ++i)
        for (const char* side : {"a", "b"})
            ladder += "[[group]]\nid = \"" + std::string(side) + std::to_string(i) +
                      "\"\nroles = [\"a" + std::to_string(i + 1) + "\", \"b" +
                      std::to_string(i + 1) + "\"]\n";
    ladder +=
        "[[group]]\nid = \"a48\"\nroles = [\"dpo\"]\n[[group]]\nid = \"b48\"\nroles = "
        "[\"dpo\"]\n";
    BOOST_TEST(loading(with(ladder, "\"a0\"")) == "accepted");
}

BOOST_AUTO_TEST_CASE(names_that_are_too_long_are_refused) {
    const std::string id = "test." + std::string(60, 'a');
    BOOST_TEST(loading(replaced("test.one", id)) == "3: id is longer than 64 characters");
    BOOST_TEST(loading(replaced("test.one", id.substr(0, 64))) == "accepted");
    BOOST_TEST(loading(replaced("archivist", std::string(401, 'a'))) ==
               "4: role is empty or too long");
    BOOST_TEST(loading(replaced("archivist", std::string(400, 'a'))) == "4: unknown role");
    BOOST_TEST(loading(replaced("\"s\"", "\"" + std::string(401, 's') + "\"")) ==
               "7: source is empty or too long");
}

BOOST_AUTO_TEST_CASE(every_scope_condition_and_obligation_has_its_word) {
    std::set<std::string_view> words;
    for (int i = 0; i <= static_cast<int>(Scope::all); ++i)
        words.insert(word(static_cast<Scope>(i)));
    BOOST_TEST(words.size() == static_cast<std::size_t>(Scope::all) + 1);
    for (int i = 0; i <= static_cast<int>(Condition::limited); ++i)
        words.insert(word(static_cast<Condition>(i)));
    for (int i = 0; i <= static_cast<int>(Obligation::notification); ++i)
        words.insert(word(static_cast<Obligation>(i)));
    BOOST_TEST(words.size() == 8U + 7U + 5U);
    BOOST_TEST(!words.contains(""));
}

BOOST_AUTO_TEST_CASE(size_and_depth_are_bounded) {
    BOOST_TEST(loading(std::string(rule_file_bytes_max + 1, '#')) == "0: longer than 256 KiB");
    BOOST_TEST(loading("a = " + std::string(100'000, '[')).find("not TOML") != std::string::npos);
    std::string many = "format = 1\n";
    for (std::size_t i = 0; i <= rules_max; ++i)
        many +=
            "[[rule]]\nid=\"t.r" + std::to_string(i) +
            "\"\nrole=\"archivist\"\nactions=[\"dossier.show\"]\nscope=\"unit\"\nsource=\"s\"\n";
    BOOST_TEST(loading(many) == "0: more than 1000 rules");
}

BOOST_AUTO_TEST_CASE(every_action_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (const Action action : all_actions()) {
        BOOST_TEST(names.insert(name(action)).second);
        BOOST_TEST((action_named(name(action)) == action));
    }
    BOOST_TEST(names.size() == actions_count);
    BOOST_TEST(!action_named("").has_value());
    BOOST_TEST(!action_named("document.READ").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
