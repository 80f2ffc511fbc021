#pragma once

#include "policies/actions.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace policies::access {

enum class Effect { permit, refuse };

/// How far a rule reaches.
enum class Scope {
    self,            ///< The account itself: its own session, its own name.
    own_assignment,  ///< Dossiers assigned to the account.
    grant,           ///< Dossiers granted to the account until a day.
    unit,            ///< Dossiers of the unit in which the role is held.
    own_conflict,    ///< Dossiers in which the account has a conflict of interest; refusals only.
    all,
};

/// What must hold besides the scope.
enum class Condition { unit_open, dossier_open };

/// What whoever is permitted must still do: name a purpose from the list, type a reason.
enum class Obligation { purpose, reason };

/// One line of the law of the house.
struct Rule {
    std::string id;  ///< Stable, journaled with each decision: "access.archivist.unit".
    Effect effect = Effect::permit;
    std::string role;  ///< A role id, or "any" (permits to any only reach oneself).
    std::vector<Action> actions;
    Scope scope = Scope::self;
    std::vector<Condition> conditions;
    std::vector<Obligation> obligations;
    std::string source;  ///< Law or decision that the rule rests on.
};

/// A whole set of rules, validated; the order of the file means nothing.
class Rules {
public:
    explicit Rules(std::vector<Rule> rules);

    const std::vector<Rule>& all() const { return rules_; }
    const std::vector<std::size_t>& about(Action action) const {
        return by_action_[static_cast<std::size_t>(action)];
    }

private:
    std::vector<Rule> rules_;  ///< Sorted by id.
    std::array<std::vector<std::size_t>, actions_count> by_action_;
};

/// Either the rules or where and why the file is bad: it is refused whole.
struct LoadedRules {
    std::optional<Rules> rules;
    std::size_t line = 0;  ///< From 1; 0 when the fault has no line.
    std::string reason;
};

/// Reads a rule file (TOML, see policies/rules/access.toml).  Refused, with the line: what is not
/// TOML, an unknown field, role, action, scope, condition or obligation, an id given twice or not
/// of the form area.name…, a rule without source or actions, an action twice in a rule, a permit
/// for "any" beyond oneself, and a permit that lets an administrator near a dossier.
LoadedRules load_rules(std::string_view toml_text);

/// The rules that are shipped, embedded at build.  Threads: any.
const Rules& shipped_rules();
std::string_view shipped_rules_text();

inline constexpr std::size_t rules_max = 1000;
inline constexpr std::size_t rule_file_bytes_max = 256 * 1024;

}  // namespace policies::access
