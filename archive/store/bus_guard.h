// archive/store/bus_guard.h
#pragma once

namespace custode::store {

/// Exit status after SIGBUS: integrity broken, as the commands' contract numbers it.
constexpr int bus_guard_status = 7;

/// Makes a catalogue that was truncated under the running daemon a clean end.
///
/// LMDB reads through a map; a page past the end of the file is SIGBUS, in any thread, and nothing
/// read after it can be trusted.  The handler writes one line to stderr and ends the process with
/// status 7; whoever supervises it starts it again with `verify`.
///
/// Threads   Once, by main, before the first Environment.
/// Source    signal-safety(7): write and _exit only.
void install_bus_guard();

}  // namespace custode::store
