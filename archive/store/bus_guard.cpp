#include "archive/store/bus_guard.h"

#include "archive/store/failure.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {
namespace {

constexpr char line[] =
    "custode: a mapped file is shorter than it was (SIGBUS); the catalogue must be verified\n";

void stop(int) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, sizeof line - 1);
    ::_exit(bus_guard_status);
}

}  // namespace

void install_bus_guard() {
    struct sigaction action {};
    action.sa_handler = stop;
    if (::sigaction(SIGBUS, &action, nullptr) != 0)
        throw failure(errno, "store", "install the guard against SIGBUS");
}

}  // namespace custode::store
