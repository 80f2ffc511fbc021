#include "archive/acts/sessions.h"

#include "archive/acts/passwords.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/records/folding.h"
#include "archive/records/password_rule.h"

namespace custode::acts {
namespace {

using journal::Action;
using Json = nlohmann::json;

constexpr std::size_t token_bytes = 32;
constexpr std::array<std::uint8_t, 16> system_actor{};  // As in a header without an account.

std::int64_t millis(std::chrono::milliseconds duration) { return duration.count(); }

/// Fifteen minutes at the fifth failure, doubling with each further one up to four hours.
Millis locked_until(Millis now, unsigned failed) {
    if (failed < Sessions::failures_until_lock) return {};
    const unsigned doublings = std::min(failed - Sessions::failures_until_lock, 8U);
    const auto span = std::min<std::chrono::milliseconds>(Sessions::first_lock * (1 << doublings),
                                                          Sessions::longest_lock);
    return {now.value + millis(span)};
}

[[noreturn]] void refuse_login() {
    throw Error(ErrorCode::unauthenticated, "login.failed", "could not sign in");
}

[[noreturn]] void refuse_locked() {
    throw Error(ErrorCode::sealed, "account.locked",
                "could not sign in: the account is locked after too many failures");
}

/// What somebody else's word about the password leaves to be done.
Sessions::Owed owed_by(const Json& row) {
    return row.value("must_change", false) ? Sessions::Owed::password : Sessions::Owed::nothing;
}

std::array<std::uint8_t, 32> digest_of(std::string_view token) {
    return crypto::sha256({view("session"), view(token)}).bytes;
}

journal::Draft draft_of(Action action, const std::optional<AccountId>& actor, bool permitted,
                        const Json& payload) {
    journal::Draft draft;
    draft.action = action;
    draft.actor = actor;
    draft.outcome = permitted ? journal::Outcome::permitted : journal::Outcome::refused;
    draft.payload = payload.dump();
    return draft;
}

}  // namespace

Sessions::Sessions(catalogue::Ledger& ledger) : ledger_(ledger), pepper_(pepper_of(ledger.keys())) {
    load_ghosts();
}

/// The failures of names that nobody has, from the journal: were their locks to end with a restart,
/// which those of accounts outlive, a restart would tell the two apart.
void Sessions::load_ghosts() try {
    constexpr std::uint64_t page = 1'000;  // A read transaction is short.
    const std::uint64_t size = ledger_.journal().size();
    const std::uint64_t first = size - std::min(size, ghost_events_max);
    for (std::uint64_t start = first; start < size; start += page) {
        ledger_.visit_events(
            start, std::min(size, start + page),
            [&](const journal::Header& header, const std::function<journal::OpenedEvent()>& open) {
                if (header.action != Action::login_failed || header.actor != system_actor) return;
                const Json payload = Json::parse(open().payload, nullptr, false);
                if (payload.is_discarded() || !payload.contains("name")) return;
                const Lock lock(mutex_);
                Ghost& ghost = ghosts_[payload.at("name").get<std::string>()];
                ghost.locked_until = locked_until(header.time, ++ghost.failed);
            });
    }
} catch (const Error&) {
    // A damaged event is told by name by whoever verifies; people can sign in meanwhile.
}

void Sessions::check_lock(const std::string& canonical, const Json* row) {
    const Millis now = ledger_.clock().now();
    if (row != nullptr) {
        if (row->value("locked_until", std::int64_t{0}) > now.value) refuse_locked();
        return;
    }
    const Lock lock(mutex_);
    const auto ghost = ghosts_.find(canonical);
    if (ghost != ghosts_.end() && ghost->second.locked_until > now) refuse_locked();
}

void Sessions::fail_ghost(const std::string& canonical) {
    const Lock lock(mutex_);
    if (ghosts_.size() >= ghosts_max) ghosts_.clear();
    Ghost& ghost = ghosts_[canonical];
    ++ghost.failed;
    ghost.locked_until = locked_until(ledger_.clock().now(), ghost.failed);
}

void Sessions::fail(const std::string& canonical, const Json* row) {
    if (row == nullptr) fail_ghost(canonical);
    ledger_.commit([&](catalogue::Batch& batch) {
        Json payload = {{"name", canonical}};
        std::optional<AccountId> actor;
        if (const auto now_row = batch.lookup().account(canonical)) {
            const unsigned failed = now_row->value("failed", 0U) + 1;
            payload["failed"] = failed;
            payload["locked_until"] = locked_until(batch.now(), failed).value;
            actor = records::account_from_json(now_row->at("account")).id;
        }
        batch.append(draft_of(Action::login_failed, actor, false, payload));
    });
    refuse_login();
}

/// The account, when the password is its own; the same work is done for a name that nobody has.
records::Account Sessions::authenticate(const std::string& canonical, const std::string& password) {
    const auto state = ledger_.memory().account(canonical);
    const Json* row = state ? &state->row : nullptr;
    check_lock(canonical, row);
    if (password.size() > records::password_bytes_max) refuse_login();
    const auto hash = row != nullptr ? stored_hash(*row) : std::nullopt;
    const bool right = hash ? crypto::verify_password(pepper_, password, *hash)
                            : crypto::verify_nobody(pepper_, password);
    if (!right || state->account.state != records::AccountState::active) fail(canonical, row);
    return state->account;
}

void Sessions::check_password(const Principal& principal, const std::string& password) {
    authenticate(principal.name(), password);
}

Sessions::Login Sessions::login(const std::string& name, const std::string& password) {
    std::string canonical;
    try {
        canonical = records::canonical_account_name(name);
    } catch (const Error&) {
        crypto::verify_nobody(pepper_, password);
        refuse_login();
    }
    const auto before = ledger_.memory().account(canonical);
    const std::uint64_t ends = before ? ends_of(before->account.id) : 0;
    Login login;
    login.account = authenticate(canonical, password);
    if (before && before->row.contains("last_login"))
        login.last_login = Millis{before->row.at("last_login").get<std::int64_t>()};
    Owed owed = Owed::nothing;
    // The lock is looked at again where nobody else can be: a parallel guess may just have failed.
    ledger_.commit([&](catalogue::Batch& batch) {
        const auto now_row = batch.lookup().account(canonical);
        if (!now_row || now_row->value("locked_until", std::int64_t{0}) > batch.now().value)
            refuse_locked();
        owed = owed_by(*now_row);
        const Json payload = {{"name", canonical},
                              {"failed", 0},
                              {"locked_until", 0},
                              {"last_login", batch.now().value}};
        batch.append(draft_of(Action::login_succeeded, login.account.id, true, payload));
    });
    login.owed = owed;
    login.token = open_session(login, canonical, ends);
    return login;
}

std::uint64_t Sessions::ends_of(const AccountId& account) {
    const Lock lock(mutex_);
    const auto found = ends_.find(account);
    return found == ends_.end() ? 0 : found->second;
}

/// `ends`: as counted before the password was looked at.  A password or right that changed since
/// ended every session, and this one would have been among them.
std::string Sessions::open_session(Login& login, const std::string& canonical, std::uint64_t ends) {
    std::array<std::uint8_t, token_bytes> random{};
    crypto::fill_random(random);
    std::string token = to_base64url(random);
    login.expires = {ledger_.clock().now().value + millis(longest)};
    const AccountId& account = login.account.id;
    const std::int64_t boot = ledger_.clock().boot_millis();
    const Lock lock(mutex_);
    std::erase_if(open_, [&](const auto& entry) {
        return boot - entry.second.used > millis(idle) ||
               boot - entry.second.opened > millis(longest);
    });
    if (const auto now = ends_.find(account); (now == ends_.end() ? 0 : now->second) != ends)
        refuse_login();
    if (open_.size() >= sessions_max)
        throw Error(ErrorCode::busy, "session.too_many", "could not sign in: too many sessions");
    drop_oldest_of(account);
    open_[digest_of(token)] = {account, canonical, boot, boot, login.expires, login.owed};
    return token;
}

/// Makes room for one more session of an account: the one that was used longest ago ends.
void Sessions::drop_oldest_of(const AccountId& account) {
    std::size_t own = 0;
    auto oldest = open_.end();
    for (auto at = open_.begin(); at != open_.end(); ++at) {
        if (at->second.account != account) continue;
        ++own;
        if (oldest == open_.end() || at->second.used < oldest->second.used) oldest = at;
    }
    if (own >= sessions_per_account_max) open_.erase(oldest);
}

Principal Sessions::principal(std::string_view token) {
    Session found = session(token);
    if (found.owed == Owed::password)
        throw Error(ErrorCode::sealed, "password.must_change",
                    "could not go on: the password has to be changed first");
    return std::move(found.principal);
}

Sessions::Session Sessions::session(std::string_view token) {
    const std::int64_t boot = ledger_.clock().boot_millis();
    const Lock lock(mutex_);
    const auto found = open_.find(digest_of(token));
    if (found == open_.end())
        throw Error(ErrorCode::unauthenticated,
                    token.empty() ? "session.missing" : "session.expired",
                    "could not find the session");
    Open& open = found->second;
    if (boot - open.used > millis(idle) || boot - open.opened > millis(longest)) {
        open_.erase(found);
        throw Error(ErrorCode::unauthenticated, "session.expired", "the session has expired");
    }
    open.used = boot;
    return {Principal(open.account, open.name), open.expires, open.owed};
}

void Sessions::logout(std::string_view token) {
    std::optional<AccountId> account;
    {
        const Lock lock(mutex_);
        const auto found = open_.find(digest_of(token));
        if (found == open_.end()) return;
        account = found->second.account;
        open_.erase(found);
    }
    ledger_.commit([&](catalogue::Batch& batch) {
        batch.append(draft_of(Action::logout, account, true, Json::object()));
    });
}

void Sessions::end_all_of(const AccountId& account, std::string_view but) {
    const TokenDigest kept = digest_of(but);
    const Lock lock(mutex_);
    ++ends_[account];
    std::erase_if(open_, [&](const auto& entry) {
        return entry.second.account == account && (but.empty() || entry.first != kept);
    });
}

void Sessions::settle(std::string_view token, Owed owed) {
    const Lock lock(mutex_);
    if (const auto found = open_.find(digest_of(token)); found != open_.end())
        found->second.owed = owed;
}

}  // namespace custode::acts
