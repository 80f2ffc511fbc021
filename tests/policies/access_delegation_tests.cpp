#include "tests/policies/situations.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace policies::access;
using namespace policies::access::tests;

namespace {

/// "me", to whom "anna", archivist of gea, has handed her rights over.
Subject standing_in(const char* own_role = "") {
    Subject subject = me(own_role);
    subject.delegations = {{"anna", {{"archivist", "gea"}}}};
    return subject;
}

Decision shown(const Subject& subject, const Resource& resource) {
    return decide(subject, Action::dossier_show, resource, {today});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_delegation_tests)

BOOST_AUTO_TEST_CASE(who_stands_in_may_what_the_other_may_and_the_decision_says_for_whom) {
    const Decision decision = shown(standing_in(), dossier_of("gea"));
    BOOST_TEST(decision.is_permitted);
    BOOST_TEST(decision.acting_for == "anna");
    BOOST_TEST(decision.account == "me");
    BOOST_TEST(!shown(standing_in(), dossier_of("affidi")).is_permitted);
}

BOOST_AUTO_TEST_CASE(what_is_ones_own_is_done_in_ones_own_name) {
    const Decision decision = shown(standing_in("archivist"), dossier_of("gea"));
    BOOST_TEST(decision.is_permitted);
    BOOST_TEST(decision.acting_for.empty());
}

BOOST_AUTO_TEST_CASE(a_delegation_holds_between_its_days_and_while_its_giver_is_active) {
    const auto permitted = [](std::optional<Day> from, std::optional<Day> until, bool active) {
        Subject subject = standing_in();
        subject.delegations[0].from = from;
        subject.delegations[0].until = until;
        subject.delegations[0].is_active = active;
        return shown(subject, dossier_of("gea")).is_permitted;
    };
    BOOST_TEST(permitted(today, today, true));
    BOOST_TEST(!permitted(tomorrow, {}, true));
    BOOST_TEST(!permitted({}, yesterday, true));
    BOOST_TEST(!permitted({}, {}, false));
    Subject disabled = standing_in();
    disabled.is_active = false;
    BOOST_TEST(!shown(disabled, dossier_of("gea")).is_permitted);
}

BOOST_AUTO_TEST_CASE(the_roles_of_the_giver_count_with_their_own_days) {
    Subject subject = standing_in();
    subject.delegations[0].roles[0].until = yesterday;
    BOOST_TEST(!shown(subject, dossier_of("gea")).is_permitted);
}

BOOST_AUTO_TEST_CASE(what_keeps_either_of_the_two_out_keeps_both_out) {
    for (const char* who : {"me", "anna"}) {
        Resource dossier = dossier_of("gea");
        dossier.conflicts = {who};
        BOOST_TEST(!shown(standing_in(), dossier).is_permitted, who);
    }
    for (const char* admitted : {"me", "anna"}) {
        Resource dossier = dossier_of("gea");
        dossier.barriers = {{Condition::sealed_area, {admitted}}};
        BOOST_TEST(!shown(standing_in(), dossier).is_permitted, admitted);
    }
    Resource dossier = dossier_of("gea");
    dossier.barriers = {{Condition::sealed_area, {"me", "anna"}}};
    BOOST_TEST(shown(standing_in(), dossier).is_permitted);
}

BOOST_AUTO_TEST_CASE(who_runs_or_watches_the_service_does_so_in_person) {
    Subject subject = me("");
    subject.delegations = {
        {"boss", {{"administrator", ""}, {"operator", ""}, {"dpo", ""}, {"statistics", ""}}}};
    for (const Action action : all_actions()) {
        const bool permitted =
            decide(subject, action, {Resource::Kind::service}, {today}).is_permitted;
        const bool is_anybodys = action == Action::vault_status || action == Action::unit_list ||
                                 action == Action::checkpoint_read;
        BOOST_TEST(permitted == is_anybodys, name(action));
    }
}

BOOST_AUTO_TEST_CASE(nobody_is_oneself_by_standing_in_for_oneself_or_for_nobody) {
    for (const char* who : {"me", ""}) {
        Subject subject = standing_in();
        subject.delegations[0].account = who;
        BOOST_TEST(!shown(subject, dossier_of("gea")).is_permitted);
    }
    const Resource her_account{Resource::Kind::account, "anna"};
    BOOST_TEST(!decide(standing_in(), Action::self_show, her_account, {today}).is_permitted);
}

BOOST_AUTO_TEST_CASE(of_several_the_one_that_asks_least_decides_whatever_their_order) {
    Resource dossier = dossier_of("gea");
    dossier.assigned = {"carla"};
    Subject subject = standing_in();
    subject.delegations.push_back({"carla", {{"social-worker", ""}}});
    subject.delegations.push_back({"berta", {{"archivist", "gea"}}});
    std::sort(subject.delegations.begin(), subject.delegations.end(),
              [](const auto& a, const auto& b) { return a.account < b.account; });
    do {
        const Decision read = decide(subject, Action::document_read, dossier, {today});
        BOOST_TEST(read.acting_for == "carla");
        BOOST_TEST(read.purpose == "presa-in-carico");
        BOOST_TEST(shown(subject, dossier).acting_for == "anna");
    } while (
        std::next_permutation(subject.delegations.begin(), subject.delegations.end(),
                              [](const auto& a, const auto& b) { return a.account < b.account; }));
}

BOOST_AUTO_TEST_CASE(a_second_person_is_neither_of_the_two) {
    Decision decision;
    decision.account = "me";
    decision.acting_for = "anna";
    decision.obligations = {Obligation::second_person, Obligation::watermark,
                            Obligation::notification};
    const auto is_met = [&](const char* second) {
        return unmet(decision, {today, "", "", second}).empty();
    };
    BOOST_TEST(!is_met(""));
    BOOST_TEST(!is_met("me"));
    BOOST_TEST(!is_met("anna"));
    BOOST_TEST(is_met("berta"));
}

BOOST_AUTO_TEST_SUITE_END()
