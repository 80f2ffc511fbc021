// archive/crypto/keys.h
#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/crypto/secret.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace custode::crypto {

/// What a keyring entry is for.  The numbers are on disk (FORMAT.md): append, never renumber.
enum class EntryKind : std::uint8_t {
    dossier = 1,                ///< D_d; its EntryId is the dossier's pseudonym in journal headers
    register_year = 2,          ///< G_y
    system_year = 3,            ///< Y_y headers and system records
    actor_year = 4,             ///< A_y
    log_signing = 5,            ///< Ed25519 seed of the checkpoints
    pepper = 6,                 ///< of password hashes
    head = 7,                   ///< K_head
    idempotency = 8,            ///< K_idem
    certificate_authority = 9,  ///< P-256 scalar of the vault's own CA
    segments = 10,              ///< seals segment indexes and the location table
    places = 11,  ///< seals and names the rows that tell in which dossiers a document lies
};

enum class EntryState : std::uint8_t { living = 1, destroyed = 2 };

struct EntryInfo {
    EntryId id;
    EntryKind kind = EntryKind::dossier;
    std::uint16_t year = 0;  ///< Of year keys; 0 otherwise.
    EntryState state = EntryState::living;
    std::uint64_t destroyed_by = 0;  ///< Index of the destroying event, when destroyed.
};

/// How the root R is had back at unseal.
struct SlotOptions {
    std::optional<std::filesystem::path> keyfile;  ///< 32 random bytes are written here, 0600.
    std::optional<std::string> passphrase;
    int shares = 0, threshold = 0;  ///< k-of-n, 2 ≤ k ≤ n ≤ 32; 0 = no such slot.
    /// Argon2id of the passphrase: 256 MiB and about a second.  Less only in tests.
    std::uint32_t passphrase_memory_kib = 262'144, passphrase_passes = 4;
};

/// A custodian's share as printed: words of one line, with ceremony id, index and check inside.
using ShareText = std::string;

struct UnsealInput {
    std::optional<Bytes> keyfile;
    std::optional<std::string> passphrase;
    std::vector<ShareText> shares;
};

/// The journal's place, written into the keyring file at each epoch.
struct JournalPlace {
    std::uint64_t size = 0;
    Sha256Digest root;
};

/// The only thing that holds R, E, KEK and D.  In-process now; its verbs are those that a process
/// of its own would offer (design §4), so nothing hands out KEK, R or E.
///
/// Files     vault.toml, keyring.<e>, keyring.<e>.log under the vault folder; holders elsewhere.
/// Errors    unsealing throws Error(unauthenticated, "unseal.wrong_key" | "share.wrong" |
///           "share.duplicate" | "share.old_ceremony" | "share.too_few" | "passphrase.wrong"),
///           Error(sealed, "holder.missing" | "holder.old"), Error(corrupt, "keyring.damaged" |
///           "keyring.old_epoch" | "header.damaged"), Error(unsupported, "vault.newer_format").
///           create() refuses an existing vault: Error(conflict, "vault.exists").  add() and the
///           ceremonies throw Error(full | storage) from the disk.
/// Threads   Any; reads share a lock, add() and the ceremonies take it alone.
class KeyService {
public:
    struct Created {
        std::unique_ptr<KeyService> keys;
        std::vector<ShareText> shares;
    };
    struct CreateOptions {
        SlotOptions slots;
        std::vector<std::filesystem::path> holders;  ///< Holder files for the epoch secret.
        std::uint16_t year = 0;                      ///< First year's keys are made with the vault.
        Millis now;
        std::string ceremony;  ///< Shown on shares, e.g. "2026-11".
    };

    static Created create(const std::filesystem::path& vault, const CreateOptions& options);
    /// Vault id and slots as vault.toml states them, before any key is known.
    static VaultId vault_id(const std::filesystem::path& vault);
    struct Slots {
        std::vector<std::string> names;  ///< "keyfile", "passphrase", "shares 3 of 5"
        int shares_needed = 0;
    };
    static Slots slots(const std::filesystem::path& vault);
    /// Says whether the shares given so far can open (count, threshold), naming bad ones by throw.
    struct ShareProgress {
        int given = 0, needed = 0;
    };
    static ShareProgress check_share(const std::filesystem::path& vault,
                                     const std::vector<ShareText>& so_far, const ShareText& more);
    static std::unique_ptr<KeyService> unseal(const std::filesystem::path& vault,
                                              const UnsealInput& input);
    ~KeyService();

    const VaultId& vault() const;
    std::uint32_t epoch() const;
    Sha256Digest keyring_digest() const;   ///< Of keyring.<e>, for the event that names it.
    JournalPlace keyring_journal() const;  ///< Where the journal stood when it was written.
    std::vector<EntryInfo> entries() const;
    std::optional<EntryInfo> info(const EntryId& id) const;
    std::optional<EntryId> find(EntryKind kind, std::uint16_t year = 0) const;

    /// Makes a fresh random key, appends it to the keyring log and fsyncs before it returns.
    EntryId add(EntryKind kind, std::uint16_t year = 0);

    /// The living key of an entry, or nothing when it is destroyed or unknown.
    std::optional<SealingKey> key(const EntryId& id) const;

    /// Ed25519 with the log key; its public key.
    std::array<std::uint8_t, 64> sign(BytesView message) const;
    std::array<std::uint8_t, 32> verifying_key() const;

    /// Epoch switch, two steps around one catalogue commit (design §4).  prepare() writes and
    /// re-reads keyring.<e+1>, with the entries named in `destroy` as tombstones and those in
    /// `rotate` with fresh keys, and gives its SHA-256, which the event epoch.switched carries;
    /// after that event is durable, finish(); before it, abandon().
    struct EpochPlan {
        std::vector<EntryId> destroy;  ///< Dossiers and lapsed years only.
        std::uint64_t destroyed_by = 0;
        JournalPlace place;
        std::vector<std::filesystem::path> holders;  ///< Empty: as before.
        std::vector<EntryId> rotate;                 ///< Keep their id, get fresh keys.
    };
    struct PreparedEpoch {
        std::uint32_t epoch = 0;
        Sha256Digest keyring;
    };
    PreparedEpoch prepare_epoch(const EpochPlan& plan, const UnsealInput& root_again);
    /// Between prepare and finish: the key that an entry will have, to re-wrap under before the
    /// event; the present one where it does not change, nothing where it is destroyed.
    std::optional<SealingKey> next_key(const EntryId& id) const;
    void finish_epoch();
    void abandon_epoch();
    /// At unseal: the epoch and digest that the journal names last; a keyring file that no event
    /// names is discarded, one that an event names is finished forward.  For epoch 1, which no
    /// event need name, a digest of zeroes is not compared.
    /// @throws Error(corrupt, "keyring.old_epoch" | "journal.old_epoch" | "keyring.damaged")
    void settle(std::uint32_t epoch_of_journal, const Sha256Digest& keyring_of_journal);

    /// What a status page may say.
    struct Description {
        std::vector<std::string> slots;    ///< "keyfile", "passphrase", "shares 3 of 5"
        std::vector<std::string> holders;  ///< per holder: path and state
        int destruction_level = 0;         ///< What a destruction would reach today: D0 … D2
        std::string arena;
    };
    Description describe() const;
    /// Reads every holder, finishes erasures that were missed, names those missing or wrong.
    std::vector<std::string> read_back_holders();

    struct State;  ///< Opaque: key_state.h, for this folder alone.

private:
    explicit KeyService(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace custode::crypto
