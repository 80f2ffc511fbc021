#include "archive/acts/passwords.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/records/password_rule.h"

namespace custode::acts {

using Json = nlohmann::json;

crypto::SealingKey pepper_of(const crypto::KeyService& keys) {
    const auto id = keys.find(crypto::EntryKind::pepper);
    auto key = id ? keys.key(*id) : std::nullopt;
    if (!key) throw Error(ErrorCode::corrupt, "keyring.damaged", "could not find the pepper");
    return std::move(*key);
}

Json password_json(const crypto::KeyService& keys, const std::string& canonical_name,
                   const std::string& password, const std::vector<std::string>& context) {
    records::check_password(password, canonical_name, context);
    const crypto::PasswordHash hash = crypto::hash_password(pepper_of(keys), password);
    return {{"salt", to_hex(hash.salt)}, {"hash", to_hex(hash.hash)}};
}

std::optional<crypto::PasswordHash> stored_hash(const Json& row) {
    const Json& password = row.at("password");
    const auto salt = from_hex(password.at("salt").get<std::string>());
    const auto hash = from_hex(password.at("hash").get<std::string>());
    crypto::PasswordHash out;
    if (!salt || !hash || salt->size() != out.salt.size() || hash->size() != out.hash.size())
        return std::nullopt;
    std::copy(salt->begin(), salt->end(), out.salt.begin());
    std::copy(hash->begin(), hash->end(), out.hash.begin());
    return out;
}

}  // namespace custode::acts
