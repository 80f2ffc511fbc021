// archive/crypto/keyring_codec.h
#pragma once

#include "archive/crypto/keyring.h"

namespace custode::crypto::detail {

/// The bytes of the keyring's structures (FORMAT.md, "Keyring"); nothing here knows a key.
inline constexpr std::size_t keyring_head_bytes = 128;
inline constexpr std::size_t keyring_entry_bytes = 128;
inline constexpr std::size_t keyring_mac_bytes = 32;
inline constexpr std::size_t log_entry_bytes = 8 + keyring_entry_bytes + keyring_mac_bytes;

struct KeyringHead {
    VaultId vault;
    std::uint32_t epoch = 0, count = 0;
    JournalPlace journal;
};

Bytes encode(const KeyringHead& head);
std::optional<KeyringHead> decode_head(BytesView bytes);

Bytes encode(const KeyringEntry& entry);
std::optional<KeyringEntry> decode_entry(BytesView bytes);

/// The part of an entry that its wrapped key is bound to: id, state, kind, year.
Bytes identity(const EntryInfo& info);

bool is_year_kind(EntryKind kind);

}  // namespace custode::crypto::detail
