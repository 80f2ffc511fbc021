#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace custode::records {

/// A role held in a unit between two days, both included.
struct RoleHeld {
    std::string role;  ///< Id of a role; which ones exist is a matter of policies.
    std::string unit;  ///< Id in units(); empty for a role of the whole body.
    std::optional<Day> from;
    std::optional<Day> until;
    std::string team{};  ///< Of the unit; empty for a role of no team.
};

enum class AccountState { active, disabled };

/// Someone who may sign in.  Passwords and keys are records of their own.
///
/// Errors  account_from_json throws Error(invalid_argument, "field.…" | "account.name_invalid").
struct Account {
    AccountId id;
    std::string name;  ///< As shown; canonical_account_name(name) is what it is found by.
    std::vector<RoleHeld> roles;
    AccountState state = AccountState::active;
    Millis created;
};

RoleHeld role_from_json(const nlohmann::json& json, const std::string& path);
nlohmann::json to_json(const RoleHeld& held);
Account account_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Account& account);

/// Where an account works that day, as the person concerned by a file may know it: the units of its
/// roles, and the role where it has none.
std::vector<std::string> offices_of(const Account& account, const Day& day);

constexpr std::size_t roles_held_max = 64;

}  // namespace custode::records
