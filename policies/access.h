#pragma once

#include "policies/actions.h"
#include "policies/rules.h"

#include <compare>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace policies::access {

struct Day {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    friend constexpr auto operator<=>(const Day&, const Day&) = default;
};

/// A role between two days, both included; without a day there is no bound on that side.
struct RoleHeld {
    std::string role;
    std::string unit;
    std::optional<Day> from{};
    std::optional<Day> until{};
    std::string team{};  ///< Within the unit; empty for a role of no team.
};

/// What a colleague has handed over between two days, both included: their roles as they are now.
/// What they hold by delegation themselves is not here, so that a delegation is never chained.
struct Delegation {
    std::string account;  ///< Whose rights these are.
    std::vector<RoleHeld> roles{};
    bool is_active = true;  ///< Whether that account is.
    std::optional<Day> from{};
    std::optional<Day> until{};
};

/// Who asks.
struct Subject {
    std::string account;  ///< Any stable id; compared for equality only, empty is nobody.
    std::vector<RoleHeld> roles{};
    bool is_active = true;
    std::vector<Delegation> delegations{};
};

struct Grant {
    std::string account;
    Day until;  ///< The last day.
    std::optional<Day> from{};
};

/// Grants by account, in order: one of ten thousand is found without looking at the others.
class Grants {
public:
    Grants() = default;
    Grants(std::initializer_list<Grant> grants);
    explicit Grants(std::vector<Grant> grants);

    void add(Grant grant);
    std::span<const Grant> of(std::string_view account) const;
    bool empty() const { return sorted_.empty(); }
    void clear() { sorted_.clear(); }

private:
    std::vector<Grant> sorted_;
};

/// A team of a unit.
struct Team {
    std::string unit;
    std::string name;
    friend bool operator==(const Team&, const Team&) = default;
};

/// What keeps everybody out but those who are named: a seal, a secrecy, a limitation.
struct Barrier {
    Condition what = Condition::sealed_area;  ///< One that is_barrier().
    std::vector<std::string> admitted{};      ///< Accounts; nobody passes on another's behalf.
};

/// What is asked for.  For a list or a search ask once with `collection` (may this be asked at
/// all?), then with `dossier` for every item: what is refused there is left out as if missing.
struct Resource {
    enum class Kind { service, account, collection, dossier };

    Kind kind = Kind::service;
    std::string account{};  ///< Of an account resource.
    std::string unit{};     ///< Of a dossier, or where one is to be opened.
    std::vector<std::string> assigned{};
    Grants grants{};
    std::vector<std::string> broken_glass{};  ///< Accounts whose emergency has not run out.
    std::vector<std::string> conflicts{};     ///< Accounts that a conflict of interest keeps out.
    bool is_unit_open = true;
    bool is_dossier_open = true;
    std::vector<Team> teams{};  ///< That work on the dossier.
    std::vector<Barrier> barriers{};
};

/// When and why.
struct Context {
    Day today;
    std::string purpose{};
    std::string reason{};
    std::string second{};  ///< The account that approved besides; empty: nobody did.
};

struct Decision {
    bool is_permitted = false;
    std::string rule = "default-deny";  ///< The id of the rule that decided.
    std::vector<Obligation> obligations{};
    std::string purpose{};     ///< What holds as the purpose where none was given.
    std::string account{};     ///< Who asked.
    std::string acting_for{};  ///< On whose behalf it is permitted; empty: on their own.
};

/// Whether the subject may do that to that, now.
///
/// Total and pure: no clock, no state, never throws but for lack of memory.  Nothing is permitted
/// unless a rule permits it; one refusing rule that matches beats every permit, one that matches
/// whoever handed their rights over takes those rights away.  Among permits the one that leaves
/// the least to type decides, then one's own before another's, then the smallest id, so that the
/// order of rules never matters.
Decision decide(const Rules& rules, const Subject& subject, Action action, const Resource& resource,
                const Context& context);

/// With the shipped rules.
Decision decide(const Subject& subject, Action action, const Resource& resource,
                const Context& context);

/// The obligations that the context leaves unmet; a permit is only good when this is empty.  A
/// watermark and a notification are never here: they are for whoever carries the permit out.
std::vector<Obligation> unmet(const Decision& decision, const Context& context);

}  // namespace policies::access
