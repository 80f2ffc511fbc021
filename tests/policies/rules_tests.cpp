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
    BOOST_TEST(loading(refusal) == "accepted");
    BOOST_TEST(loading(refusal + "obligations = [\"purpose\"]\n").substr(0, 2) == "2:");
}

BOOST_AUTO_TEST_CASE(a_conflict_of_interest_permits_nothing) {
    const std::string text = replaced("\"unit\"", "\"own-conflict\"");
    BOOST_TEST(loading(text) == "2: a conflict of interest permits nothing (effect refuse)");
    BOOST_TEST(loading(text + "effect = \"refuse\"\n") == "accepted");
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
