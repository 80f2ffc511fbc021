// archive/upkeep_files.h
#pragma once

#include "archive/catalogue/ledger.h"

#include <filesystem>
#include <string>
#include <vector>

namespace custode {

/// What lies beside the catalogue and is met by no reading of rows: the frames of segments that are
/// still open, closed ones that no event names, the log's key as outsiders read it, and the holders
/// of the epoch secret.  Each finding names its file.  Not the tiles: they are a copy for others,
/// and custode-verify looks at them.
///
/// Errors   None of damage; those of the store when files cannot be read at all.
std::vector<std::string> check_files(const std::filesystem::path& vault, catalogue::Ledger& ledger);

/// When the journal does not give its root and so does not open: the events that are missing or do
/// not open, by number.
std::vector<std::string> damaged_events(const std::filesystem::path& vault,
                                        const crypto::KeyService& keys);

}  // namespace custode
