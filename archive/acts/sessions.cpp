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

Sessions::Sessions(catalogue::Ledger& ledger, Options options)
    : ledger_(ledger),
      options_(std::move(options)),
      factor_(ledger.keys()),
      pepper_(pepper_of(ledger.keys())) {
    load_ghosts();
}

Sessions::Owed Sessions::owed_by(const Json& row) const {
    if (row.value("must_change", false)) return Owed::password;
    if (SecondFactor::is_enrolled(row)) return Owed::nothing;
    const Day today = roman_day(ledger_.clock().now());
    const auto account = records::account_from_json(row.at("account"));
    const auto& needing = options_.second_factor_roles;
    const bool needs =
        std::any_of(account.roles.begin(), account.roles.end(), [&](const auto& held) {
            return (!held.until || today <= *held.until) &&
                   std::find(needing.begin(), needing.end(), held.role) != needing.end();
        });
    return needs ? Owed::second_factor : Owed::nothing;
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

void Sessions::append_failure(catalogue::Batch& batch, const std::string& canonical) {
    Json payload = {{"name", canonical}};
    std::optional<AccountId> actor;
    if (const auto now_row = batch.lookup().account(canonical)) {
        const unsigned failed = now_row->value("failed", 0U) + 1;
        payload["failed"] = failed;
        payload["locked_until"] = locked_until(batch.now(), failed).value;
        actor = records::account_from_json(now_row->at("account")).id;
    }
    batch.append(draft_of(Action::login_failed, actor, false, payload));
}

void Sessions::fail(const std::string& canonical, const Json* row) {
    if (row == nullptr) fail_ghost(canonical);
    ledger_.commit([&](catalogue::Batch& batch) { append_failure(batch, canonical); });
    refuse_login();
}

/// The account, when the password is its own, and the code where it has a second factor; the same
/// work is done for a name that nobody has.
records::Account Sessions::authenticate(const std::string& canonical, const Proof& proof,
                                        bool with_code) {
    const auto state = ledger_.memory().account(canonical);
    const Json* row = state ? &state->row : nullptr;
    check_lock(canonical, row);
    if (proof.password.size() > records::password_bytes_max) refuse_login();
    const auto hash = row != nullptr ? stored_hash(*row) : std::nullopt;
    const bool right = hash ? crypto::verify_password(pepper_, proof.password, *hash)
                            : crypto::verify_nobody(pepper_, proof.password);
    const bool has_factor = with_code && row != nullptr && SecondFactor::is_enrolled(*row);
    const bool code_right =
        !has_factor || factor_.accept(*row, proof.code, ledger_.clock().now()).has_value();
    if (!right || !code_right || state->account.state != records::AccountState::active)
        fail(canonical, row);
    return state->account;
}

void Sessions::check_password(const Principal& principal, const std::string& password) {
    authenticate(principal.name(), {password, {}, {}}, false);
}

Sessions::Login Sessions::login(const std::string& name, const Proof& proof) {
    std::string canonical;
    try {
        canonical = records::canonical_account_name(name);
    } catch (const Error&) {
        crypto::verify_nobody(pepper_, proof.password);
        refuse_login();
    }
    const auto before = ledger_.memory().account(canonical);
    const std::uint64_t ends = before ? ends_of(before->account.id) : 0;
    Login login;
    login.account = authenticate(canonical, proof, true);
    if (before && before->row.contains("last_login"))
        login.last_login = Millis{before->row.at("last_login").get<std::int64_t>()};
    bool was_spent = false;
    // The lock and the code are looked at again where nobody else can be: a parallel guess may just
    // have failed, or the same code just have let somebody in.
    ledger_.commit([&](catalogue::Batch& batch) {
        const auto now_row = batch.lookup().account(canonical);
        if (!now_row || now_row->value("locked_until", std::int64_t{0}) > batch.now().value)
            refuse_locked();
        Json payload = {{"name", canonical},
                        {"failed", 0},
                        {"locked_until", 0},
                        {"last_login", batch.now().value}};
        if (SecondFactor::is_enrolled(*now_row)) {
            auto used = factor_.accept(*now_row, proof.code, batch.now());
            was_spent = !used;
            if (was_spent) return append_failure(batch, canonical);
            payload["otp"] = std::move(*used);
        }
        login.owed = owed_by(*now_row);
        if (!proof.address.empty()) payload["address"] = proof.address;
        batch.append(draft_of(Action::login_succeeded, login.account.id, true, payload));
    });
    if (was_spent) refuse_login();
    login.token = open_session(login, canonical, ends, proof.address);
    return login;
}

std::uint64_t Sessions::ends_of(const AccountId& account) {
    const Lock lock(mutex_);
    const auto found = ends_.find(account);
    return found == ends_.end() ? 0 : found->second;
}

/// `ends`: as counted before the password was looked at.  A password or right that changed since
/// ended every session, and this one would have been among them.
std::string Sessions::open_session(Login& login, const std::string& canonical, std::uint64_t ends,
                                   const std::string& address) {
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
    const Millis now{login.expires.value - millis(longest)};
    open_[digest_of(token)] = {account,
                               canonical,
                               boot,
                               boot,
                               login.expires,
                               login.owed,
                               crypto::random_id<SessionId>(),
                               now,
                               now,
                               address,
                               {},
                               0};
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
    if (found.owed == Owed::second_factor)
        throw Error(ErrorCode::sealed, "second_factor.must_enrol",
                    "could not go on: the role needs a second factor");
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
    open.used_at = ledger_.clock().now();
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

void Sessions::settle(std::string_view token) {
    const auto state = ledger_.memory().account(session(token).principal.account());
    const Owed owed = state ? owed_by(state->row) : Owed::password;
    const Lock lock(mutex_);
    if (const auto found = open_.find(digest_of(token)); found != open_.end())
        found->second.owed = owed;
}

std::vector<Sessions::Shown> Sessions::sessions_of(const AccountId& account,
                                                   std::string_view token) {
    const TokenDigest own = digest_of(token);
    const std::int64_t boot = ledger_.clock().boot_millis();
    std::vector<Shown> all;
    const Lock lock(mutex_);
    for (const auto& [digest, open] : open_)
        if (open.account == account && boot - open.used <= millis(idle) &&
            boot - open.opened <= millis(longest))
            all.push_back(
                {open.id, open.opened_at, open.used_at, open.expires, open.address, digest == own});
    std::sort(all.begin(), all.end(),
              [](const Shown& a, const Shown& b) { return a.opened.value < b.opened.value; });
    return all;
}

void Sessions::revoke(const Principal& by, const AccountId& account,
                      const std::optional<SessionId>& id) {
    std::size_t ended = 0;
    {
        const Lock lock(mutex_);
        if (!id) ++ends_[account];
        ended = std::erase_if(open_, [&](const auto& entry) {
            return entry.second.account == account && (!id || entry.second.id == *id);
        });
    }
    if (id && ended == 0)
        throw Error(ErrorCode::not_found, "not_found", "could not find the session");
    ledger_.commit([&](catalogue::Batch& batch) {
        batch.append(draft_of(Action::session_revoked, by.account(), true,
                              {{"account", to_text(account)}, {"sessions", ended}}));
    });
}

SecondFactor::Enrolment Sessions::begin_factor(std::string_view token,
                                               const std::string& password) {
    const Principal principal = session(token).principal;
    check_password(principal, password);
    auto enrolment = SecondFactor::begin(principal.name());
    const Lock lock(mutex_);
    if (const auto found = open_.find(digest_of(token)); found != open_.end()) {
        found->second.new_secret = enrolment.secret;
        found->second.secret_made = ledger_.clock().boot_millis();
    }
    return enrolment;
}

SecondFactor::Enrolled Sessions::confirm_factor(std::string_view token, const std::string& code) {
    const Principal principal = session(token).principal;
    const std::int64_t boot = ledger_.clock().boot_millis();
    Bytes secret;
    {
        const Lock lock(mutex_);
        const auto found = open_.find(digest_of(token));
        if (found != open_.end() &&
            boot - found->second.secret_made <= millis(SecondFactor::enrolment_time))
            secret = found->second.new_secret;
    }
    if (secret.empty())
        throw Error(ErrorCode::conflict, "otp.not_begun",
                    "could not confirm: no second factor is waiting for its code");
    auto enrolled = factor_.confirm(principal.account(), secret, code, ledger_.clock().now());
    crypto::wipe(secret);
    if (!enrolled)
        throw Error(ErrorCode::invalid_argument, "otp.wrong",
                    "could not confirm: it is not the code of this moment");
    const Lock lock(mutex_);
    if (const auto found = open_.find(digest_of(token)); found != open_.end()) {
        crypto::wipe(found->second.new_secret);
        found->second.new_secret.clear();
    }
    return std::move(*enrolled);
}

}  // namespace custode::acts
