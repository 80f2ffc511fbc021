#pragma once

#include "tests/policies/situations.h"

#include <array>
#include <random>

namespace policies::access::tests {

/// Random rules, people and things, of a world small enough that they meet often.  Rules are such
/// as a file may state.
class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t count) { return random_() % count; }
    bool coin() { return below(2) == 0; }
    template <class Item, std::size_t count>
    Item one_of(const std::array<Item, count>& items) {
        return items[below(count)];
    }
    std::mt19937& random() { return random_; }

    Action action() { return static_cast<Action>(below(3)); }
    std::string role() {
        return one_of(std::array{"archivist", "social-worker", "administrator", "coordinator"});
    }
    std::string unit() { return one_of(std::array{"gea", "affidi", ""}); }
    std::string account() { return one_of(std::array{"me", "anna", "berta"}); }
    Day day() { return {2026, 11, static_cast<unsigned>(22 + below(3))}; }
    std::optional<Day> maybe_day() { return coin() ? std::optional(day()) : std::nullopt; }
    Condition barrier() {
        return one_of(std::array{Condition::sealed_area, Condition::secret_address,
                                 Condition::penal_secrecy, Condition::destroyed,
                                 Condition::limited});
    }

    Rule refusal() {
        Rule rule = about();
        rule.effect = Effect::refuse;
        rule.roles = {"any"};
        rule.scope = coin() ? Scope::own_conflict : Scope::all;
        if (rule.scope == Scope::all || coin()) rule.conditions.push_back(barrier());
        return rule;
    }
    Rule permit() {
        Rule rule = about();
        rule.roles = {role()};
        if (below(4) == 0) rule.conditions.push_back(Condition::unit_open);
        if (below(4) == 0) rule.conditions.push_back(Condition::dossier_open);
        if (below(4) == 0) rule.roles.push_back(role());
        rule.scope = one_of(std::array{Scope::own_assignment, Scope::grant, Scope::unit,
                                       Scope::team, Scope::broken_glass, Scope::all});
        if (below(10) == 0) {
            rule.roles = {"any"};
            rule.scope = Scope::self;
        }
        if (coin()) rule.obligations.push_back(Obligation::purpose);
        if (coin() && !rule.obligations.empty()) rule.purpose = "presa-in-carico";
        if (coin()) rule.obligations.push_back(Obligation::reason);
        return rule;
    }
    std::vector<Rule> rules() {
        std::vector<Rule> rules;
        for (std::size_t i = below(12); i > 0; --i)
            rules.push_back(below(3) == 0 ? refusal() : permit());
        return rules;
    }

    std::vector<RoleHeld> roles() {
        std::vector<RoleHeld> roles;
        for (std::size_t i = below(3); i > 0; --i)
            roles.push_back({role(), unit(), maybe_day(), maybe_day(), coin() ? "tutela" : ""});
        return roles;
    }
    Subject subject() {
        Subject subject{"me", roles()};
        subject.is_active = below(20) != 0;
        for (std::size_t i = below(3); i > 0; --i)
            subject.delegations.push_back(
                {account(), roles(), below(5) != 0, maybe_day(), maybe_day()});
        return subject;
    }
    Resource resource() {
        using Kind = Resource::Kind;
        Resource resource;
        resource.kind =
            one_of(std::array{Kind::service, Kind::account, Kind::collection, Kind::dossier,
                              Kind::dossier, Kind::dossier, Kind::dossier, Kind::dossier});
        resource.account = account();
        resource.unit = unit();
        for (std::size_t i = below(3); i > 0; --i) resource.assigned.push_back(account());
        for (std::size_t i = below(3); i > 0; --i)
            resource.grants.add({account(), day(), maybe_day()});
        if (coin()) resource.broken_glass.push_back(account());
        if (coin()) resource.conflicts.push_back(account());
        if (coin()) resource.teams.push_back({unit(), coin() ? "tutela" : ""});
        if (below(4) == 0) resource.barriers.push_back({barrier(), {}});
        for (Barrier& one : resource.barriers)
            for (std::size_t i = below(4); i > 0; --i) one.admitted.push_back(account());
        resource.is_unit_open = below(4) != 0;
        resource.is_dossier_open = below(4) != 0;
        return resource;
    }

private:
    Rule about() {
        Rule rule;
        rule.id = "test." + std::to_string(below(1'000'000'000));
        rule.actions = {action()};
        rule.source = "s";
        return rule;
    }

    std::mt19937 random_;
};

}  // namespace policies::access::tests
