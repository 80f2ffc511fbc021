#include "policies/access.h"

#include <algorithm>
#include <tuple>

namespace policies::access {
namespace {

bool by_account(const Grant& a, const Grant& b) { return a.account < b.account; }

bool is_between(const std::optional<Day>& from, const std::optional<Day>& until, const Day& today) {
    return (!from || *from <= today) && (!until || today <= *until);
}

bool contains(const std::vector<std::string>& accounts, const std::string& account) {
    return std::find(accounts.begin(), accounts.end(), account) != accounts.end();
}

bool is_granted(const std::string& account, const Resource& resource, const Day& today) {
    const auto grants = resource.grants.of(account);
    return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
        return is_between(grant.from, grant.until, today);
    });
}

bool is_barred(Condition what, const std::string& account, const Resource& resource) {
    return std::any_of(resource.barriers.begin(), resource.barriers.end(), [&](const Barrier& one) {
        return one.what == what && !contains(one.admitted, account);
    });
}

bool holds(Condition condition, const std::string& account, const Resource& resource) {
    if (condition == Condition::unit_open) return resource.is_unit_open;
    if (condition == Condition::dossier_open) return resource.is_dossier_open;
    return is_barred(condition, account, resource);
}

bool is_of_team(const RoleHeld& held, const Resource& resource) {
    if (held.team.empty() || held.unit.empty()) return false;
    return std::any_of(resource.teams.begin(), resource.teams.end(), [&](const Team& team) {
        return team.unit == held.unit && team.name == held.team;
    });
}

/// One account with the roles that count for it: the subject, or who stands behind it.
struct Person {
    const std::string& account;
    const std::vector<RoleHeld>& roles;
    RoleSet counted;  ///< Which of the roles may be used.
    bool is_self;     ///< Nobody is another's self.
};

/// What is asked, of one person.  What many rules ask about is looked up once.
class Question {
public:
    Question(const Person& person, const Resource& resource, const Day& today)
        : person_(person), resource_(resource), today_(today) {
        for (const RoleHeld& held : person.roles) {
            if (!is_between(held.from, held.until, today)) continue;
            const RoleSet role = role_set(held.role) & person.counted;
            if (role == 0) continue;
            current_ |= role;
            held_.push_back({role, &held});
        }
    }

    bool matches(const Rule& rule, RoleSet roles) const {
        if (roles != every_role && (roles & current_) == 0) return false;
        // A collection is only asked about item by item.
        if (resource_.kind != Resource::Kind::collection &&
            !std::all_of(rule.conditions.begin(), rule.conditions.end(),
                         [&](Condition one) { return holds(one, person_.account, resource_); }))
            return false;
        if (roles == every_role) return reaches(rule.scope, nullptr);
        return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
            return (held.role & roles) != 0 && reaches(rule.scope, held.as);
        });
    }

private:
    struct Held {
        RoleSet role;
        const RoleHeld* as;
    };

    /// Whether the scope reaches the resource for someone who holds the rule's role so.
    bool reaches(Scope scope, const RoleHeld* held) const {
        if (scope == Scope::self)
            return person_.is_self && resource_.kind == Resource::Kind::account &&
                   resource_.account == person_.account;
        if (scope == Scope::all) return true;
        // The narrower scopes speak of dossiers.
        if (resource_.kind == Resource::Kind::collection) return true;
        if (resource_.kind != Resource::Kind::dossier) return false;
        switch (scope) {
            case Scope::own_assignment:
                return once(assigned_,
                            [&] { return contains(resource_.assigned, person_.account); });
            case Scope::grant:
                return once(granted_,
                            [&] { return is_granted(person_.account, resource_, today_); });
            // In person: nobody reads through the glass that a colleague broke.
            case Scope::broken_glass:
                return person_.is_self && contains(resource_.broken_glass, person_.account);
            case Scope::own_conflict: return contains(resource_.conflicts, person_.account);
            case Scope::unit:
                return held != nullptr && !held->unit.empty() && held->unit == resource_.unit;
            case Scope::team: return held != nullptr && is_of_team(*held, resource_);
            case Scope::self:
            case Scope::all: break;
        }
        return false;
    }

    template <class Look>
    static bool once(std::optional<bool>& known, Look look) {
        if (!known) known = look();
        return *known;
    }

    Person person_;
    const Resource& resource_;
    const Day& today_;
    std::vector<Held> held_;
    RoleSet current_ = 0;
    mutable std::optional<bool> assigned_;
    mutable std::optional<bool> granted_;
};

/// How much is left to type under a rule.
std::size_t weight(const Rule& rule) {
    return rule.obligations.size() - (rule.purpose.empty() ? 0 : 1);
}

struct Outcome {
    const Rule* refusal = nullptr;
    const Rule* permit = nullptr;
};

Outcome outcome(const Rules& rules, const Person& person, Action action, const Resource& resource,
                const Day& today) {
    const Question question(person, resource, today);
    Outcome found;
    for (const std::size_t index : rules.about(action)) {  // in order of id
        const Rule& rule = rules.all()[index];
        const bool is_refusal = rule.effect == Effect::refuse;
        // A refusal of a list as a whole would hide what the subject may see: it is asked per item.
        if (is_refusal && resource.kind == Resource::Kind::collection) continue;
        if (!is_refusal && found.permit != nullptr && weight(rule) >= weight(*found.permit))
            continue;
        if (!question.matches(rule, rules.roles_of(index))) continue;
        if (is_refusal) return {&rule, nullptr};
        found.permit = &rule;
    }
    return found;
}

/// The lighter permit of those that colleagues have handed over; `than` is one's own, or none.
void look_behind(const Rules& rules, const Subject& subject, Action action,
                 const Resource& resource, const Day& today, const Rule*& than,
                 std::string& acting_for) {
    for (const Delegation& one : subject.delegations) {
        if (!one.is_active || one.account.empty() || one.account == subject.account ||
            !is_between(one.from, one.until, today))
            continue;
        const Person person{one.account, one.roles, delegable_roles(), false};
        const Outcome theirs = outcome(rules, person, action, resource, today);
        if (theirs.permit == nullptr) continue;
        const auto better = [&] {
            if (than == nullptr) return true;
            if (weight(*theirs.permit) != weight(*than))
                return weight(*theirs.permit) < weight(*than);
            // Whatever the order of delegations: the smallest id decides, then the account.
            return !acting_for.empty() &&
                   std::tie(theirs.permit->id, one.account) < std::tie(than->id, acting_for);
        };
        if (!better()) continue;
        than = theirs.permit;
        acting_for = one.account;
    }
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

Grants::Grants(std::initializer_list<Grant> grants) : Grants(std::vector<Grant>(grants)) {}

Grants::Grants(std::vector<Grant> grants) : sorted_(std::move(grants)) {
    std::sort(sorted_.begin(), sorted_.end(), by_account);
}

void Grants::add(Grant grant) {
    const auto place = std::upper_bound(sorted_.begin(), sorted_.end(), grant, by_account);
    sorted_.insert(place, std::move(grant));
}

std::span<const Grant> Grants::of(std::string_view account) const {
    struct ByAccount {
        bool operator()(const Grant& one, std::string_view name) const {
            return one.account < name;
        }
        bool operator()(std::string_view name, const Grant& one) const {
            return name < one.account;
        }
    };
    const auto [first, last] =
        std::equal_range(sorted_.begin(), sorted_.end(), account, ByAccount());
    return {first, last};
}

Decision decide(const Rules& rules, const Subject& subject, Action action, const Resource& resource,
                const Context& context) {
    Decision decision;
    decision.account = subject.account;
    if (!subject.is_active || subject.account.empty()) return decision;
    const Person own{subject.account, subject.roles, every_role, true};
    const Outcome mine = outcome(rules, own, action, resource, context.today);
    if (mine.refusal != nullptr) {
        decision.rule = mine.refusal->id;
        return decision;
    }
    const Rule* permit = mine.permit;
    look_behind(rules, subject, action, resource, context.today, permit, decision.acting_for);
    if (permit == nullptr) return decision;
    decision.is_permitted = true;
    decision.rule = permit->id;
    decision.obligations = permit->obligations;
    decision.purpose = permit->purpose;
    return decision;
}

Decision decide(const Subject& subject, Action action, const Resource& resource,
                const Context& context) {
    return decide(shipped_rules(), subject, action, resource, context);
}

std::vector<Obligation> unmet(const Decision& decision, const Context& context) {
    const auto is_met = [&](Obligation obligation) {
        switch (obligation) {
            case Obligation::purpose:
                return !is_blank(context.purpose) || !decision.purpose.empty();
            case Obligation::reason: return !is_blank(context.reason);
            // Two pairs of eyes: neither one's own nor those of whom one stands in for.
            case Obligation::second_person:
                return !context.second.empty() && context.second != decision.account &&
                       context.second != decision.acting_for;
            case Obligation::watermark:
            case Obligation::notification: return true;
        }
        return false;
    };
    std::vector<Obligation> open;
    for (const Obligation obligation : decision.obligations)
        if (!is_met(obligation)) open.push_back(obligation);
    return open;
}

}  // namespace policies::access
