#include "archive/acts/administering.h"

#include "archive/acts/drafts.h"
#include "archive/crypto/digest.h"
#include "archive/records/code_list.h"
#include "archive/records/folding.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using Json = nlohmann::json;

void check_role(const records::RoleHeld& held) {
    if (!::policies::access::is_role(held.role))
        throw Error(ErrorCode::invalid_argument, "role.unknown", "could not find that role");
    if (!held.unit.empty() && records::units().find(held.unit) == nullptr)
        throw Error(ErrorCode::invalid_argument, "unit.unknown", "could not find that unit");
    if (held.unit.empty() && held.role == "archivist")
        throw Error(ErrorCode::invalid_argument, "unit.needed", "an archivist works for a unit");
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

/// Today and without an end: one whose role runs out leaves nobody when it does.
bool is_lasting_administrator(const Json& row, const Day& today) {
    const auto account = records::account_from_json(row.at("account"));
    return account.state == records::AccountState::active &&
           std::any_of(account.roles.begin(), account.roles.end(), [&](const auto& held) {
               return held.role == "administrator" && !held.until &&
                      (!held.from || *held.from <= today);
           });
}

Json shown(const catalogue::Ledger& ledger, catalogue::Memory& memory,
           const std::string& canonical) {
    const auto state = memory.account(canonical);
    if (!state) missing();
    return account_json(*state, ledger.clock().now());
}

}  // namespace

Json account_json(const catalogue::AccountState& state, Millis now) {
    Json json = records::to_json(state.account);
    if (!json.contains("roles")) json["roles"] = Json::array();
    const Millis until{state.row.value("locked_until", std::int64_t{0})};
    json["locked_until"] = until > now ? Json(to_rfc3339(until)) : Json(nullptr);
    json["state"] = state.account.state == records::AccountState::active ? "active" : "disabled";
    json["created"] = to_rfc3339(state.account.created);
    return json;
}

Json Administration::create(const Permit<Action::account_create>& permit,
                            const NewAccount& account) {
    check_role(account.role);
    const std::string canonical = records::canonical_account_name(account.name);
    const Json password = password_json(ledger_.keys(), canonical, account.password);
    ledger_.commit([&](Batch& batch) {
        if (batch.lookup().account(canonical))
            throw Error(ErrorCode::conflict, "account.exists",
                        "could not create: the name is taken");
        records::Account made;
        made.id = crypto::random_id<AccountId>();
        made.name = account.name;
        made.roles = {account.role};
        made.created = batch.now();
        batch.append(about_system(
            journal::Action::account_created, permit.principal().account(),
            {{"name", canonical}, {"row", new_row(made, password)}, {"rule", permit.rule()}}));
    });
    return shown(ledger_, ledger_.memory(), canonical);
}

void Administration::create_first(catalogue::Ledger& ledger, const std::string& name,
                                  const std::string& password) {
    const std::string canonical = records::canonical_account_name(name);
    const Json hash = password_json(ledger.keys(), canonical, password);
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

records::Account Administration::own(const Principal& principal) const {
    const auto state = ledger_.memory().account(principal.account());
    if (!state) missing();
    return state->account;
}

Json Administration::list(const Permit<Action::account_list>& permit) {
    Json items = Json::array();
    permit.check_lease();
    for (const auto& state : ledger_.memory().accounts())
        items.push_back(account_json(state, ledger_.clock().now()));
    return items;
}

Json Administration::change(const Principal& principal, const std::string& rule,
                            const std::string& name, const std::string& what,
                            const Change& change) {
    const std::string canonical = known_name(name);
    AccountId changed;
    ledger_.commit([&](Batch& batch) {
        auto row = batch.lookup().account(canonical);
        if (!row) missing();
        const Day today = roman_day(batch.now());
        const bool was_administrator = is_lasting_administrator(*row, today);
        changed = records::account_from_json(row->at("account")).id;
        change(*row);
        // A vault without an administrator could never have one again.  The rows are asked, not
        // the memory: another may be losing the role in this very group.
        if (was_administrator && !is_lasting_administrator(*row, today)) {
            const auto all = ledger_.memory().accounts();
            const bool others = std::any_of(all.begin(), all.end(), [&](const auto& other) {
                if (other.account.id == changed) return false;
                const auto now_row =
                    batch.lookup().account(records::canonical_account_name(other.account.name));
                return now_row && is_lasting_administrator(*now_row, today);
            });
            if (!others)
                throw Error(ErrorCode::invalid_argument, "account.last_administrator",
                            "could not change: it is the last administrator");
        }
        batch.append(
            about_system(journal::Action::account_changed, principal.account(),
                         {{"name", canonical}, {"row", *row}, {"what", what}, {"rule", rule}}));
    });
    if (what != "unlocked") sessions_.end_all_of(changed);
    return shown(ledger_, ledger_.memory(), canonical);
}

Json Administration::set_state(const Permit<Action::account_disable>& permit,
                               const std::string& name, records::AccountState state) {
    return change(permit.principal(), permit.rule(), name, "state", [&](Json& row) {
        auto account = records::account_from_json(row.at("account"));
        account.state = state;
        row["account"] = records::to_json(account);
    });
}

Json Administration::unlock(const Permit<Action::account_disable>& permit,
                            const std::string& name) {
    return change(permit.principal(), permit.rule(), name, "unlocked", [](Json& row) {
        row["failed"] = 0;
        row["locked_until"] = 0;
    });
}

Json Administration::add_role(const Permit<Action::account_grant>& permit, const std::string& name,
                              const records::RoleHeld& role) {
    check_role(role);
    return change(permit.principal(), permit.rule(), name, "role added", [&](Json& row) {
        auto account = records::account_from_json(row.at("account"));
        std::erase_if(account.roles, [&](const auto& held) {
            return held.role == role.role && held.unit == role.unit;
        });
        account.roles.push_back(role);
        row["account"] = records::to_json(account);
    });
}

Json Administration::remove_role(const Permit<Action::account_revoke>& permit,
                                 const std::string& name, const std::string& role) {
    return change(permit.principal(), permit.rule(), name, "role removed", [&](Json& row) {
        auto account = records::account_from_json(row.at("account"));
        if (std::erase_if(account.roles, [&](const auto& held) { return held.role == role; }) == 0)
            missing();
        row["account"] = records::to_json(account);
    });
}

void Administration::set_password(const Permit<Action::account_create>& permit,
                                  const std::string& name, const std::string& password) {
    const std::string canonical = known_name(name);
    if (!ledger_.memory().account(canonical)) missing();
    const Json hash = password_json(ledger_.keys(), canonical, password);
    change(permit.principal(), permit.rule(), name, "password",
           [&](Json& row) { row["password"] = hash; });
}

void Administration::change_password(const Principal& principal, const std::string& old_password,
                                     const std::string& password) {
    sessions_.check_password(principal, old_password);
    const Json hash = password_json(ledger_.keys(), principal.name(), password);
    change(principal, "access.self", principal.name(), "password",
           [&](Json& row) { row["password"] = hash; });
}

}  // namespace custode::acts
