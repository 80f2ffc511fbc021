// archive/acts/sessions.h
#pragma once

#include "archive/acts/second_factor.h"
#include "archive/base/mutex.h"
#include "archive/catalogue/ledger.h"
#include "archive/door.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

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

    struct Options {
        /// Whoever holds one of these needs a second factor.
        std::vector<std::string> second_factor_roles;
    };
    explicit Sessions(catalogue::Ledger& ledger, Options options = {});

    /// What has to be done before anything else: a password that somebody else gave is changed, a
    /// second factor that a role needs is enrolled.
    enum class Owed { nothing, password, second_factor };

    struct Login {
        std::string token;  ///< 32 random bytes, base64url; only a digest of it is kept.
        Millis expires;     ///< At the latest.
        Owed owed = Owed::nothing;
        records::Account account;
        std::optional<Millis> last_login;
    };
    /// What somebody shows of themselves, and from where.
    struct Proof {
        std::string password;
        std::string code;     ///< One-time or recovery; not looked at without a second factor.
        std::string address;  ///< As shown to the account's owner.
    };
    /// A wrong password, a wrong code, a spent code and none are one answer.
    Login login(const std::string& name, const Proof& proof);
    Login login(const std::string& name, const std::string& password) {
        return login(name, Proof{password, {}, {}});
    }
    void logout(std::string_view token);

    struct Session {
        Principal principal;
        Millis expires;
        Owed owed = Owed::nothing;
    };
    /// Whoever holds the token, whatever is still owed: for the few things that pay it.
    Session session(std::string_view token);
    /// For everything else.
    /// @throws besides Error(sealed, "password.must_change" | "second_factor.must_enrol")
    Principal principal(std::string_view token);

    /// Asks for the password once more, with lockout as at login.
    void check_password(const Principal& principal, const std::string& password);

    /// Ends every session of an account, but perhaps that of one token: it was disabled, its rights
    /// changed, or its password.
    void end_all_of(const AccountId& account, std::string_view but = {});
    /// Looks again at what a session still owes, after some of it was paid.
    void settle(std::string_view token);

    /// The sessions of an account, without a trace.
    struct Shown {
        SessionId id;
        Millis opened, used, expires;
        std::string address;
        bool current = false;  ///< That of `token`.
    };
    std::vector<Shown> sessions_of(const AccountId& account, std::string_view token = {});
    /// Ends one session of an account, or all of them; journaled.
    /// @throws Error(not_found, "not_found") when it has none such
    void revoke(const Principal& by, const AccountId& account, const std::optional<SessionId>& id);

    /// Begins or replaces the account's second factor; the secret waits with the session for its
    /// first code.
    SecondFactor::Enrolment begin_factor(std::string_view token, const std::string& password);
    /// What the account's row is to hold, when the code is right; the secret is then forgotten.
    /// @throws Error(invalid_argument, "otp.wrong"), Error(conflict, "otp.not_begun")
    SecondFactor::Enrolled confirm_factor(std::string_view token, const std::string& code);

private:
    struct Open {
        AccountId account;
        std::string name;
        std::int64_t opened = 0, used = 0;  ///< Boot time, ms.
        Millis expires;
        Owed owed = Owed::nothing;
        SessionId id;
        Millis opened_at, used_at;
        std::string address;
        Bytes new_secret;              ///< Of a second factor that waits for its code.
        std::int64_t secret_made = 0;  ///< Boot time, ms.
    };
    struct Ghost {
        unsigned failed = 0;
        Millis locked_until;
    };
    using TokenDigest = std::array<std::uint8_t, 32>;

    records::Account authenticate(const std::string& canonical, const Proof& proof, bool with_code);
    Owed owed_by(const nlohmann::json& row) const;
    void append_failure(catalogue::Batch& batch, const std::string& canonical);
    void check_lock(const std::string& canonical, const nlohmann::json* row);
    void fail(const std::string& canonical, const nlohmann::json* row);
    void load_ghosts();
    void fail_ghost(const std::string& canonical);
    void drop_oldest_of(const AccountId& account) CUSTODE_REQUIRES(mutex_);
    std::string open_session(Login& login, const std::string& canonical, std::uint64_t ends,
                             const std::string& address);
    std::uint64_t ends_of(const AccountId& account);

    catalogue::Ledger& ledger_;
    Options options_;
    SecondFactor factor_;
    crypto::SealingKey pepper_;
    Mutex mutex_;
    std::map<TokenDigest, Open> open_ CUSTODE_GUARDED_BY(mutex_);
    std::map<std::string, Ghost, std::less<>> ghosts_ CUSTODE_GUARDED_BY(mutex_);
    /// How often end_all_of() was called.
    std::map<AccountId, std::uint64_t> ends_ CUSTODE_GUARDED_BY(mutex_);
};

}  // namespace custode::acts
