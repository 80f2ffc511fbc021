// archive/crypto/password.h
#pragma once

#include "archive/crypto/secret.h"

#include <string>

namespace custode::crypto {

/// Argon2id, 64 MiB, t = 3, p = 1, over BLAKE2b(pepper, password): 136 ms here.  At most
/// `hashes_at_once` run together in the process; further callers wait up to a second, then
/// Error(busy, "login.busy").  Each runs in a thread of its own, at a lower priority than those
/// who read.
inline constexpr int hashes_at_once = 2;

struct PasswordHash {
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, 32> hash{};
};

PasswordHash hash_password(const SealingKey& pepper, const std::string& password);
bool verify_password(const SealingKey& pepper, const std::string& password,
                     const PasswordHash& expected);
/// The same work for a name that does not exist; always false.
bool verify_nobody(const SealingKey& pepper, const std::string& password);

}  // namespace custode::crypto
