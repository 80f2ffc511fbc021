#include "archive/crypto/arena.h"

#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/library.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace custode::crypto {
namespace detail {
namespace {

constexpr std::size_t arena_bytes = Arena::slot_bytes * Arena::slots_max;

/// Memory that not even root reads through /proc/pid/mem, where the kernel has it (5.14, not
/// switched off at boot); it is locked and left out of cores by nature.
void* map_secret_memory() {
#ifdef SYS_memfd_secret
    const int descriptor = static_cast<int>(syscall(SYS_memfd_secret, O_CLOEXEC));
    if (descriptor < 0) return MAP_FAILED;
    void* memory = MAP_FAILED;
    if (ftruncate(descriptor, static_cast<off_t>(arena_bytes)) == 0)
        memory = mmap(nullptr, arena_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    return memory;
#else
    return MAP_FAILED;
#endif
}

/// Locked memory.  sodium_malloc ignores a refused mlock (tried under ulimit -l), hence our own.
void* map_locked_memory() {
    void* memory =
        mmap(nullptr, arena_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return memory;
    // Called directly: under the sanitizers mlock() says yes and does nothing.
    if (syscall(SYS_mlock, memory, arena_bytes) == 0 &&
        madvise(memory, arena_bytes, MADV_DONTDUMP) == 0)
        return memory;
    munmap(memory, arena_bytes);
    return MAP_FAILED;
}

}  // namespace

Arena::Arena() {
    ready();
    void* memory = map_secret_memory();
    kind_ = memory != MAP_FAILED ? ArenaKind::memfd_secret : ArenaKind::locked;
    if (memory == MAP_FAILED) memory = map_locked_memory();
    // A child must neither share the pages (memfd) nor copy them (private memory).
    if (memory == MAP_FAILED || madvise(memory, arena_bytes, MADV_DONTFORK) != 0)
        throw Error(ErrorCode::unsupported, "arena.not_lockable",
                    "could not lock 4 MiB of memory for keys; raise the limit on locked memory");
    base_ = static_cast<std::uint8_t*>(memory);
    sodium_memzero(base_, arena_bytes);  // also faults every page in, before a secret needs one
    free_.reserve(slots_max);
    for (std::uint32_t slot = slots_max; slot > 0; --slot) free_.push_back(slot - 1);
}

Arena& Arena::instance() {
    static Arena* const arena = new Arena;  // lives as long as the process, on purpose
    return *arena;
}

std::uint8_t* Arena::take() {
    const Lock lock(mutex_);
    if (free_.empty())
        throw Error(ErrorCode::busy, "arena.full", "could not hold one more key in locked memory");
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return base_ + slot * slot_bytes;
}

void Arena::give_back(std::uint8_t* slot) noexcept {
    if (slot == nullptr) return;
    sodium_memzero(slot, slot_bytes);
    const Lock lock(mutex_);
    free_.push_back(
        static_cast<std::uint32_t>(static_cast<std::size_t>(slot - base_) / slot_bytes));
}

}  // namespace detail

void open_arena() { detail::Arena::instance(); }
ArenaKind arena_kind() { return detail::Arena::instance().kind(); }

SecretMemory::SecretMemory() : bytes_(detail::Arena::instance().take()) {}
SecretMemory::~SecretMemory() { detail::Arena::instance().give_back(bytes_); }

void fill_secret(std::span<std::uint8_t> bytes) { fill_random(bytes); }

}  // namespace custode::crypto
