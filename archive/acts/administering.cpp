#include "archive/acts/administering.h"

#include "archive/acts/drafts.h"
#include "archive/acts/passwords.h"
#include "archive/crypto/digest.h"
#include "archive/records/code_list.h"
#include "archive/records/folding.h"
#include "archive/records/look_alike.h"
#include "archive/records/password_rule.h"
#include "archive/records/text.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using Json = nlohmann::json;

constexpr std::size_t context_words_max = 32;

void check_role(const records::RoleHeld& held) {
    if (!::policies::access::is_role(held.role))
        throw Error(ErrorCode::invalid_argument, "role.unknown", "could not find that role");
    if (!held.unit.empty() && records::units().find(held.unit) == nullptr)
        throw Error(ErrorCode::invalid_argument, "unit.unknown", "could not find that unit");
    if (held.unit.empty() && held.role == "archivist")
        throw Error(ErrorCode::invalid_argument, "unit.needed", "an archivist works for a unit");
    if (held.unit.empty() && !held.team.empty())
        throw Error(ErrorCode::invalid_argument, "unit.needed", "a team is a team of a unit");
    if (!held.team.empty() && !records::is_code(held.team))
        throw Error(ErrorCode::invalid_argument, "team.invalid", "the team is not a code");
}

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the account");
}

/// The canonical name, or "missing": an impossible name is a name that nobody has.
std::string known_name(const std::string& name) {
    try {
        return records::canonical_account_name(name);
    } catch (const Error&) {
        missing();
    }
}

Json new_row(const records::Account& account, const Json& password) {
    return {{"account", records::to_json(account)},
            {"password", password},
            {"failed", 0},
            {"locked_until", 0}};
}

constexpr const char* administrator = "administrator";

bool is_administrators(const records::RoleHeld& held, const Day& today) {
    return held.role == administrator && (!held.until || today <= *held.until);
}

/// Today and without an end: one whose role runs out leaves nobody when it does.
bool is_lasting_administrator(const Json& row, const Day& today) {
    const auto account = records::account_from_json(row.at("account"));
    return account.state == records::AccountState::active &&
           std::any_of(account.roles.begin(), account.roles.end(), [&](const auto& held) {
               return is_administrators(held, today) && !held.until &&
                      (!held.from || *held.from <= today);
           });
}

/// Today, and if only until tomorrow.
bool is_acting_administrator(const records::Account& account, const Day& today) {
    return account.state == records::AccountState::active &&
           std::any_of(account.roles.begin(), account.roles.end(), [&](const auto& held) {
               return is_administrators(held, today) && (!held.from || *held.from <= today);
           });
}

/// Also one who is disabled, or whose role is still to begin.
bool holds_administrator(const Json& row, const Day& today) {
    const auto account = records::account_from_json(row.at("account"));
    return std::any_of(account.roles.begin(), account.roles.end(),
                       [&](const auto& held) { return is_administrators(held, today); });
}

void apply_role(const records::RoleHeld& role, records::Account& account) {
    std::erase_if(account.roles, [&](const auto& held) {
        return held.role == role.role && held.unit == role.unit && held.team == role.team;
    });
    account.roles.push_back(role);
}

/// What was proposed, or is done at once, to the row of an account.
void apply(records::ProposalKind kind, const records::RightsChange& rights, Json& row) {
    using records::ProposalKind;
    auto account = records::account_from_json(row.at("account"));
    switch (kind) {
        case ProposalKind::role_grant: apply_role(*rights.role, account); break;
        case ProposalKind::role_revoke:
            if (std::erase_if(account.roles, [&](const auto& held) {
                    return held.role == rights.role->role;
                }) == 0)
                missing();
            break;
        case ProposalKind::account_disable: account.state = records::AccountState::disabled; break;
        case ProposalKind::account_enable: account.state = records::AccountState::active; break;
        case ProposalKind::password_reset:
            row["password"] = rights.password;
            row["must_change"] = true;  // Two people know it now.
            break;
    }
    row["account"] = records::to_json(account);
}

const char* what_of(records::ProposalKind kind) {
    using records::ProposalKind;
    switch (kind) {
        case ProposalKind::role_grant: return "role added";
        case ProposalKind::role_revoke: return "role removed";
        case ProposalKind::account_disable:
        case ProposalKind::account_enable: return "state";
        case ProposalKind::password_reset: return "password";
    }
    return "";
}

Json shown(const catalogue::Ledger& ledger, catalogue::Memory& memory,
           const std::string& canonical) {
    const auto state = memory.account(canonical);
    if (!state) missing();
    return account_json(*state, ledger.clock().now());
}

/// A name that reads as another's would sign what the other is thought to have done.
void refuse_look_alike(catalogue::Memory& memory, const std::string& canonical) {
    const std::string look = records::look_of(canonical);
    const std::size_t alike = memory.count_accounts([&](const records::Account& other) {
        return records::look_of(records::canonical_account_name(other.name)) == look;
    });
    if (alike != 0)
        throw Error(ErrorCode::conflict, "account.looks_like",
                    "could not create: the name looks like another account's");
}

std::vector<std::string> words_of(std::string_view body) {
    auto words = records::context_words(body);
    if (words.size() > context_words_max) words.resize(context_words_max);
    return words;
}

}  // namespace

Json account_json(const catalogue::AccountState& state, Millis now) {
    Json json = records::to_json(state.account);
    if (!json.contains("roles")) json["roles"] = Json::array();
    const Millis until{state.row.value("locked_until", std::int64_t{0})};
    json["locked_until"] = until > now ? Json(to_rfc3339(until)) : Json(nullptr);
    json["state"] = state.account.state == records::AccountState::active ? "active" : "disabled";
    json["created"] = to_rfc3339(state.account.created);
    json["second_factor"] = SecondFactor::is_enrolled(state.row);
    return json;
}

Administration::Administration(catalogue::Ledger& ledger, Door& door, Sessions& sessions,
                               Proposals& proposals, std::string_view body)
    : ledger_(ledger),
      door_(door),
      sessions_(sessions),
      proposals_(proposals),
      context_(words_of(body)) {
    using records::ProposalKind;
    const auto execute = [this](Batch& batch, const records::Proposal& proposal,
                                const Principal& approver) {
        return this->execute(batch, proposal, approver);
    };
    proposals_.carry_out(ProposalKind::role_grant, Action::account_grant, execute);
    proposals_.carry_out(ProposalKind::role_revoke, Action::account_revoke, execute);
    proposals_.carry_out(ProposalKind::account_disable, Action::account_disable, execute);
    proposals_.carry_out(ProposalKind::account_enable, Action::account_disable, execute);
    proposals_.carry_out(ProposalKind::password_reset, Action::account_create, execute);
}

Json Administration::create(const Permit<Action::account_create>& permit,
                            const NewAccount& account) {
    check_role(account.role);
    const std::string canonical = records::canonical_account_name(account.name);
    const Json password = password_json(ledger_.keys(), canonical, account.password, context_);
    std::optional<records::Proposal> proposal;
    ledger_.commit([&](Batch& batch) {
        if (batch.lookup().account(canonical))
            throw Error(ErrorCode::conflict, "account.exists",
                        "could not create: the name is taken");
        refuse_look_alike(ledger_.memory(), canonical);
        const bool waits = account.role.role == administrator && needs_second(batch);
        records::Account made;
        made.id = crypto::random_id<AccountId>();
        made.name = account.name;
        if (!waits) made.roles = {account.role};
        made.created = batch.now();
        Json row = new_row(made, password);
        if (account.temporary) row["must_change"] = true;
        Json payload = {{"name", canonical}, {"row", std::move(row)}, {"rule", permit.rule()}};
        if (account.role.role == administrator && !waits) payload["alone"] = true;
        batch.append(
            about_system(journal::Action::account_created, permit.principal().account(), payload));
        if (waits)
            proposal = proposals_.propose(batch, permit.principal(), permit.rule(),
                                          records::ProposalKind::role_grant,
                                          {canonical, made.id, account.role, nullptr});
    });
    if (proposal)
        return {{"account", shown(ledger_, ledger_.memory(), canonical)},
                {"proposal", proposal_json(*proposal, ledger_.clock().now())}};
    return shown(ledger_, ledger_.memory(), canonical);
}

void Administration::create_first(catalogue::Ledger& ledger, const std::string& name,
                                  const std::string& password) {
    const std::string canonical = records::canonical_account_name(name);
    const Json hash = password_json(ledger.keys(), canonical, password, {});
    ledger.commit([&](Batch& batch) {
        records::Account made;
        made.id = crypto::random_id<AccountId>();
        made.name = name;
        made.roles = {{"administrator", "", std::nullopt, std::nullopt}};
        made.created = batch.now();
        batch.append(about_system(journal::Action::account_created, std::nullopt,
                                  {{"name", canonical}, {"row", new_row(made, hash)}}));
    });
}

catalogue::AccountState Administration::own(const Principal& principal) const {
    const auto state = ledger_.memory().account(principal.account());
    if (!state) missing();
    return *state;
}

Json Administration::list(const Permit<Action::account_list>& permit) {
    Json items = Json::array();
    permit.check_lease();
    for (const auto& state : ledger_.memory().accounts())
        items.push_back(account_json(state, ledger_.clock().now()));
    return items;
}

bool Administration::has_second_administrator() const {
    const Day today = roman_day(ledger_.clock().now());
    return ledger_.memory().count_accounts([&](const records::Account& account) {
        return is_acting_administrator(account, today);
    }) >= 2;
}

/// The rows are asked, not the memory: another may be losing the role in this very group.
bool Administration::needs_second(const Batch& batch) const {
    const Day today = roman_day(batch.now());
    std::size_t acting = 0;
    for (const auto& state : ledger_.memory().accounts()) {
        const auto row =
            batch.lookup().account(records::canonical_account_name(state.account.name));
        if (row && is_acting_administrator(records::account_from_json(row->at("account")), today))
            ++acting;
    }
    return acting >= 2;
}

/// A vault without an administrator could never have one again.
void Administration::check_administrator_stays(const Batch& batch, const Json& before,
                                               const Json& after) const {
    const Day today = roman_day(batch.now());
    if (!is_lasting_administrator(before, today) || is_lasting_administrator(after, today)) return;
    const AccountId changed = records::account_from_json(before.at("account")).id;
    const auto all = ledger_.memory().accounts();
    const bool others = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        if (other.account.id == changed) return false;
        const auto row =
            batch.lookup().account(records::canonical_account_name(other.account.name));
        return row && is_lasting_administrator(*row, today);
    });
    if (!others)
        throw Error(ErrorCode::invalid_argument, "account.last_administrator",
                    "could not change: it is the last administrator");
}

/// What concerns nobody's rights, or only one's own.
Json Administration::change(const Principal& principal, const std::string& rule,
                            const std::string& name, const std::string& what, const Change& change,
                            std::string_view token) {
    const std::string canonical = known_name(name);
    AccountId changed;
    ledger_.commit([&](Batch& batch) {
        auto row = batch.lookup().account(canonical);
        if (!row) missing();
        changed = records::account_from_json(row->at("account")).id;
        change(*row);
        batch.append(
            about_system(journal::Action::account_changed, principal.account(),
                         {{"name", canonical}, {"row", *row}, {"what", what}, {"rule", rule}}));
    });
    if (what != "unlocked") sessions_.end_all_of(changed, token);
    return shown(ledger_, ledger_.memory(), canonical);
}

Json Administration::change_rights(const Principal& principal, const std::string& rule,
                                   const std::string& name, records::ProposalKind kind,
                                   records::RightsChange rights) {
    using records::ProposalKind;
    rights.account = known_name(name);
    std::optional<records::Proposal> proposal;
    ledger_.commit([&](Batch& batch) {
        const auto before = batch.lookup().account(rights.account);
        if (!before) missing();
        rights.id = records::account_from_json(before->at("account")).id;
        if (kind == ProposalKind::role_grant && rights.id == principal.account())
            throw Error(ErrorCode::conflict, "account.own_rights",
                        "could not grant: nobody gives a role to themselves");
        Json after = *before;
        apply(kind, rights, after);
        check_administrator_stays(batch, *before, after);
        const bool about_role = rights.role.has_value();
        const bool about_administrators =
            about_role ? rights.role->role == administrator
                       : holds_administrator(*before, roman_day(batch.now()));
        if (about_administrators && needs_second(batch)) {
            proposal = proposals_.propose(batch, principal, rule, kind, rights);
            return;
        }
        Json payload = {{"name", rights.account},
                        {"row", std::move(after)},
                        {"what", what_of(kind)},
                        {"rule", rule}};
        if (about_administrators) payload["alone"] = true;
        batch.append(about_system(journal::Action::account_changed, principal.account(), payload));
    });
    if (proposal) return {{"proposal", proposal_json(*proposal, ledger_.clock().now())}};
    sessions_.end_all_of(rights.id);
    return shown(ledger_, ledger_.memory(), rights.account);
}

/// In the transaction of the approval: what was proposed is looked at as if it were asked now.
Proposals::Done Administration::execute(Batch& batch, const records::Proposal& proposal,
                                        const Principal& approver) {
    const auto& rights = std::get<records::RightsChange>(proposal.content);
    const auto before = batch.lookup().account(rights.account);
    if (!before || records::account_from_json(before->at("account")).id != rights.id)
        refuse_stale_proposal();
    Json after = *before;
    try {
        apply(proposal.kind, rights, after);
    } catch (const Error&) {
        refuse_stale_proposal();  // The role was taken away meanwhile.
    }
    check_administrator_stays(batch, *before, after);
    batch.append(about_system(journal::Action::account_changed, approver.account(),
                              {{"name", rights.account},
                               {"row", std::move(after)},
                               {"what", what_of(proposal.kind)},
                               {"proposal", to_text(proposal.id)},
                               {"proposer", proposal.proposer_name},
                               {"approver", approver.name()}}));
    return [this, id = rights.id] { sessions_.end_all_of(id); };
}

Json Administration::set_state(const Permit<Action::account_disable>& permit,
                               const std::string& name, records::AccountState state) {
    return change_rights(permit.principal(), permit.rule(), name,
                         state == records::AccountState::active
                             ? records::ProposalKind::account_enable
                             : records::ProposalKind::account_disable,
                         {});
}

Json Administration::unlock(const Permit<Action::account_disable>& permit,
                            const std::string& name) {
    return change(permit.principal(), permit.rule(), name, "unlocked", [](Json& row) {
        row["failed"] = 0;
        row["locked_until"] = 0;
    });
}

Json Administration::add_role(const Permit<Action::account_grant>& permit, const std::string& name,
                              const records::RoleHeld& role) try {
    check_role(role);
    return change_rights(permit.principal(), permit.rule(), name, records::ProposalKind::role_grant,
                         {{}, {}, role, nullptr});
} catch (const Error& error) {
    if (error.name() == "account.own_rights")
        door_.note_refusal(permit.principal(), Action::account_grant, name.substr(0, 64),
                           error.name());
    throw;
}

Json Administration::remove_role(const Permit<Action::account_revoke>& permit,
                                 const std::string& name, const std::string& role) {
    return change_rights(permit.principal(), permit.rule(), name,
                         records::ProposalKind::role_revoke,
                         {{}, {}, records::RoleHeld{role, {}, {}, {}}, nullptr});
}

Json Administration::set_password(const Permit<Action::account_create>& permit,
                                  const std::string& name, const std::string& password) {
    const std::string canonical = known_name(name);
    if (!ledger_.memory().account(canonical)) missing();
    return change_rights(
        permit.principal(), permit.rule(), name, records::ProposalKind::password_reset,
        {{}, {}, std::nullopt, password_json(ledger_.keys(), canonical, password, context_)});
}

bool Administration::is_own(const Principal& principal, const std::string& name) const {
    try {
        return records::canonical_account_name(name) == principal.name();
    } catch (const Error&) {
        return false;  // An impossible name is nobody's, and whoever asks is told so.
    }
}

void Administration::change_password(const Principal& principal, std::string_view token,
                                     const std::string& old_password, const std::string& password) {
    sessions_.check_password(principal, old_password);
    if (password == old_password)
        throw Error(ErrorCode::invalid_argument, "password.same",
                    "could not set the password: it is the old one");
    const Json hash = password_json(ledger_.keys(), principal.name(), password, context_);
    change(
        principal, "access.self", principal.name(), "password",
        [&](Json& row) {
            row["password"] = hash;
            row.erase("must_change");
        },
        token);
    sessions_.settle(token);
}

std::vector<std::string> Administration::confirm_factor(const Principal& principal,
                                                        std::string_view token,
                                                        const std::string& code) {
    auto enrolled = sessions_.confirm_factor(token, code);
    change(
        principal, "access.self", principal.name(), "second factor enrolled",
        [&](Json& row) { row["otp"] = std::move(enrolled.otp); }, token);
    sessions_.settle(token);
    return std::move(enrolled.recovery);
}

Json Administration::remove_factor(const Permit<Action::account_create>& permit,
                                   const std::string& name) {
    if (is_own(permit.principal(), name))
        throw Error(ErrorCode::conflict, "account.own_rights",
                    "could not remove: nobody takes off their own second factor");
    return change(permit.principal(), permit.rule(), name, "second factor removed", [](Json& row) {
        if (row.erase("otp") == 0) missing();
    });
}

AccountId Administration::account_of(const std::string& name) const {
    const auto state = ledger_.memory().account(known_name(name));
    if (!state) missing();
    return state->account.id;
}

}  // namespace custode::acts
