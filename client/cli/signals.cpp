#include "client/cli/signals.h"

#include <atomic>
#include <csignal>

namespace custode::client {
namespace {

// Written by the handler and read by the threads of a batch: both need it to be lock-free.
std::atomic<bool> asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void remember(int) { asked = true; }

}  // namespace

void stop_on_signals() {
    struct sigaction action {};
    action.sa_handler = remember;
    // No SA_RESTART: a wait is to notice.  Reset: the second signal must always work.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

bool stop_asked() { return asked; }

}  // namespace custode::client
