// archive/crypto/header.h
#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/crypto/secret.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace custode::crypto::detail {

/// The three ways to have R back, as vault.toml states them; each is useless without its secret.
struct KeyfileSlot {
    Bytes wrapped;  ///< R sealed by the keyfile's 32 bytes.
};
struct PassphraseSlot {
    std::array<std::uint8_t, 16> salt{};
    std::uint32_t memory_kib = 0, passes = 0;  ///< Argon2id, one lane.
    Bytes wrapped;
};
struct SharesSlot {
    std::string ceremony;              ///< As people call it, e.g. "2026-11".
    std::array<std::uint8_t, 4> id{};  ///< In every share.
    int threshold = 0;
    Blake2Digest root;                 ///< Commitment to R.
    std::vector<Blake2Digest> shares;  ///< Commitment to each share, in order of index.
};

/// A place outside the vault folder that keeps one share of the epoch secret.
struct HolderPlace {
    std::string path;
    Blake2Digest share;  ///< Commitment to the share of this epoch.
};

/// vault.toml: what must be known before any key is.  Clear text, authenticated after the fact.
///
/// The reader accepts exactly what the writer writes: the text is parsed, written again and
/// compared, so no second spelling exists and nothing unknown can hide in it.
struct Header {
    static constexpr int format = 1;
    static constexpr std::size_t file_bytes_max = 65'536;
    static constexpr std::size_t holders_max = 8;
    static constexpr std::size_t path_bytes_max = 1'024;

    VaultId vault;
    Millis created;
    std::uint32_t epoch = 1;
    Blake2Digest epoch_secret;         ///< Commitment to E_e.
    std::vector<HolderPlace> holders;  ///< Shares are written when there are at least two.
    std::vector<std::string> former;   ///< Places of the epoch before, to be erased.
    std::optional<KeyfileSlot> keyfile;
    std::optional<PassphraseSlot> passphrase;
    std::optional<SharesSlot> shares;

    bool has_holders() const { return holders.size() >= 2; }
    int holders_needed() const { return static_cast<int>(holders.size()) / 2 + 1; }
};

/// A header read from disk, not yet authenticated.
struct ReadHeader {
    Header header;
    Blake2Digest mac;
};

std::string write_header(const Header& header, const SealingKey& mac_key);

/// @throws Error(corrupt, "header.damaged"), Error(unsupported, "vault.newer_format")
ReadHeader parse_header(std::string_view text);
ReadHeader read_header(const std::filesystem::path& path);

/// @throws Error(corrupt, "header.damaged") when the MAC is not that of the header
void authenticate(const ReadHeader& read, const SealingKey& mac_key);

}  // namespace custode::crypto::detail
