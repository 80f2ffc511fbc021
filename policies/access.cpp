#include "policies/access.h"

#include <algorithm>

namespace policies::access {
namespace {

bool is_current(const RoleHeld& held, const Day& today) {
    return (!held.from || *held.from <= today) && (!held.until || today <= *held.until);
}

bool is_assigned(const Subject& subject, const Resource& resource) {
    return std::find(resource.assigned.begin(), resource.assigned.end(), subject.account) !=
           resource.assigned.end();
}

bool is_granted(const Subject& subject, const Resource& resource, const Day& today) {
    return std::any_of(resource.grants.begin(), resource.grants.end(), [&](const Grant& grant) {
        return grant.account == subject.account && today <= grant.until;
    });
}

bool is_in_conflict(const Subject& subject, const Resource& resource) {
    return std::find(resource.conflicts.begin(), resource.conflicts.end(), subject.account) !=
           resource.conflicts.end();
}

bool holds(Condition condition, const Resource& resource) {
    switch (condition) {
        case Condition::unit_open: return resource.is_unit_open;
        case Condition::dossier_open: return resource.is_dossier_open;
    }
    return false;
}

/// Whether the rule reaches the resource for someone who holds its role in `unit`.
bool reaches(const Rule& rule, const Subject& subject, const std::string& unit,
             const Resource& resource, const Day& today) {
    if (rule.scope == Scope::self)
        return resource.kind == Resource::Kind::account && resource.account == subject.account;
    if (rule.scope == Scope::all) return true;
    // The narrower scopes speak of dossiers; a collection is only asked about item by item.
    if (resource.kind == Resource::Kind::collection) return true;
    if (resource.kind != Resource::Kind::dossier) return false;
    switch (rule.scope) {
        case Scope::own_assignment: return is_assigned(subject, resource);
        case Scope::grant: return is_granted(subject, resource, today);
        case Scope::unit: return !unit.empty() && unit == resource.unit;
        case Scope::own_conflict: return is_in_conflict(subject, resource);
        case Scope::self:
        case Scope::all: break;
    }
    return false;
}

bool matches(const Rule& rule, const Subject& subject, const Resource& resource, const Day& today) {
    const bool conditions_hold =
        resource.kind == Resource::Kind::collection ||
        std::all_of(rule.conditions.begin(), rule.conditions.end(),
                    [&](Condition condition) { return holds(condition, resource); });
    if (!conditions_hold) return false;
    if (rule.role == "any") return reaches(rule, subject, {}, resource, today);
    return std::any_of(subject.roles.begin(), subject.roles.end(), [&](const RoleHeld& held) {
        return held.role == rule.role && is_current(held, today) &&
               reaches(rule, subject, held.unit, resource, today);
    });
}

}  // namespace

Decision decide(const Rules& rules, const Subject& subject, Action action, const Resource& resource,
                const Context& context) {
    Decision decision;
    if (!subject.is_active || subject.account.empty()) return decision;
    const Rule* permit = nullptr;
    for (const std::size_t index : rules.about(action)) {  // in order of id
        const Rule& rule = rules.all()[index];
        if (!matches(rule, subject, resource, context.today)) continue;
        // A refusal of a list as a whole would hide what the subject may see: it is asked per item.
        if (rule.effect == Effect::refuse) {
            if (resource.kind == Resource::Kind::collection) continue;
            return {false, rule.id, {}};
        }
        if (permit == nullptr || rule.obligations.size() < permit->obligations.size())
            permit = &rule;
    }
    if (permit == nullptr) return decision;
    return {true, permit->id, permit->obligations};
}

Decision decide(const Subject& subject, Action action, const Resource& resource,
                const Context& context) {
    return decide(shipped_rules(), subject, action, resource, context);
}

std::vector<Obligation> unmet(const Decision& decision, const Context& context) {
    std::vector<Obligation> open;
    for (const Obligation obligation : decision.obligations) {
        const std::string& given =
            obligation == Obligation::purpose ? context.purpose : context.reason;
        if (given.find_first_not_of(" \t\n") == std::string::npos) open.push_back(obligation);
    }
    return open;
}

}  // namespace policies::access
