// archive/process.h
#pragma once

namespace custode {

/// What a process does once before it touches a vault: the secret arena, the known answers of
/// every primitive (a wrong one ends the process), the SIGBUS guard.  Further calls do nothing.
void prepare_process();

}  // namespace custode
