// archive/crypto/library.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/error.h"

#include <sodium.h>

namespace custode::crypto::detail {

/// Chooses libsodium's implementations for this processor; called by whatever uses it first.
inline void ready() {
    static const bool done = sodium_init() >= 0;
    require(done, "libsodium can be initialised");
}

/// The format's one suite: Ed25519, BLAKE2b, XChaCha20-Poly1305, ChaCha20-Poly1305, HKDF-SHA-512.
/// An input to every key derivation, so that editing the header's number opens nothing.
inline constexpr std::uint16_t suite_id = 1;

/// A small buffer of derived key material on the stack, wiped whichever way its scope ends.
template <std::size_t size>
struct Wiped {
    std::array<std::uint8_t, size> bytes{};

    Wiped() = default;
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() { sodium_memzero(bytes.data(), size); }

    std::uint8_t* data() { return bytes.data(); }
    BytesView part(std::size_t from, std::size_t count) const {
        return BytesView(bytes).subspan(from, count);
    }
};

}  // namespace custode::crypto::detail
