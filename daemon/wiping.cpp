// Whatever the daemon frees is wiped first.  Requests and answers carry passwords and tokens
// through strings, JSON and buffers of several libraries; wiping each by hand would miss the next
// one.
#include "archive/base/guard.h"

#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <new>

#ifndef CUSTODE_SANITIZED  // they bring their own allocator, and keep what was freed on purpose

namespace {

void wipe_and_free(void* memory) noexcept {
    if (memory == nullptr) return;
    if (custode::stands(custode::Guard::wipe_freed))
        ::explicit_bzero(memory, ::malloc_usable_size(memory));
    std::free(memory);
}

}  // namespace

// The other forms of delete come down to these two (libstdc++ 12).
void operator delete(void* memory) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    wipe_and_free(memory);
}

#endif
