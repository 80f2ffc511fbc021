// client/cli/signals.h
#pragma once

namespace custode::client {

/// From now on the first SIGINT or SIGTERM only asks to stop; the second one ends the process as
/// it would have without us.  SIGPIPE is ignored for good: a closed pipe is an error like another.
void stop_on_signals();
void ignore_broken_pipes();

/// Whether somebody asked to stop.  Threads: any.
bool stop_asked();

}  // namespace custode::client
