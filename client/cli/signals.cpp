#include "client/cli/signals.h"

#include <csignal>

namespace custode::client {
namespace {

volatile std::sig_atomic_t asked = 0;

void remember(int) { asked = 1; }

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

bool stop_asked() { return asked != 0; }

}  // namespace custode::client
