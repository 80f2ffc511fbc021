// archive/records/proposal.h
#pragma once

#include "archive/records/account.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <variant>

namespace custode::records {

/// What may be put to a second person, a closed list: each kind has its own typed content.
enum class ProposalKind {
    role_grant,
    role_revoke,
    account_disable,
    account_enable,
    password_reset,
};

enum class ProposalState { open, executed, refused, cancelled, expired };

/// The rights of an account that holds, or is to hold, the role `administrator`.
struct RightsChange {
    std::string account;           ///< Canonical name.
    AccountId id;                  ///< A name is given once, but the id is what was meant.
    std::optional<RoleHeld> role;  ///< Of a grant; of a revocation only its role id counts.
    nlohmann::json password{};     ///< Of a reset: the new one's hash.  In no statement.
};

/// What one person proposes and another decides; done exactly once, when it is approved.
///
/// The statement is the clear sentence over which the second person decides: compact JSON with
/// sorted members, bound into the journal by SHA-256(salt ‖ statement).
struct Proposal {
    ProposalId id;
    ProposalKind kind{};
    std::variant<RightsChange> content;
    AccountId proposer;
    std::string proposer_name;
    Millis made;
    Millis expires;
    std::array<std::uint8_t, 32> salt{};
    std::string statement;
    ProposalState state = ProposalState::open;
    /// Who approved, refused or cancelled it; nobody when it expired.
    std::optional<AccountId> decider;
    std::string decider_name;
    std::optional<Millis> decided;
    std::string reason;  ///< Of a refusal.
};

std::string word_of(ProposalKind kind);  ///< "role.grant"
std::string word_of(ProposalState state);

/// Errors  Those of Fields.
Proposal proposal_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Proposal& proposal);

inline constexpr std::size_t proposal_reason_characters_max = 1'000;
inline constexpr std::size_t statement_characters_max = 4'000;

}  // namespace custode::records
