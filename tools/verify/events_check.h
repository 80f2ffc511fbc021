// tools/verify/events_check.h
#pragma once

#include "tools/verify/report.h"
#include "tools/verify/tree_check.h"

#include <filesystem>

namespace custode::verify {

/// Compares every event stored in the catalogue with its entry in the tree, digest by digest, and
/// learns the events that are newer than the tiles.
///
/// LMDB trusts its file, so a crafted or decayed one may crash its reader: it is read in a child
/// process, and the child's death is a finding.
///
/// Findings  catalogue.unreadable catalogue.crashed · event.missing event.unreadable event.changed
/// event.order
///           history.forked history.shrunk
/// Errors    Error(storage, "verify.child").
/// Threads   Calls fork(): before any thread is made.
/// @returns whether every event was known, so that a digest which none names is a finding
bool check_events(const std::filesystem::path& vault, Tree& tree, Report& report);

}  // namespace custode::verify
