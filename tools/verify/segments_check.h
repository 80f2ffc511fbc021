// tools/verify/segments_check.h
#pragma once

#include "tools/verify/report.h"
#include "tools/verify/tree_check.h"

#include <filesystem>

namespace custode::verify {

/// Hashes every closed segment and every object's container, and matches them with the digests
/// that the journal's entries name: ciphertext that is missing or changed shows without any key.
///
/// `contents` are those of every event that is known; `complete` says whether that is all of them,
/// because only then a segment that no event names is a finding.
///
/// Findings  segment.changed segment.cut segment.unreadable content.missing blob.unknown
/// Cost      Reads every byte twice; 40 bytes of memory a frame.
void check_segments(const std::filesystem::path& folder, Contents& contents, bool complete,
                    Report& report);

}  // namespace custode::verify
