// archive/crypto/secret.h
#pragma once

#include "archive/base/bytes.h"

#include <algorithm>
#include <string>
#include <utility>

namespace custode::crypto {

/// How the arena's memory is protected; shown on the status page.
enum class ArenaKind { memfd_secret, locked };

/// Makes the one secret arena of the process: memfd_secret where the kernel has it, else locked
/// and checked memory.  Programs call it first, so that a refusal is met at start; otherwise the
/// first Secret makes it.
///
/// Threads  Any.  A forked child has no arena: it may exec or _exit, nothing else.
/// @throws Error(unsupported, "arena.not_lockable") when neither can be had
void open_arena();
ArenaKind arena_kind();

/// Thirty-two bytes in the arena.  It moves, but is never copied, compared or printed; wiped on
/// destruction.  Use Secret<Purpose>, not this.
class SecretMemory {
public:
    SecretMemory();  ///< Zeroed. @throws Error(busy, "arena.full")
    ~SecretMemory();
    SecretMemory(SecretMemory&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
    SecretMemory& operator=(SecretMemory&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    BytesView view() const { return {bytes_, 32}; }
    std::span<std::uint8_t> writable() { return {bytes_, 32}; }

private:
    std::uint8_t* bytes_ = nullptr;
};

/// Key material of one purpose; the purpose is in the type, so that the signing seed cannot be
/// passed where a dossier key is meant.
template <class Purpose>
class Secret {
public:
    static Secret random();
    static Secret from(BytesView thirty_two) {
        Secret secret;
        std::copy_n(thirty_two.begin(), 32, secret.memory_.writable().begin());
        return secret;
    }
    Secret duplicate() const { return from(view()); }  ///< A second handle, on purpose and by name.

    BytesView view() const { return memory_.view(); }
    std::span<std::uint8_t> writable() { return memory_.writable(); }

private:
    SecretMemory memory_;
};

using RootSecret = Secret<struct UnsealsVault>;    ///< R
using EpochSecret = Secret<struct EndsWithEpoch>;  ///< E_e
using Kek = Secret<struct WrapsKeyring>;           ///< KEK_e
using SealingKey = Secret<struct SealsRecords>;  ///< D, M, G, Y, A, K_…: seals records, wraps keys
using ObjectKey = Secret<struct SealsOneObject>;  ///< O_x: content and every record about it
using SigningSeed = Secret<struct SignsCheckpoints>;

void fill_secret(std::span<std::uint8_t> bytes);

template <class Purpose>
Secret<Purpose> Secret<Purpose>::random() {
    Secret secret;
    fill_secret(secret.writable());
    return secret;
}

}  // namespace custode::crypto
