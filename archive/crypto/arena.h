// archive/crypto/arena.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/crypto/secret.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace custode::crypto::detail {

/// The process's one slab of memory for secrets, cut into slots; what secret.h promises is kept
/// here.
///
/// Sizes    65,536 slots of 64 bytes: 4 MiB, half of Debian's default limit on locked memory.  A
///          Secret uses 32 bytes of its slot, an expanded signing key all 64.
/// Forks    A forked child has no arena (MADV_DONTFORK): it may exec or _exit, nothing else.
/// Errors   Making it throws Error(unsupported, "arena.not_lockable"), take() Error(busy,
/// "arena.full"). Threads  Any.
class Arena {
public:
    static constexpr std::size_t slot_bytes = 64;
    static constexpr std::size_t slots_max = 65'536;

    static Arena&
    instance();  ///< Made by the first caller; never unmapped, so static Secrets are safe.

    std::uint8_t* take();  ///< A zeroed slot.
    void give_back(std::uint8_t* slot) noexcept;
    ArenaKind kind() const { return kind_; }

private:
    Arena();

    std::uint8_t* base_ = nullptr;
    ArenaKind kind_ = ArenaKind::locked;
    Mutex mutex_;
    std::vector<std::uint32_t> free_
        CUSTODE_GUARDED_BY(mutex_);  ///< Numbers of free slots; public knowledge.
};

/// Sixty-four bytes in the arena: an expanded Ed25519 key, hash output that is about to be split.
class WideSecret {
public:
    WideSecret() : bytes_(Arena::instance().take()) {}
    ~WideSecret() { Arena::instance().give_back(bytes_); }
    WideSecret(const WideSecret&) = delete;
    WideSecret& operator=(const WideSecret&) = delete;

    BytesView view() const { return {bytes_, Arena::slot_bytes}; }
    std::uint8_t* data() { return bytes_; }

private:
    std::uint8_t* bytes_;
};

}  // namespace custode::crypto::detail
