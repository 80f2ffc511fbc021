// archive/crypto/aead.h
#pragma once

#include "archive/crypto/object.h"

#include <array>
#include <memory>

namespace custode::crypto::detail {

using ChunkNonce = std::array<std::uint8_t, 12>;

/// ChaCha20-Poly1305 (RFC 8439) under one key, with associated data only in tests, by one of two
/// libraries.
///
/// Nonces   Chosen by the caller, never twice under one key: object.cpp counts chunks under a key
///          that it derives for one container only.
/// Threads  One.
class Aead {
public:
    static constexpr std::size_t tag_bytes = 16;

    static std::unique_ptr<Aead> make(AeadBackend backend, BytesView key32);
    virtual ~Aead() = default;

    /// Writes ciphertext and tag: plain.size() + 16 bytes.
    virtual void seal(const ChunkNonce& nonce, BytesView plain, std::uint8_t* sealed,
                      BytesView associated = {}) = 0;
    /// Writes sealed.size() − 16 bytes; false, with nothing to be used, when the tag is wrong.
    [[nodiscard]] virtual bool open(const ChunkNonce& nonce, BytesView sealed, std::uint8_t* plain,
                                    BytesView associated = {}) = 0;
};

}  // namespace custode::crypto::detail
