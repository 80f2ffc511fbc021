#include "policies/actions.h"

#include <algorithm>

namespace policies::access {
namespace {

constexpr std::array<std::string_view, actions_count> names{
    "vault.status",      "vault.seal",
    "account.create",    "account.list",
    "account.disable",   "account.grant",
    "account.revoke",    "proposal.show",
    "proposal.decide",   "unit.list",
    "dossier.open",      "dossier.list",
    "dossier.show",      "dossier.assign",
    "dossier.correct",   "dossier.conflict",
    "dossier.history",   "dossier.break-glass",
    "dossier.notices",   "dossier.review",
    "dossier.emergency", "dossier.emergency-write",
    "dossier.locate",    "document.file",
    "document.list",     "document.read",
    "document.correct",  "document.refile",
    "document.proof",    "search.dossiers",
    "search.documents",  "export.court",
    "journal.read",      "checkpoint.read",
    "self.show"};

}  // namespace

std::array<Action, actions_count> all_actions() {
    std::array<Action, actions_count> all{};
    for (std::size_t i = 0; i < actions_count; ++i) all[i] = static_cast<Action>(i);
    return all;
}

std::string_view name(Action action) { return names[static_cast<std::size_t>(action)]; }

std::optional<Action> action_named(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Action>(found - names.begin());
}

bool touches_dossiers(Action action) {
    const std::string_view area = name(action).substr(0, name(action).find('.'));
    return area == "dossier" || area == "document" || area == "search" || area == "export";
}

RoleSet role_set(std::string_view id) {
    for (std::size_t i = 0; i < role_ids.size(); ++i)
        if (role_ids[i] == id) return RoleSet{1} << i;
    return 0;
}

bool is_role(std::string_view id) { return role_set(id) != 0; }

RoleSet delegable_roles() {
    static const RoleSet roles = [] {
        RoleSet set = every_role;
        for (const std::string_view own : {"administrator", "operator", "dpo"})
            set &= ~role_set(own);
        return set;
    }();
    return roles;
}

}  // namespace policies::access
