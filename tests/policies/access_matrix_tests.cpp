#include "tests/policies/situations.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

using namespace policies::access;
using namespace policies::access::tests;

namespace {

/// For role and action the letters of the situations in which it is permitted, written by hand from
/// the issue and not from the rules.  What is not here is refused.
using Table = std::map<std::string_view, std::map<std::string_view, std::string_view>>;

const Table& expected() {
    static const Table table{
        {"administrator",
         {{"vault.status", everywhere},
          {"vault.seal", everywhere},
          {"account.create", everywhere},
          {"account.list", everywhere},
          {"account.disable", everywhere},
          {"account.grant", everywhere},
          {"account.revoke", everywhere},
          {"unit.list", everywhere},
          {"checkpoint.read", everywhere},
          {"self.show", "A"}}},
        {"archivist",
         {{"vault.status", everywhere},
          {"unit.list", everywhere},
          {"checkpoint.read", everywhere},
          {"self.show", "A"},
          {"dossier.open", "CULIJ"},
          {"dossier.list", "CULJ"},
          {"dossier.show", "CULJ"},
          {"dossier.correct", "CULJ"},
          {"dossier.conflict", "CULJ"},
          {"dossier.assign", "CUJ"},
          {"document.file", "CUJ"},
          {"document.refile", "CUJ"},
          {"document.list", "CULJ"},
          {"document.read", "CULJ"},
          {"document.correct", "CULJ"},
          {"document.proof", "CULJ"},
          {"search.dossiers", "CULJ"},
          {"search.documents", "CULJ"}}},
        {"social-worker",
         {{"vault.status", everywhere},
          {"unit.list", everywhere},
          {"checkpoint.read", everywhere},
          {"self.show", "A"},
          {"dossier.list", "CN"},
          {"dossier.show", "CN"},
          {"document.list", "CN"},
          {"document.read", "CN"},
          {"search.dossiers", "CN"},
          {"search.documents", "CN"}}},
        {"legal-office",
         {{"vault.status", everywhere},
          {"unit.list", everywhere},
          {"checkpoint.read", everywhere},
          {"self.show", "A"},
          {"dossier.list", "CG"},
          {"dossier.show", "CG"},
          {"document.list", "CG"},
          {"document.read", "CG"},
          {"document.proof", "CG"},
          {"export.court", "CG"}}},
        {"mail-room", {{"self.show", "A"}}},  // a role of the product that has no rules yet
        {"wizard", {{"self.show", "A"}}},     // no role of the product
        {"any", {{"self.show", "A"}}},        // the word of the rules is not a role to hold
        {"", {{"self.show", "A"}}}};
    return table;
}

bool is_expected(std::string_view role, Action action, char letter) {
    const auto& actions = expected().at(role);
    const auto found = actions.find(name(action));
    return found != actions.end() && found->second.find(letter) != std::string_view::npos;
}

/// The cells of role × action × situation in which the rules differ from the table.
std::size_t differences(const Rules& rules, bool shown) {
    std::size_t count = 0;
    for (const auto& row : expected())
        for (const Action action : all_actions())
            for (const Situation& situation : situations()) {
                const Decision decision = decide(rules, me(std::string(row.first).c_str()), action,
                                                 situation.resource, {today});
                if (decision.is_permitted == is_expected(row.first, action, situation.letter))
                    continue;
                ++count;
                if (shown)
                    BOOST_TEST_MESSAGE(row.first << " " << name(action) << " on " << situation.what
                                                 << ": " << decision.rule);
            }
    return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_matrix_tests)

BOOST_AUTO_TEST_CASE(every_role_action_and_situation_is_decided_as_the_table_says) {
    const std::size_t cells = expected().size() * actions_count * situations().size();
    BOOST_TEST_MESSAGE(cells << " cells");
    BOOST_TEST(cells == 8U * 26U * 15U);
    BOOST_TEST(differences(shipped_rules(), true) == 0U);
}

BOOST_AUTO_TEST_CASE(the_table_names_only_actions_that_exist) {
    for (const auto& row : expected())
        for (const auto& cell : row.second) BOOST_TEST(action_named(cell.first).has_value());
}

// Mutation: a rule that could go without a test noticing is either needless or untested.
BOOST_AUTO_TEST_CASE(each_rule_that_is_removed_changes_the_table) {
    const auto& all = shipped_rules().all();
    for (std::size_t gone = 0; gone < all.size(); ++gone) {
        std::vector<Rule> rest = all;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(gone));
        BOOST_TEST(differences(Rules(rest), false) > 0U, all[gone].id);
    }
}

BOOST_AUTO_TEST_CASE(a_role_holds_from_its_first_to_its_last_day) {
    const Resource dossier = dossier_of("gea");
    const auto permitted = [&](std::optional<Day> from, std::optional<Day> until) {
        const Subject subject{"me", {{"archivist", "gea", from, until}}};
        return decide(subject, Action::dossier_show, dossier, {today}).is_permitted;
    };
    BOOST_TEST(permitted({}, {}));
    BOOST_TEST(permitted(today, today));
    BOOST_TEST(permitted(yesterday, tomorrow));
    BOOST_TEST(!permitted({}, yesterday));
    BOOST_TEST(!permitted(tomorrow, {}));
    BOOST_TEST(!permitted(tomorrow, yesterday));
}

BOOST_AUTO_TEST_CASE(a_disabled_or_nameless_account_is_permitted_nothing) {
    for (const auto& row : expected())
        for (const Action action : all_actions())
            for (const Situation& situation : situations()) {
                Subject disabled = me(std::string(row.first).c_str());
                disabled.is_active = false;
                BOOST_TEST(!decide(disabled, action, situation.resource, {today}).is_permitted);
                Subject nobody = me(std::string(row.first).c_str());
                nobody.account.clear();
                BOOST_TEST(!decide(nobody, action, situation.resource, {today}).is_permitted);
            }
}

BOOST_AUTO_TEST_CASE(a_unit_reaches_only_as_far_as_the_role_was_given_in_it) {
    // Archivist in one unit and administrator in the other: the two do not add up.
    const Subject subject{"me", {{"archivist", "affidi"}, {"administrator", "gea"}}};
    BOOST_TEST(!decide(subject, Action::dossier_show, dossier_of("gea"), {today}).is_permitted);
    BOOST_TEST(decide(subject, Action::dossier_show, dossier_of("affidi"), {today}).is_permitted);
    const Subject unitless{"me", {{"archivist", ""}}};
    BOOST_TEST(!decide(unitless, Action::dossier_show, dossier_of(""), {today}).is_permitted);
}

BOOST_AUTO_TEST_CASE(reading_and_exporting_ask_a_purpose) {
    const auto all = situations();
    const auto resource = [&all](char letter) {
        return std::find_if(all.begin(), all.end(),
                            [letter](const Situation& one) { return one.letter == letter; })
            ->resource;
    };
    const Context bare{today};
    for (const auto& [role, letter] : {std::pair{"archivist", 'U'}, std::pair{"social-worker", 'N'},
                                       std::pair{"legal-office", 'G'}}) {
        const Decision read = decide(me(role), Action::document_read, resource(letter), bare);
        BOOST_TEST(read.is_permitted);
        BOOST_TEST((unmet(read, bare) == std::vector{Obligation::purpose}));
        BOOST_TEST((unmet(read, {today, "  "}) == std::vector{Obligation::purpose}));
        BOOST_TEST(unmet(read, {today, "presa-in-carico"}).empty());
        BOOST_TEST(
            unmet(decide(me(role), Action::dossier_list, resource(letter), bare), bare).empty());
    }
    const Decision exported = decide(me("legal-office"), Action::export_court, resource('G'), bare);
    BOOST_TEST(exported.rule == "access.legal-office.export");
    BOOST_TEST((unmet(exported, bare) == std::vector{Obligation::purpose}));
    BOOST_TEST(unmet(exported, {today, "difesa"}).empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_names_its_rule_and_default_deny_has_a_name) {
    BOOST_TEST(decide(me("archivist"), Action::dossier_show, dossier_of("gea"), {today}).rule ==
               "access.archivist.unit");
    BOOST_TEST(decide(me("archivist"), Action::dossier_show, dossier_of("affidi"), {today}).rule ==
               "default-deny");
}

BOOST_AUTO_TEST_SUITE_END()
