// tests/archive/proof/signing.h
#pragma once

#include "archive/proof/checkpoint.h"

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <utility>

namespace custode::proof::testing {

/// A log key for tests.  It signs through OpenSSL while the product verifies through libsodium, so
/// that every signed note in these tests is also a check of one library by the other.
class TestLog {
public:
    explicit TestLog(std::string origin, std::uint8_t seed = 1) {
        std::array<std::uint8_t, 32> secret{};
        secret.fill(seed);
        pkey_.reset(
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
        std::size_t size = key.key.size();
        EVP_PKEY_get_raw_public_key(pkey_.get(), key.key.data(), &size);
        key.name = std::move(origin);
    }

    std::array<std::uint8_t, 64> sign(BytesView message) const {
        const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
        std::array<std::uint8_t, 64> signature{};
        std::size_t size = signature.size();
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey_.get());
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size());
        return signature;
    }

    std::string checkpoint(std::uint64_t size, const Hash& root) const {
        return sign_checkpoint({key.name, size, root}, key, signer());
    }
    Signer signer() const {
        return [this](BytesView message) { return sign(message); };
    }

    VerifierKey key;

private:
    struct Free {
        void operator()(EVP_PKEY* pkey) const { EVP_PKEY_free(pkey); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_PKEY, Free> pkey_;
};

}  // namespace custode::proof::testing
