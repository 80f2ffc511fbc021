// archive/acts/administering.h
#pragma once

#include "archive/acts/sessions.h"
#include "archive/door.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// Accounts and the roles they hold.  An administrator works here and reads no content.
///
/// Errors   (conflict, "account.exists"), (not_found, "not_found"), (invalid_argument,
///          "account.name_invalid" | "role.unknown" | "unit.unknown" | "unit.needed" |
///          "password.…" | "account.last_administrator"); (unauthenticated, "login.failed") when
///          the old password is not the right one.
/// Threads  Any.
class Administration {
public:
    Administration(catalogue::Ledger& ledger, Sessions& sessions)
        : ledger_(ledger), sessions_(sessions) {}

    struct NewAccount {
        std::string name;
        records::RoleHeld role;
        std::string password;
    };
    nlohmann::json create(const Permit<Action::account_create>& permit, const NewAccount& account);
    records::Account own(const Principal& principal) const;
    nlohmann::json list(const Permit<Action::account_list>& permit);
    nlohmann::json set_state(const Permit<Action::account_disable>& permit, const std::string& name,
                             records::AccountState state);
    nlohmann::json unlock(const Permit<Action::account_disable>& permit, const std::string& name);
    nlohmann::json add_role(const Permit<Action::account_grant>& permit, const std::string& name,
                            const records::RoleHeld& role);
    nlohmann::json remove_role(const Permit<Action::account_revoke>& permit,
                               const std::string& name, const std::string& role);
    void set_password(const Permit<Action::account_create>& permit, const std::string& name,
                      const std::string& password);
    /// One's own, with the old one.
    void change_password(const Principal& principal, const std::string& old_password,
                         const std::string& password);

    /// The first account, made with the vault, before there is anybody to ask.
    static void create_first(catalogue::Ledger& ledger, const std::string& name,
                             const std::string& password);

private:
    using Change = std::function<void(nlohmann::json& row)>;
    nlohmann::json change(const Principal& principal, const std::string& rule,
                          const std::string& name, const std::string& what, const Change& change);

    catalogue::Ledger& ledger_;
    Sessions& sessions_;
};

/// What the API shows of an account.
nlohmann::json account_json(const catalogue::AccountState& state, Millis now);

}  // namespace custode::acts
