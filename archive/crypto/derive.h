// archive/crypto/derive.h
#pragma once

#include "archive/base/codec.h"
#include "archive/crypto/arena.h"
#include "archive/crypto/library.h"
#include "archive/crypto/secret.h"

#include <string_view>

namespace custode::crypto::detail {

/// Keyed BLAKE2b with a personal label of at most sixteen bytes: two labels are two functions, so
/// one key may serve both a record and a pseudonym without the answers ever meeting.
class KeyedBlake2 {
public:
    KeyedBlake2(BytesView key32, std::size_t out_bytes, std::string_view personal);
    ~KeyedBlake2() { sodium_memzero(&state_, sizeof state_); }
    KeyedBlake2(const KeyedBlake2&) = delete;
    KeyedBlake2& operator=(const KeyedBlake2&) = delete;

    KeyedBlake2& raw(BytesView bytes);
    KeyedBlake2& field(BytesView bytes);  ///< With a u32 length in front, as Encoder::field.
    void finish(std::span<std::uint8_t> out);

private:
    crypto_generichash_blake2b_state state_{};
};

/// Fills `into` with a key derived from another under a label and a context.
void derive_into(BytesView key32, std::string_view label, BytesView context,
                 std::span<std::uint8_t> into32);

template <class To, class From>
To derive(const From& key, std::string_view label, BytesView context = {}) {
    To derived;
    derive_into(key.view(), label, context, derived.writable());
    return derived;
}

/// HKDF-SHA-512 (RFC 5869), built on libsodium's HMAC: Debian's libsodium has no HKDF.
void hkdf_extract(BytesView salt, std::initializer_list<BytesView> key_parts, WideSecret& prk);
/// Up to 255 × 64 bytes.
void hkdf_expand(BytesView prk, BytesView info, std::span<std::uint8_t> out);

}  // namespace custode::crypto::detail
