// archive/crypto/key_state.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/crypto/arena.h"
#include "archive/crypto/header.h"
#include "archive/crypto/keyring.h"
#include "archive/crypto/keys.h"

#include <exception>

namespace custode::crypto {

namespace detail {

/// The expanded log key, in the arena, and its public half.
struct LogKey {
    WideSecret secret;
    std::array<std::uint8_t, 32> public_key{};

    explicit LogKey(const SealingKey& seed);
};

}  // namespace detail

/// What an unsealed vault knows; shared by key_service.cpp (its days) and epochs.cpp (its
/// ceremonies).
///
/// Files of one epoch: vault.toml, keyring.<e>, keyring.<e>.log, and epoch.<e> or the holders.  A
/// prepared epoch has the same beside them, its header called vault.next.toml and written last:
/// where that file is, everything of the next epoch is.
struct KeyService::State {
    /// One epoch, opened.
    struct Epoch {
        detail::Header header;
        detail::Keyring keyring;
    };

    const std::filesystem::path folder;
    const VaultId vault;  ///< The same in every epoch, and read without the lock.
    mutable SharedMutex mutex;
    Epoch current CUSTODE_GUARDED_BY(mutex);
    /// Prepared now, or found prepared at unseal.
    std::optional<Epoch> next CUSTODE_GUARDED_BY(mutex);
    /// Why a vault.next.toml that is there was not opened.
    std::exception_ptr next_unreadable CUSTODE_GUARDED_BY(mutex);
    Mutex log_key_mutex;  ///< Taken while `mutex` is held.
    /// Expanded when it is first asked for and kept until its epoch ends: the journal signs with
    /// every group.  Shared by those who are signing meanwhile.
    std::shared_ptr<const detail::LogKey> log_key CUSTODE_GUARDED_BY(log_key_mutex);

    State(std::filesystem::path where, Epoch opened)
        : folder(std::move(where)), vault(opened.header.vault), current(std::move(opened)) {}

    std::filesystem::path header_path() const { return folder / "vault.toml"; }
    std::filesystem::path next_header_path() const { return folder / "vault.next.toml"; }

    /// Erases what belongs to any epoch but the current one: shares in holders, files beside it.
    void sweep() noexcept CUSTODE_REQUIRES(mutex);
    void finish() CUSTODE_REQUIRES(mutex);
    void discard_next() CUSTODE_REQUIRES(mutex);
    std::shared_ptr<const detail::LogKey> log();
};

namespace detail {

/// Makes E_e for header.epoch: on the holders, or wrapped under R in epoch.<e> beside the keyring.
EpochSecret make_epoch_secret(const std::filesystem::path& folder, const RootSecret& root,
                              Header& header);
EpochSecret read_epoch_secret(const std::filesystem::path& folder, const RootSecret& root,
                              const Header& header);

/// Reads, authenticates and opens one epoch with R.
KeyService::State::Epoch open_epoch(const std::filesystem::path& folder, const ReadHeader& read,
                                    const RootSecret& root);

std::vector<HolderPlace> places_of(const std::vector<std::filesystem::path>& holders);

/// A fresh key fit for its kind.
SealingKey fresh_key(EntryKind kind);

}  // namespace detail
}  // namespace custode::crypto
