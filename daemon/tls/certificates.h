// daemon/tls/certificates.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/time.h"

#include <span>
#include <string>
#include <vector>

namespace custode::daemon {

/// The vault's own certificate authority, so that a first start is encrypted and verifiable
/// without anyone's help.  Its only power is over clients that were given its certificate.
///
/// The key is P-256 and follows from 32 secret bytes, which the vault keeps in its keyring:
/// private scalar = bytes mod (n − 1) + 1, so every 32 bytes are a key.
///
/// Units     Times are UTC; validity in days.
/// Errors    Error(invalid_argument, "certificate.…") for a name, a key or a certificate that
///           cannot be used; Error(storage, "certificate.failed") when OpenSSL refuses.
/// Threads   Any; nothing is kept.
/// Source    RFC 5280; CA/Browser Forum baseline (names in SAN, serial ≥ 64 random bits).
struct CaMaterial {
    std::string certificate_pem;
};

struct CaWish {
    std::string common_name = "Custode CA";  ///< 1–64 bytes; add what tells two vaults apart.
    Millis now;
    int days = 3650;
};
inline constexpr std::size_t ca_scalar_bytes = 32;
CaMaterial make_ca(std::span<const std::uint8_t, ca_scalar_bytes> secret, const CaWish& wish);

/// What a client of today accepts at most (iOS and macOS refuse more).
inline constexpr int server_certificate_days_max = 825;
inline constexpr std::size_t server_names_max = 32;

struct ServerWish {
    std::vector<std::string> names;  ///< DNS names and IP addresses; all go into the SAN.
    Millis now;
    int days = 397;  ///< Cut to the end of the CA.
};
struct ServerMaterial {
    std::string certificate_pem;
    std::string key_pem;  ///< Fresh for each certificate.  The caller writes it with mode 0600.
};
ServerMaterial issue_server_certificate(std::span<const std::uint8_t, ca_scalar_bytes> ca_secret,
                                        const std::string& ca_certificate_pem,
                                        const ServerWish& wish);

/// The last moment of a certificate's validity.
Millis valid_until(const std::string& certificate_pem);

}  // namespace custode::daemon
