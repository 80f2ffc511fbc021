#pragma once

#include "archive/crypto/keys.h"
#include "archive/crypto/password.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace custode::acts {

/// The key mixed into every password before it is hashed, without which a stolen table of hashes is
/// useless.  @throws Error(corrupt, "keyring.damaged")
crypto::SealingKey pepper_of(const crypto::KeyService& keys);

/// The stored form of a new password that meets records::check_password, which throws.
nlohmann::json password_json(const crypto::KeyService& keys, const std::string& canonical_name,
                             const std::string& password, const std::vector<std::string>& context);

/// The hash of an account's row; nothing when it is none.
std::optional<crypto::PasswordHash> stored_hash(const nlohmann::json& row);

}  // namespace custode::acts
