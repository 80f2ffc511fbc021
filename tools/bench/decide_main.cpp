// custode-bench-decide: how long one decision of policies/access takes.
//
//   custode-bench-decide DECISIONS      prints {"decisions":…,"nanoseconds":…,"permitted":…}
//
// 200 rules (the shipped ones and made-up ones about the same actions), a dossier with 10,000
// grants, somebody with three roles who stands in for two colleagues.

#include "policies/access.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace policies::access;

namespace {

constexpr std::size_t rules_count = 200;
constexpr std::size_t grants_count = 10'000;
constexpr long decisions_max = 100'000'000;
constexpr Day today{2026, 11, 23};

Rules many_rules() {
    std::vector<Rule> rules = shipped_rules().all();
    for (std::size_t i = rules.size(); i < rules_count; ++i) {
        Rule rule;
        rule.id = "bench.r" + std::to_string(i);
        rule.roles = {std::string(role_ids[i % role_ids.size()])};
        rule.actions = {Action::document_read, Action::dossier_show};
        rule.scope = i % 2 == 0 ? Scope::grant : Scope::team;
        rule.conditions = {Condition::unit_open, Condition::dossier_open};
        rule.obligations = {Obligation::purpose, Obligation::reason};
        rules.push_back(std::move(rule));
    }
    return Rules(std::move(rules));
}

/// As long as the ids of accounts are, and as alike.
std::string account(std::size_t number) {
    std::string text = std::to_string(number);
    return "0b1c5a7e-3f52-4c6e-9f0a-" + std::string(12 - text.size(), '0') + text;
}

Resource dossier() {
    Resource resource;
    resource.kind = Resource::Kind::dossier;
    resource.unit = "municipio-3";
    resource.teams = {{"municipio-3", "tutela"}};
    std::vector<Grant> grants;
    for (std::size_t i = 0; i < grants_count; ++i) grants.push_back({account(i), today});
    resource.grants = Grants(std::move(grants));
    for (std::size_t i = 0; i < 10; ++i) resource.assigned.push_back(account(20'000 + i));
    for (std::size_t i = 0; i < 10; ++i) resource.conflicts.push_back(account(30'000 + i));
    return resource;
}

Subject somebody() {
    Subject subject{account(grants_count / 2)};
    for (const char* role : {"legal-office", "team-member", "archivist"})
        subject.roles.push_back({role, "municipio-5", {}, {}, "penale"});
    subject.delegations = {{account(1), subject.roles}, {account(40'000), subject.roles}};
    return subject;
}

}  // namespace

int main(int count, char** arguments) {
    const long decisions = count == 2 ? std::atol(arguments[1]) : 0;
    if (decisions < 1 || decisions > decisions_max) {
        std::fprintf(stderr, "usage: custode-bench-decide DECISIONS\n");
        return 2;
    }
    const Rules rules = many_rules();
    const Resource resource = dossier();
    const Subject subject = somebody();
    long permitted = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (long i = 0; i < decisions; ++i)
        permitted +=
            decide(rules, subject, i % 2 == 0 ? Action::document_read : Action::dossier_show,
                   resource, {today})
                    .is_permitted
                ? 1
                : 0;
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begun;
    std::printf(
        "{\"decisions\":%ld,\"nanoseconds\":%.1f,\"permitted\":%ld,\"rules\":%zu,"
        "\"grants\":%zu}\n",
        decisions, spent.count() / static_cast<double>(decisions), permitted, rules.all().size(),
        grants_count);
    return 0;
}
