#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace policies::access {

/// Everything that can be asked at the door, a closed list: what is not here cannot be permitted.
enum class Action {
    vault_status,
    vault_seal,
    account_create,
    account_list,
    account_disable,
    account_grant,
    account_revoke,
    proposal_show,
    proposal_decide,
    unit_list,
    dossier_open,
    dossier_list,
    dossier_show,
    dossier_assign,
    dossier_correct,
    dossier_conflict,
    dossier_history,
    dossier_break_glass,
    dossier_notices,
    dossier_review,
    dossier_emergency,
    dossier_emergency_write,
    dossier_locate,
    document_file,
    document_list,
    document_read,
    document_correct,
    document_refile,
    document_proof,
    search_dossiers,
    search_documents,
    export_court,
    journal_read,
    checkpoint_read,
    self_show,
};

inline constexpr std::size_t actions_count = static_cast<std::size_t>(Action::self_show) + 1;

std::array<Action, actions_count> all_actions();

/// The stable name: "document.read".  Used in rules, journal and API.
std::string_view name(Action action);
std::optional<Action> action_named(std::string_view name);

/// Whether the action shows or changes what a dossier holds, its metadata included: those are the
/// ones that an administrator must never have.
bool touches_dossiers(Action action);

/// The role ids of the product (Italian names: policies/explain.h); a rule for any other is
/// refused.
inline constexpr std::array<std::string_view, 15> role_ids{"administrator",
                                                           "mail-room",
                                                           "archivist",
                                                           "social-worker",
                                                           "team-member",
                                                           "coordinator",
                                                           "guardianship-office",
                                                           "legal-office",
                                                           "emergency-unit",
                                                           "access-desk",
                                                           "register-officer",
                                                           "conservation-officer",
                                                           "dpo",
                                                           "statistics",
                                                           "operator"};
bool is_role(std::string_view id);

/// Some of the roles, a bit each: what a rule is for and what a person holds meet in one `&`.
using RoleSet = std::uint32_t;
inline constexpr RoleSet every_role = ~RoleSet{0};  ///< Of rules for "any": roles held or not.
RoleSet role_set(std::string_view id);              ///< Empty for what is no role.
/// What a colleague may stand in for.  Who runs the service or watches over it does so in person.
RoleSet delegable_roles();

}  // namespace policies::access
