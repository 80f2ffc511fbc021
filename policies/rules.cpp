#include "policies/rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace policies::access {

extern const std::string_view access_rules_toml;  // made from rules/access.toml at build

Rules::Rules(std::vector<Rule> rules) : rules_(std::move(rules)) {
    std::sort(rules_.begin(), rules_.end(),
              [](const Rule& a, const Rule& b) { return a.id < b.id; });
    for (std::size_t index = 0; index < rules_.size(); ++index) {
        RoleSet roles = 0;
        for (const std::string& role : rules_[index].roles)
            roles |= role == "any" ? every_role : role_set(role);
        roles_.push_back(roles);
        for (const Action action : rules_[index].actions)
            by_action_[static_cast<std::size_t>(action)].push_back(index);
    }
}

bool is_barrier(Condition condition) {
    return condition != Condition::unit_open && condition != Condition::dossier_open;
}

std::string_view shipped_rules_text() { return access_rules_toml; }

const Rules& shipped_rules() {
    static const Rules rules = [] {
        LoadedRules loaded = load_rules(access_rules_toml);
        if (!loaded.rules) {
            // A bug of ours, shown by the first test: without rules nothing may be decided.
            std::fprintf(stderr, "policies: rules/access.toml:%zu: %s\n", loaded.line,
                         loaded.reason.c_str());
            std::abort();
        }
        return *std::move(loaded.rules);
    }();
    return rules;
}

}  // namespace policies::access
