// archive/acts/administering.h
#pragma once

#include "archive/acts/proposals.h"
#include "archive/acts/sessions.h"
#include "archive/door.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// Accounts and the roles they hold.  An administrator works here and reads no content.
///
/// The rights of administrators need a second one (acts::Proposals) as soon as there are two: their
/// roles, whether their accounts are active, and their passwords, since who sets one can sign in as
/// its owner.  Until then one alone decides, and each such event says so ("alone").  Nobody gives
/// a role to themselves.
///
/// What may have been put to a second person answers {"proposal": …} instead of the account.
///
/// Errors   (conflict, "account.exists" | "account.looks_like" |
///          "account.own_rights" | "proposal.too_many"), (not_found,
///          "not_found"), (invalid_argument, "account.name_invalid" | "role.unknown" |
///          "unit.unknown" | "unit.needed" | "password.…" | "account.last_administrator");
///          (unauthenticated, "login.failed") when the old password is not the right one.
/// Threads  Any.
class Administration {
public:
    /// `body`: whose vault it is; its words are no passwords here.
    Administration(catalogue::Ledger& ledger, Door& door, Sessions& sessions, Proposals& proposals,
                   std::string_view body = {});

    struct NewAccount {
        std::string name;
        records::RoleHeld role;
        std::string password;
        bool temporary = false;  ///< It has to be changed at the first login.
    };
    /// One that is to be an administrator is made without a role when a second must agree.
    nlohmann::json create(const Permit<Action::account_create>& permit, const NewAccount& account);
    catalogue::AccountState own(const Principal& principal) const;
    nlohmann::json list(const Permit<Action::account_list>& permit);
    nlohmann::json set_state(const Permit<Action::account_disable>& permit, const std::string& name,
                             records::AccountState state);
    nlohmann::json unlock(const Permit<Action::account_disable>& permit, const std::string& name);
    nlohmann::json add_role(const Permit<Action::account_grant>& permit, const std::string& name,
                            const records::RoleHeld& role);
    nlohmann::json remove_role(const Permit<Action::account_revoke>& permit,
                               const std::string& name, const std::string& role);
    /// Another's, who has to change it at the next login.
    nlohmann::json set_password(const Permit<Action::account_create>& permit,
                                const std::string& name, const std::string& password);
    bool is_own(const Principal& principal, const std::string& name) const;
    /// One's own, with the old one.  Every session ends but that of `token`, which then owes
    /// nothing any more.
    void change_password(const Principal& principal, std::string_view token,
                         const std::string& old_password, const std::string& password);
    /// One's own second factor, from its first code on; every other session ends.  Gives the
    /// recovery codes, which are shown this once.
    std::vector<std::string> confirm_factor(const Principal& principal, std::string_view token,
                                            const std::string& code);
    /// Another's, who lost it.  @throws Error(conflict, "account.own_rights") for one's own
    nlohmann::json remove_factor(const Permit<Action::account_create>& permit,
                                 const std::string& name);
    /// The account of that name, to whoever may see accounts.
    AccountId account_of(const std::string& name) const;
    /// Whether there are the two administrators whom their own rights need.
    bool has_second_administrator() const;

    /// The first account, made with the vault, before there is anybody to ask.
    static void create_first(catalogue::Ledger& ledger, const std::string& name,
                             const std::string& password);

private:
    using Change = std::function<void(nlohmann::json& row)>;
    nlohmann::json change(const Principal& principal, const std::string& rule,
                          const std::string& name, const std::string& what, const Change& change,
                          std::string_view token = {});
    nlohmann::json change_rights(const Principal& principal, const std::string& rule,
                                 const std::string& name, records::ProposalKind kind,
                                 records::RightsChange rights);
    Proposals::Done execute(catalogue::Batch& batch, const records::Proposal& proposal,
                            const Principal& approver);
    void check_administrator_stays(const catalogue::Batch& batch, const nlohmann::json& before,
                                   const nlohmann::json& after) const;
    bool needs_second(const catalogue::Batch& batch) const;

    catalogue::Ledger& ledger_;
    Door& door_;
    Sessions& sessions_;
    Proposals& proposals_;
    std::vector<std::string> context_;
};

/// What the API shows of an account.
nlohmann::json account_json(const catalogue::AccountState& state, Millis now);

}  // namespace custode::acts
