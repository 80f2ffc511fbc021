// archive/crypto/record.h
#pragma once

#include "archive/base/id.h"
#include "archive/crypto/secret.h"

#include <optional>

namespace custode::crypto {

/// What a sealed record is bound to; a record moved anywhere else does not open.
struct RecordContext {
    VaultId vault;
    std::string_view table;  ///< Or the part of a structure, e.g. "journal.header".
    BytesView key;           ///< Its record key in that table.
    std::uint32_t type = 0;
    std::uint32_t version = 1;
    BytesView key_id;         ///< Id of the sealing key (keyring entry, object …).
    std::uint32_t epoch = 0;  ///< Keyring entries only.
};

/// nonce24 ‖ commitment32 ‖ XChaCha20-Poly1305 (plaintext + 16): overhead of 72 bytes.
/// Source  design §4 "Small records"; archive/FORMAT.md.
inline constexpr std::size_t record_overhead_bytes = 24 + 32 + 16;

Bytes seal_record(const SealingKey& key, const RecordContext& context, BytesView plaintext);

/// The plaintext, or nothing when key, context or bytes are not those it was sealed with.  The
/// commitment is compared first, in constant time: one ciphertext opens under one key only.
std::optional<Bytes> open_record(const SealingKey& key, const RecordContext& context,
                                 BytesView sealed);

/// A key sealed by a key: a record whose plaintext never leaves the arena.  104 bytes.
template <class Purpose>
Bytes wrap(const SealingKey& outer, const RecordContext& context, const Secret<Purpose>& inner) {
    return seal_record(outer, context, inner.view());
}

namespace detail {
bool open_into(const SealingKey& key, const RecordContext& context, BytesView sealed,
               std::span<std::uint8_t> thirty_two);
/// For known-answer tests: the nonce is given.
Bytes seal_record_with_nonce(const SealingKey& key, const RecordContext& context, BytesView nonce24,
                             BytesView plaintext);
}  // namespace detail

template <class Purpose>
std::optional<Secret<Purpose>> unwrap(const SealingKey& outer, const RecordContext& context,
                                      BytesView wrapped) {
    Secret<Purpose> inner;
    if (!detail::open_into(outer, context, wrapped, inner.writable())) return std::nullopt;
    return inner;
}

/// The key under which records about an object are sealed, derived from O_x.
SealingKey records_key(const ObjectKey& object);

/// Keyed BLAKE2b-256 / -128 over length-prefixed parts: pseudonyms, row keys, row sums.
Blake2Digest keyed_digest(const SealingKey& key, std::initializer_list<BytesView> parts);
std::array<std::uint8_t, 16> keyed_name(const SealingKey& key,
                                        std::initializer_list<BytesView> parts);

}  // namespace custode::crypto
