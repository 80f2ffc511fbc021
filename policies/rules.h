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
    team,            ///< Dossiers on which the team of the role works.
    grant,           ///< Dossiers granted to the account between two days.
    unit,            ///< Dossiers of the unit in which the role is held.
    broken_glass,    ///< Dossiers that the account itself has opened in an emergency.
    own_conflict,    ///< Dossiers in which the account has a conflict of interest; refusals only.
    all,
};

/// What must hold besides the scope.  The barriers hold for whoever is not admitted by name, and
/// stand in refusals only.
enum class Condition {
    unit_open,
    dossier_open,
    sealed_area,
    secret_address,
    penal_secrecy,
    destroyed,
    limited,
};
bool is_barrier(Condition condition);

/// What whoever is permitted must still do, or have done: name a purpose from the list, type a
/// reason, have it marked with their name, be approved by somebody else, have others told.
enum class Obligation { purpose, reason, watermark, second_person, notification };

/// One line of the law of the house.
struct Rule {
    std::string id;  ///< Stable, journaled with each decision: "access.archivist.unit".
    Effect effect = Effect::permit;
    /// Role ids, or only "any" (permits to any only reach oneself; refusals are for any).
    std::vector<std::string> roles;
    std::vector<Action> actions;
    Scope scope = Scope::self;
    std::vector<Condition> conditions;
    std::vector<Obligation> obligations;
    std::string source;  ///< Law or decision that the rule rests on.
    std::string
        purpose{};  ///< What holds as the purpose where none is given, so that none need be.
};

/// A whole set of rules, validated; the order of the file means nothing.
class Rules {
public:
    explicit Rules(std::vector<Rule> rules);

    const std::vector<Rule>& all() const { return rules_; }
    const std::vector<std::size_t>& about(Action action) const {
        return by_action_[static_cast<std::size_t>(action)];
    }
    RoleSet roles_of(std::size_t rule) const { return roles_[rule]; }

private:
    std::vector<Rule> rules_;     ///< Sorted by id.
    std::vector<RoleSet> roles_;  ///< Of each rule.
    std::array<std::vector<std::size_t>, actions_count> by_action_;
};

/// Either the rules or where and why the file is bad: it is refused whole.
struct LoadedRules {
    std::optional<Rules> rules;
    std::size_t line = 0;  ///< From 1; 0 when the fault has no line.
    std::string reason;
};

/// Reads a rule file (TOML, see policies/rules/access.toml).  Refused, with the line: what is not
/// TOML, an unknown field, role, group, action, scope, condition or obligation, an id given twice,
/// too long or not of the form area.name…, a group that holds itself, a rule without source or
/// actions, an action twice in a rule, a permit for "any" beyond oneself, a permit that lets an
/// administrator near a dossier, and a refusal that somebody could lose by losing a right: it is
/// for any role, and its scope is own-conflict or all.
LoadedRules load_rules(std::string_view toml_text);

/// The rules that are shipped, embedded at build.  Threads: any.
const Rules& shipped_rules();
std::string_view shipped_rules_text();

/// The words of the file for a value: "own-assignment", "dossier-open", "second-person".
std::string_view word(Scope scope);
std::string_view word(Condition condition);
std::string_view word(Obligation obligation);

inline constexpr std::size_t rules_max = 1000;
inline constexpr std::size_t groups_max = 100;
inline constexpr std::size_t rule_file_bytes_max = 256 * 1024;

}  // namespace policies::access
