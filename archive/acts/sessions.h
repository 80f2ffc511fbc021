// archive/acts/sessions.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/catalogue/ledger.h"
#include "archive/door.h"

#include <chrono>
#include <map>
#include <string>

namespace custode::acts {

/// Signing in and out: names and passwords, lockout, sessions.
///
/// A wrong name and a wrong password are one answer after one piece of work; an unknown name locks
/// like a known one, over a restart too.  Sessions live in memory: a restart or a sealing ends them
/// all.  Their clock is CLOCK_BOOTTIME, which nobody can set back.
///
/// Errors   login() throws Error(unauthenticated, "login.failed"), Error(sealed, "account.locked"),
///          Error(busy, "login.busy" | "session.too_many"); principal() throws
///          Error(unauthenticated, "session.missing" | "session.expired").
/// Threads  Any.
class Sessions {
public:
    static constexpr unsigned failures_until_lock = 5;
    static constexpr std::chrono::minutes first_lock{15};
    static constexpr std::chrono::minutes longest_lock{240};
    static constexpr std::chrono::minutes idle{15};
    static constexpr std::chrono::hours longest{8};
    static constexpr std::size_t sessions_max = 10'000;
    static constexpr std::size_t sessions_per_account_max = 32;
    static constexpr std::size_t ghosts_max = 10'000;
    static constexpr std::uint64_t ghost_events_max = 20'000;  ///< Looked through at unseal.

    explicit Sessions(catalogue::Ledger& ledger);

    /// What has to be done before anything else: a password that somebody else gave is changed.
    enum class Owed { nothing, password };

    struct Login {
        std::string token;  ///< 32 random bytes, base64url; only a digest of it is kept.
        Millis expires;     ///< At the latest.
        Owed owed = Owed::nothing;
        records::Account account;
        std::optional<Millis> last_login;
    };
    Login login(const std::string& name, const std::string& password);
    void logout(std::string_view token);

    struct Session {
        Principal principal;
        Millis expires;
        Owed owed = Owed::nothing;
    };
    /// Whoever holds the token, whatever is still owed: for the few things that pay it.
    Session session(std::string_view token);
    /// For everything else.  @throws besides Error(sealed, "password.must_change")
    Principal principal(std::string_view token);

    /// Asks for the password once more, with lockout as at login.
    void check_password(const Principal& principal, const std::string& password);

    /// Ends every session of an account, but perhaps that of one token: it was disabled, its rights
    /// changed, or its password.
    void end_all_of(const AccountId& account, std::string_view but = {});
    /// Says what a session still owes.
    void settle(std::string_view token, Owed owed);

private:
    struct Open {
        AccountId account;
        std::string name;
        std::int64_t opened = 0, used = 0;  ///< Boot time, ms.
        Millis expires;
        Owed owed = Owed::nothing;
    };
    struct Ghost {
        unsigned failed = 0;
        Millis locked_until;
    };
    using TokenDigest = std::array<std::uint8_t, 32>;

    records::Account authenticate(const std::string& canonical, const std::string& password);
    void check_lock(const std::string& canonical, const nlohmann::json* row);
    void fail(const std::string& canonical, const nlohmann::json* row);
    void load_ghosts();
    void fail_ghost(const std::string& canonical);
    void drop_oldest_of(const AccountId& account) CUSTODE_REQUIRES(mutex_);
    std::string open_session(Login& login, const std::string& canonical, std::uint64_t ends);
    std::uint64_t ends_of(const AccountId& account);

    catalogue::Ledger& ledger_;
    crypto::SealingKey pepper_;
    Mutex mutex_;
    std::map<TokenDigest, Open> open_ CUSTODE_GUARDED_BY(mutex_);
    std::map<std::string, Ghost, std::less<>> ghosts_ CUSTODE_GUARDED_BY(mutex_);
    /// How often end_all_of() was called.
    std::map<AccountId, std::uint64_t> ends_ CUSTODE_GUARDED_BY(mutex_);
};

}  // namespace custode::acts
