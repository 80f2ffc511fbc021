#pragma once

#include "policies/actions.h"
#include "policies/rules.h"

#include <compare>
#include <optional>
#include <string>
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
};

/// Who asks.
struct Subject {
    std::string account;  ///< Any stable id; compared for equality only, empty is nobody.
    std::vector<RoleHeld> roles{};
    bool is_active = true;
};

struct Grant {
    std::string account;
    Day until;  ///< The last day.
};

/// What is asked for.  For a list or a search ask once with `collection` (may this be asked at
/// all?), then with `dossier` for every item: what is refused there is left out as if missing.
struct Resource {
    enum class Kind { service, account, collection, dossier };

    Kind kind = Kind::service;
    std::string account{};  ///< Of an account resource.
    std::string unit{};     ///< Of a dossier, or where one is to be opened.
    std::vector<std::string> assigned{};
    std::vector<Grant> grants{};
    std::vector<std::string> conflicts{};  ///< Accounts that a conflict of interest keeps out.
    bool is_unit_open = true;
    bool is_dossier_open = true;
};

/// When and why.
struct Context {
    Day today;
    std::string purpose{};
    std::string reason{};
};

struct Decision {
    bool is_permitted = false;
    std::string rule = "default-deny";  ///< The id of the rule that decided.
    std::vector<Obligation> obligations{};
};

/// Whether the subject may do that to that, now.
///
/// Total and pure: no clock, no state, never throws but for lack of memory.  Nothing is permitted
/// unless a rule permits it; one refusing rule that matches beats every permit.  Among permits the
/// one with the fewest obligations decides, then the smallest id, so that the order of rules never
/// matters.
Decision decide(const Rules& rules, const Subject& subject, Action action, const Resource& resource,
                const Context& context);

/// With the shipped rules.
Decision decide(const Subject& subject, Action action, const Resource& resource,
                const Context& context);

/// The obligations that the context leaves unmet; a permit is only good when this is empty.
std::vector<Obligation> unmet(const Decision& decision, const Context& context);

}  // namespace policies::access
