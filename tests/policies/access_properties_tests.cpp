#include "tests/policies/situations.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace policies::access;
using namespace policies::access::tests;

namespace {

constexpr int cases_count = 100'000;

/// Worlds small enough that rules, roles and resources meet often.
class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t count) { return random_() % count; }
    bool coin() { return below(2) == 0; }
    template <class Item, std::size_t count>
    Item one_of(const std::array<Item, count>& items) {
        return items[below(count)];
    }

    Rule rule() {
        constexpr std::array roles{"archivist", "social-worker", "legal-office", "any"};
        constexpr std::array scopes{Scope::self, Scope::own_assignment, Scope::grant,
                                    Scope::unit, Scope::own_conflict,   Scope::all};
        Rule rule;
        rule.id = "test." + std::to_string(below(1'000'000'000));
        rule.effect = below(5) == 0 ? Effect::refuse : Effect::permit;
        rule.role = one_of(roles);
        rule.actions = {action()};
        rule.scope = one_of(scopes);
        if (coin()) rule.conditions.push_back(Condition::unit_open);
        if (coin()) rule.conditions.push_back(Condition::dossier_open);
        if (coin()) rule.obligations.push_back(Obligation::purpose);
        return rule;
    }
    std::vector<Rule> rules() {
        std::vector<Rule> rules;
        for (std::size_t i = below(8); i > 0; --i) rules.push_back(rule());
        return rules;
    }
    Action action() { return static_cast<Action>(below(3)); }
    Day day() { return {2026, 11, static_cast<unsigned>(22 + below(3))}; }
    Subject subject() {
        constexpr std::array roles{"archivist", "social-worker", "legal-office"};
        constexpr std::array units{"gea", "affidi", ""};
        Subject subject{"me"};
        for (std::size_t i = below(3); i > 0; --i) {
            RoleHeld held{one_of(roles), one_of(units)};
            if (coin()) held.until = day();
            subject.roles.push_back(held);
        }
        return subject;
    }
    Resource resource() {
        constexpr std::array kinds{Resource::Kind::service,    Resource::Kind::account,
                                   Resource::Kind::collection, Resource::Kind::dossier,
                                   Resource::Kind::dossier,    Resource::Kind::dossier};
        constexpr std::array units{"gea", "affidi", ""};
        Resource resource;
        resource.kind = one_of(kinds);
        resource.account = coin() ? "me" : "other";
        resource.unit = one_of(units);
        if (coin()) resource.assigned.push_back(coin() ? "me" : "other");
        if (coin()) resource.grants.push_back({coin() ? "me" : "other", day()});
        if (coin()) resource.conflicts.push_back(coin() ? "me" : "other");
        resource.is_unit_open = coin();
        resource.is_dossier_open = coin();
        return resource;
    }
    std::mt19937& random() { return random_; }

private:
    std::mt19937 random_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(access_properties_tests)

BOOST_AUTO_TEST_CASE(properties_hold_for_random_rules_and_worlds) {
    constexpr unsigned seed = 20261123;
    BOOST_TEST_MESSAGE("seed " << seed);
    Dice dice(seed);
    int permitted = 0;
    for (int i = 0; i < cases_count; ++i) {
        std::vector<Rule> rules = dice.rules();
        const Subject subject = dice.subject();
        const Resource resource = dice.resource();
        const Action action = dice.action();
        const Decision decision = decide(Rules(rules), subject, action, resource, {today});
        permitted += decision.is_permitted ? 1 : 0;

        // The order of rules means nothing.
        std::shuffle(rules.begin(), rules.end(), dice.random());
        const Decision shuffled = decide(Rules(rules), subject, action, resource, {today});
        BOOST_REQUIRE(shuffled.is_permitted == decision.is_permitted);
        BOOST_REQUIRE(shuffled.rule == decision.rule);

        // One more refusal never permits more.
        Rule refusal = dice.rule();
        refusal.effect = Effect::refuse;
        std::vector<Rule> stricter = rules;
        stricter.push_back(refusal);
        if (decide(Rules(stricter), subject, action, resource, {today}).is_permitted)
            BOOST_REQUIRE(decision.is_permitted);
        if (decision.is_permitted) continue;

        // One grant, assignment or role fewer never permits more, as long as no rule refuses.
        std::erase_if(rules, [](const Rule& rule) { return rule.effect == Effect::refuse; });
        const bool before = decide(Rules(rules), subject, action, resource, {today}).is_permitted;
        Resource poorer = resource;
        poorer.grants.clear();
        poorer.assigned.clear();
        Subject weaker = subject;
        if (!weaker.roles.empty()) weaker.roles.pop_back();
        if (!before) {
            BOOST_REQUIRE(!decide(Rules(rules), subject, action, poorer, {today}).is_permitted);
            BOOST_REQUIRE(!decide(Rules(rules), weaker, action, resource, {today}).is_permitted);
        }
    }
    BOOST_TEST_MESSAGE(permitted << " of " << cases_count << " permitted");
    BOOST_TEST(permitted > cases_count / 50);  // else the worlds never meet and nothing was tried
}

BOOST_AUTO_TEST_CASE(one_refusal_beats_every_permit) {
    Rule permit{
        "a.permit", Effect::permit, "archivist", {Action::dossier_show}, Scope::unit, {}, {}, "s"};
    Rule refusal{"z.refuse", Effect::refuse, "any", {Action::dossier_show}, Scope::all, {}, {},
                 "s"};
    const Decision decision = decide(Rules({permit, refusal}), me("archivist"),
                                     Action::dossier_show, dossier_of("gea"), {today});
    BOOST_TEST(!decision.is_permitted);
    BOOST_TEST(decision.rule == "z.refuse");
}

BOOST_AUTO_TEST_CASE(the_lightest_permit_decides) {
    Rule heavy{"a.heavy",
               Effect::permit,
               "archivist",
               {Action::dossier_show},
               Scope::unit,
               {},
               {Obligation::purpose, Obligation::reason},
               "s"};
    Rule light{"b.light", Effect::permit,        "archivist", {Action::dossier_show}, Scope::all,
               {},        {Obligation::purpose}, "s"};
    const Decision decision = decide(Rules({heavy, light}), me("archivist"), Action::dossier_show,
                                     dossier_of("gea"), {today});
    BOOST_TEST(decision.rule == "b.light");
}

BOOST_AUTO_TEST_SUITE_END()
