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

// Over all units: but for conflict and barriers, and for filing also but for what is closed.
constexpr std::string_view whatever_is_open = "SABCUXOGENMJHRFTVP";

std::map<std::string_view, std::string_view> with_service(
    std::map<std::string_view, std::string_view> cells) {
    for (const std::string_view action : {"vault.status", "unit.list", "checkpoint.read"})
        cells.emplace(action, everywhere);
    cells.emplace("self.show", "A");
    return cells;
}

/// Wherever nothing keeps me out.
constexpr std::string_view unbarred = "SABCUXOKLGENMJHRFTVP";

const Table& expected() {
    static const Table table{
        {"administrator", with_service({{"vault.seal", everywhere},
                                        {"account.create", everywhere},
                                        {"account.list", everywhere},
                                        {"account.disable", everywhere},
                                        {"account.grant", everywhere},
                                        {"account.revoke", everywhere},
                                        {"proposal.show", everywhere},
                                        {"proposal.decide", everywhere}})},
        {"archivist",
         with_service({{"dossier.open", "CULJP"},      {"dossier.list", "CULJP"},
                       {"dossier.show", "CULJP"},      {"dossier.correct", "CULJP"},
                       {"dossier.conflict", "CULJP"},  {"dossier.history", "CULJP"},
                       {"dossier.notices", "CULJP"},   {"dossier.review", "CULJP"},
                       {"dossier.emergency", "CULJP"}, {"dossier.emergency-write", "CULJP"},
                       {"dossier.locate", unbarred},   {"dossier.assign", "CUJP"},
                       {"document.file", "CUJP"},      {"document.refile", "CUJP"},
                       {"document.list", "CULJP"},     {"document.read", "CULJP"},
                       {"document.correct", "CULJP"},  {"document.proof", "CULJP"},
                       {"search.dossiers", "CULJP"},   {"search.documents", "CULJP"}})},
        {"social-worker", with_service({{"dossier.list", "CN"},
                                        {"dossier.notices", "CN"},
                                        {"dossier.emergency", "CN"},
                                        {"dossier.emergency-write", "CN"},
                                        {"dossier.show", "CN"},
                                        {"document.list", "CN"},
                                        {"document.read", "CN"},
                                        {"search.dossiers", "CN"},
                                        {"search.documents", "CN"}})},
        {"team-member", with_service({{"dossier.list", "CT"},
                                      {"dossier.show", "CT"},
                                      {"document.list", "CT"},
                                      {"document.read", "CT"},
                                      {"search.dossiers", "CT"}})},
        {"coordinator", with_service({{"dossier.list", "CT"},
                                      {"dossier.show", "CT"},
                                      {"dossier.assign", "CT"},
                                      {"dossier.history", "CT"},
                                      {"dossier.notices", "CT"},
                                      {"dossier.review", "CT"},
                                      {"dossier.emergency", "CT"},
                                      {"document.list", "CT"},
                                      {"document.read", "CT"},
                                      {"document.proof", "CT"},
                                      {"search.dossiers", "CT"},
                                      {"search.documents", "CT"}})},
        {"guardianship-office", with_service({{"dossier.list", "CG"},
                                              {"dossier.show", "CG"},
                                              {"document.list", "CG"},
                                              {"document.read", "CG"},
                                              {"search.dossiers", "CG"},
                                              {"search.documents", "CG"}})},
        {"legal-office", with_service({{"dossier.list", "CG"},
                                       {"dossier.show", "CG"},
                                       {"document.list", "CG"},
                                       {"document.read", "CG"},
                                       {"document.proof", "CG"},
                                       {"export.court", "CG"}})},
        {"access-desk", with_service({{"dossier.locate", unbarred},
                                      {"dossier.list", "CG"},
                                      {"dossier.show", "CG"},
                                      {"document.list", "CG"},
                                      {"document.read", "CG"}})},
        {"dpo", with_service({{"journal.read", everywhere},
                              {"dossier.history", unbarred},
                              {"dossier.notices", unbarred},
                              {"dossier.review", unbarred}})},
        {"mail-room",
         with_service({{"dossier.locate", unbarred}, {"document.file", whatever_is_open}})},
        {"emergency-unit", with_service({{"dossier.break-glass", unbarred},
                                         {"dossier.locate", unbarred},
                                         {"dossier.emergency", unbarred},
                                         {"dossier.show", "CH"},
                                         {"document.list", "CH"},
                                         {"document.read", "CH"}})},
        {"register-officer", with_service({})},
        {"conservation-officer", with_service({})},
        {"statistics", with_service({})},
        {"operator", with_service({})},
        {"wizard", {{"self.show", "A"}}},  // no role of the product
        {"any", {{"self.show", "A"}}},     // the word of the rules is not a role to hold
        {"staff", {{"self.show", "A"}}},   // nor is a group
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
    BOOST_TEST(cells >= 19U * 34U * 26U);
    BOOST_TEST(situations().size() == everywhere.size());
    for (const std::string_view role : role_ids) BOOST_TEST(expected().contains(role), role);
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

// Finer: no role or action stands in a rule without a cell that shows it.
BOOST_AUTO_TEST_CASE(each_role_and_action_that_is_removed_from_a_rule_changes_the_table) {
    const auto& all = shipped_rules().all();
    const auto without = [&](std::size_t at, auto member, std::size_t gone) {
        std::vector<Rule> rest = all;
        (rest[at].*member).erase((rest[at].*member).begin() + static_cast<std::ptrdiff_t>(gone));
        return differences(Rules(std::move(rest)), false);
    };
    for (std::size_t at = 0; at < all.size(); ++at) {
        for (std::size_t i = 0; i < all[at].roles.size(); ++i)
            BOOST_TEST(without(at, &Rule::roles, i) > 0U, all[at].id << " " << all[at].roles[i]);
        if (all[at].effect == Effect::refuse) continue;  // they name whole areas
        for (std::size_t i = 0; i < all[at].actions.size(); ++i)
            BOOST_TEST(without(at, &Rule::actions, i) > 0U,
                       all[at].id << " " << name(all[at].actions[i]));
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
    for (const auto& [role, letter] :
         {std::pair{"archivist", 'U'}, std::pair{"coordinator", 'T'},
          std::pair{"legal-office", 'G'}, std::pair{"guardianship-office", 'G'}}) {
        const Decision read = decide(me(role), Action::document_read, resource(letter), bare);
        BOOST_TEST(read.is_permitted);
        BOOST_TEST((unmet(read, bare) == std::vector{Obligation::purpose}));
        BOOST_TEST((unmet(read, {today, "  "}) == std::vector{Obligation::purpose}));
        BOOST_TEST(unmet(read, {today, "presa-in-carico"}).empty());
        BOOST_TEST(
            unmet(decide(me(role), Action::dossier_list, resource(letter), bare), bare).empty());
    }
    for (const auto& [role, letter] :
         {std::pair{"team-member", 'T'}, std::pair{"access-desk", 'G'}}) {
        const Decision read = decide(me(role), Action::document_read, resource(letter), bare);
        BOOST_TEST((unmet(read, bare) == std::vector{Obligation::purpose, Obligation::reason}));
        BOOST_TEST((unmet(read, {today, "verifica"}) == std::vector{Obligation::reason}));
        BOOST_TEST(unmet(read, {today, "verifica", "chiamata del tutore"}).empty());
    }
    const Decision exported = decide(me("legal-office"), Action::export_court, resource('G'), bare);
    BOOST_TEST(exported.rule == "access.legal-office.export");
    BOOST_TEST((unmet(exported, bare) == std::vector{Obligation::purpose}));
    BOOST_TEST(unmet(exported, {today, "difesa"}).empty());
}

BOOST_AUTO_TEST_CASE(whoever_has_it_in_charge_types_nothing) {
    Resource mine = dossier_of("gea");
    mine.assigned = {"me"};
    const Context bare{today};
    const Decision read = decide(me("social-worker"), Action::document_read, mine, bare);
    BOOST_TEST(read.purpose == "presa-in-carico");
    BOOST_TEST(unmet(read, bare).empty());
    // The lighter of two ways is the one taken, whichever role came first.
    for (const bool first : {true, false}) {
        Subject both = me(first ? "archivist" : "social-worker");
        both.roles.push_back({first ? "social-worker" : "archivist", "gea"});
        BOOST_TEST(decide(both, Action::document_read, mine, bare).rule ==
                   "access.social-worker.read");
    }
    mine.assigned.clear();
    BOOST_TEST(decide(me("archivist"), Action::document_read, mine, bare).purpose.empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_names_its_rule_and_default_deny_has_a_name) {
    BOOST_TEST(decide(me("archivist"), Action::dossier_show, dossier_of("gea"), {today}).rule ==
               "access.archivist.unit");
    BOOST_TEST(decide(me("archivist"), Action::dossier_show, dossier_of("affidi"), {today}).rule ==
               "default-deny");
}

BOOST_AUTO_TEST_SUITE_END()
