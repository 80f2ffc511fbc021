// archive/crypto/keyring.h
#pragma once

#include "archive/crypto/file.h"
#include "archive/crypto/keys.h"

#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace custode::crypto::detail {

/// The keys that KEK_e stands for; each use has its own.
struct EpochKeys {
    SealingKey wrap;    ///< Wraps the keyring's entries.
    SealingKey file;    ///< MAC of keyring.<e>
    SealingKey log;     ///< MAC chain of keyring.<e>.log
    SealingKey header;  ///< MAC of vault.toml

    static EpochKeys make(const RootSecret& root, const EpochSecret& epoch_secret,
                          const VaultId& vault, std::uint32_t epoch);
};

struct KeyringEntry {
    EntryInfo info;
    std::array<std::uint8_t, 104> wrapped{};  ///< Zeroes in a tombstone.
};

/// One epoch's keyring: the file keyring.<e> written at the switch and the log of what came after.
///
/// Keys stay wrapped in ordinary memory and are unwrapped, into the arena, when asked for.
///
/// Files    keyring.<e> is written whole and never changed; keyring.<e>.log only grows, its
///          entries chained to the file's MAC and to each other by MAC and number.  After a failed
///          fsync the next append() first writes the log anew, in a file of its own.
/// Errors   Error(corrupt, "keyring.damaged") for anything but a torn last entry of the log, which
///          add() had not returned for; Error(corrupt, "keyring.old_epoch") for another epoch's
///          file.
/// Threads  One writer or many readers; KeyService holds the lock.
class Keyring {
public:
    static constexpr std::size_t entries_max = 4'000'000;  ///< 512 MB; forty of today's plan.

    struct Place {
        std::filesystem::path folder;
        VaultId vault;
        std::uint32_t epoch = 1;
    };

    /// Writes keyring.<e> (durably) with an empty log; does not read it back: load() does.
    static void write(const Place& place, const EpochKeys& keys, const JournalPlace& journal,
                      const std::vector<KeyringEntry>& entries);
    static Keyring load(const Place& place, EpochKeys keys);
    /// The same from the bytes of both files.
    static Keyring parse(const Place& place, EpochKeys keys, BytesView file, BytesView log);

    /// An entry for this epoch's keyring, not yet in it.
    static KeyringEntry seal(const Place& place, const EpochKeys& keys, const EntryInfo& info,
                             const SealingKey& key);
    void append(const EntryInfo& info, const SealingKey& key);  ///< Durable when it returns.

    const KeyringEntry* find(const EntryId& id) const;
    /// The first living entry of that kind and year, of which dossiers have none.
    const KeyringEntry* special(EntryKind kind, std::uint16_t year) const;
    SealingKey open(const KeyringEntry& entry) const;  ///< Of a living entry.
    const std::vector<KeyringEntry>& entries() const { return entries_; }

    const Place& place() const { return place_; }
    const EpochKeys& keys() const { return keys_; }
    const Sha256Digest& digest() const { return digest_; }  ///< SHA-256 of keyring.<e>.
    const JournalPlace& journal() const { return journal_; }

private:
    Keyring(Place place, EpochKeys keys) : place_(std::move(place)), keys_(std::move(keys)) {}
    void read_file(BytesView bytes);
    void read_log(BytesView bytes);
    void insert(const KeyringEntry& entry);
    void renew_log();

    Place place_;
    EpochKeys keys_;
    JournalPlace journal_;
    Sha256Digest digest_;
    std::vector<KeyringEntry> entries_;
    struct Hash {
        std::size_t operator()(const EntryId& id) const;
    };
    std::unordered_map<EntryId, std::size_t, Hash> index_;
    std::map<std::pair<EntryKind, std::uint16_t>, std::size_t> specials_;
    Blake2Digest chain_;        ///< MAC of the log's last entry, or of the file.
    std::uint64_t logged_ = 0;  ///< Good entries in the log.
    bool log_failed_ = false;   ///< A failed fsync: what the file has on the disk is unknown.
};

std::filesystem::path keyring_path(const Keyring::Place& place);
std::filesystem::path log_path(const Keyring::Place& place);

}  // namespace custode::crypto::detail
