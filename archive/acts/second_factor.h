#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/crypto/keys.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace custode::acts {

/// One-time codes and recovery codes beside a password, as the row of an account keeps them.
///
/// A code holds for the step of thirty seconds before and after its own, and each step lets in
/// once: the last one used is in the row, so a second request with the same code finds it spent,
/// also after a restart and also when both come at once.  Recovery codes are eighty random bits,
/// kept as keyed digests, and each lets in once.  The secret is sealed under a key made from the
/// pepper within the row, which is itself sealed.
///
/// Threads  Any.
/// Source   RFC 6238 §5.2; NIST SP 800-63B §3.1.4, §3.1.2.
class SecondFactor {
public:
    static constexpr std::int64_t step_millis = 30'000;
    static constexpr std::size_t secret_bytes = 20;
    static constexpr std::size_t recovery_codes = 10;
    static constexpr std::chrono::minutes enrolment_time{
        10};  ///< How long a secret waits for its code.

    explicit SecondFactor(const crypto::KeyService& keys);

    static bool is_enrolled(const nlohmann::json& row) { return row.contains("otp"); }
    static std::size_t recovery_left(const nlohmann::json& row);

    /// What an accepted code changes in the row: {"step"} or {"recovery"}; nothing when it is not
    /// accepted.
    std::optional<nlohmann::json> accept(const nlohmann::json& row, const std::string& code,
                                         Millis now) const;

    struct Enrolment {
        Bytes secret;
        std::string text;  ///< The secret in Base32, for typing.
        std::string uri;   ///< otpauth://, for a QR code.
    };
    static Enrolment begin(const std::string& account_name);
    struct Enrolled {
        nlohmann::json otp;                 ///< For the row.
        std::vector<std::string> recovery;  ///< Shown once.
    };
    /// When the code is one of the secret's.
    std::optional<Enrolled> confirm(const AccountId& account, const Bytes& secret,
                                    const std::string& code, Millis now) const;

private:
    crypto::SealingKey pepper_;
    VaultId vault_;
    Bytes seal(const AccountId& account, const Bytes& secret) const;
    std::optional<Bytes> open(const AccountId& account, BytesView sealed) const;
    std::string digest_of(const AccountId& account, const std::string& recovery) const;
};

}  // namespace custode::acts
