#include "tests/policies/dice.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <tuple>

using namespace policies::access;
using namespace policies::access::tests;

namespace {

constexpr int rule_sets = 25'000;
constexpr int worlds_each = 40;
static_assert(rule_sets * worlds_each >= 1'000'000);

/// CUSTODE_SEED tries other worlds.
unsigned seed() {
    const char* given = std::getenv("CUSTODE_SEED");
    return given == nullptr ? 20261123U : static_cast<unsigned>(std::atoi(given));
}

struct World {
    Subject subject;
    Resource resource;
    Action action;

    Decision decided(const Rules& rules) const {
        return decide(rules, subject, action, resource, {today});
    }
};

World world(Dice& dice) { return {dice.subject(), dice.resource(), dice.action()}; }

auto parts(const Decision& decision) {
    return std::tie(decision.is_permitted, decision.rule, decision.obligations, decision.purpose,
                    decision.account, decision.acting_for);
}

template <class Item>
bool take_one(Dice& dice, std::vector<Item>& from) {
    if (from.empty()) return false;
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(dice.below(from.size())));
    return true;
}

/// One right fewer, of a kind chosen by the dice; false when there was none of that kind.
bool impoverish(Dice& dice, World& world) {
    auto& [subject, resource, action] = world;
    switch (dice.below(8)) {
        case 0: return take_one(dice, subject.roles);
        case 1: return take_one(dice, subject.delegations);
        case 2: return take_one(dice, resource.assigned);
        case 3: return take_one(dice, resource.teams);
        case 4:
            for (Delegation& one : subject.delegations)
                if (take_one(dice, one.roles)) return true;
            return false;
        case 5:
            for (Barrier& one : resource.barriers)
                if (take_one(dice, one.admitted)) return true;
            return false;
        case 6: {
            const std::string account = dice.account();
            const auto held = resource.grants.of(account);
            if (held.empty()) return false;
            std::vector<Grant> fewer(held.begin() + 1, held.end());
            for (const char* other : {"me", "anna", "berta"})
                if (account != other)
                    for (const Grant& grant : resource.grants.of(other)) fewer.push_back(grant);
            resource.grants = Grants(std::move(fewer));
            return true;
        }
        default: subject.is_active = false; return true;
    }
}

/// One obstacle more.
void obstruct(Dice& dice, World& world) {
    auto& resource = world.resource;
    switch (dice.below(4)) {
        case 0: resource.conflicts.push_back(dice.account()); break;
        case 1: resource.barriers.push_back({dice.barrier(), {dice.account()}}); break;
        case 2: resource.is_unit_open = false; break;
        default: resource.is_dossier_open = false; break;
    }
}

/// The same world told in another order.
void shuffle(Dice& dice, World& world) {
    std::shuffle(world.subject.roles.begin(), world.subject.roles.end(), dice.random());
    std::shuffle(world.subject.delegations.begin(), world.subject.delegations.end(), dice.random());
    std::shuffle(world.resource.assigned.begin(), world.resource.assigned.end(), dice.random());
    std::shuffle(world.resource.barriers.begin(), world.resource.barriers.end(), dice.random());
}

/// How often somebody with one right fewer was permitted what they were refused before.
int gains_by_losing(const Rules& rules, Dice& dice, int tries) {
    int gains = 0;
    for (int i = 0; i < tries; ++i) {
        World one = world(dice);
        if (one.decided(rules).is_permitted) continue;
        if (impoverish(dice, one) && one.decided(rules).is_permitted) ++gains;
    }
    return gains;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_properties_tests)

BOOST_AUTO_TEST_CASE(properties_hold_in_a_million_random_worlds) {
    BOOST_TEST_MESSAGE("seed " << seed());
    Dice dice(seed());
    int permitted = 0;
    int behalf = 0;
    int refused_by_rule = 0;
    int poorer = 0;
    for (int set = 0; set < rule_sets; ++set) {
        std::vector<Rule> all = dice.rules();
        const Rules rules(all);
        std::shuffle(all.begin(), all.end(), dice.random());
        const Rules shuffled(all);
        all.push_back(dice.refusal());
        const Rules stricter(std::move(all));
        for (int i = 0; i < worlds_each; ++i) {
            World one = world(dice);
            const Decision decision = one.decided(rules);
            permitted += decision.is_permitted ? 1 : 0;
            behalf += decision.acting_for.empty() ? 0 : 1;
            refused_by_rule += !decision.is_permitted && decision.rule != "default-deny" ? 1 : 0;
            if (!decision.is_permitted)
                BOOST_REQUIRE(decision.obligations.empty() && decision.acting_for.empty());

            // Pure, and no order means anything.
            BOOST_REQUIRE(parts(one.decided(rules)) == parts(decision));
            shuffle(dice, one);
            BOOST_REQUIRE(parts(one.decided(shuffled)) == parts(decision));
            if (decision.is_permitted) continue;

            // One refusal more, one obstacle more, one right fewer: never more is permitted.
            BOOST_REQUIRE(!one.decided(stricter).is_permitted);
            World harder = one;
            obstruct(dice, harder);
            BOOST_REQUIRE(!harder.decided(rules).is_permitted);
            if (!impoverish(dice, one)) continue;
            ++poorer;
            BOOST_REQUIRE(!one.decided(rules).is_permitted);
        }
    }
    BOOST_TEST_MESSAGE(rule_sets * worlds_each << " cases: " << permitted << " permitted, "
                                               << behalf << " of them on another's behalf, "
                                               << refused_by_rule << " refused by a rule, "
                                               << poorer << " tried with a right fewer");
    // Else the worlds never meet and nothing was tried.
    BOOST_TEST(permitted > 50'000);
    BOOST_TEST(behalf > 5'000);
    BOOST_TEST(refused_by_rule > 20'000);
    BOOST_TEST(poorer > 100'000);
}

// Why a file may not tie a refusal to a right: whoever gave the right up would be let in.
BOOST_AUTO_TEST_CASE(a_refusal_tied_to_a_right_would_be_noticed) {
    Dice dice(seed());
    Rule permit = dice.permit();
    permit.roles = {"archivist"};
    permit.actions = {Action::vault_status};
    permit.scope = Scope::all;
    permit.conditions.clear();
    Rule tied = dice.refusal();
    tied.actions = permit.actions;
    tied.scope = Scope::own_assignment;
    tied.conditions.clear();
    constexpr int tries = 20'000;
    BOOST_TEST(gains_by_losing(Rules({permit}), dice, tries) == 0);
    BOOST_TEST(gains_by_losing(Rules({permit, tied}), dice, tries) > 0);
}

BOOST_AUTO_TEST_CASE(one_refusal_beats_every_permit) {
    Rule permit{
        "a.permit", Effect::permit, {"archivist"}, {Action::dossier_show}, Scope::unit, {}, {},
        "s"};
    Rule refusal{"z.refuse", Effect::refuse, {"any"}, {Action::dossier_show}, Scope::all, {}, {},
                 "s"};
    const Decision decision = decide(Rules({permit, refusal}), me("archivist"),
                                     Action::dossier_show, dossier_of("gea"), {today});
    BOOST_TEST(!decision.is_permitted);
    BOOST_TEST(decision.rule == "z.refuse");
}

BOOST_AUTO_TEST_CASE(the_lightest_permit_decides) {
    Rule heavy{"a.heavy",
               Effect::permit,
               {"archivist"},
               {Action::dossier_show},
               Scope::unit,
               {},
               {Obligation::purpose, Obligation::reason},
               "s"};
    Rule light{"b.light",
               Effect::permit,
               {"archivist"},
               {Action::dossier_show},
               Scope::all,
               {},
               {Obligation::purpose},
               "s"};
    const Decision decision = decide(Rules({heavy, light}), me("archivist"), Action::dossier_show,
                                     dossier_of("gea"), {today});
    BOOST_TEST(decision.rule == "b.light");
}

BOOST_AUTO_TEST_SUITE_END()
