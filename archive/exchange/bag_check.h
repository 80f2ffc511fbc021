// archive/exchange/bag_check.h
#pragma once

#include "archive/exchange/bag_source.h"
#include "archive/proof/checkpoint.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace custode::exchange {

/// What a check of a bag found; nothing found means that the bag holds what its maker put in.
struct BagReport {
    std::vector<BagFinding> findings;  ///< At most findings_max; then one "findings.more".
    std::size_t files = 0;             ///< Of the payload.
    std::uint64_t bytes = 0;           ///< Of the payload.
    bool is_court_export = false;      ///< Has originals and receipts, so they were checked too.
    std::size_t receipts = 0;          ///< That hold.
    std::optional<Sha256Digest> manifest;  ///< Of manifest-sha256.txt: compare with the journal's.
    std::optional<proof::Checkpoint> checkpoint;  ///< Under which the receipts are.
    std::optional<proof::VerifierKey> key;  ///< That signed it: the pinned one, or the bag's own.

    bool valid() const { return findings.empty(); }
};

struct BagCheckOptions {
    /// The log's key as the reader knows it from elsewhere.  Without it a bag is checked against
    /// the key inside: it then proves only that nothing changed since somebody signed it.
    std::optional<proof::VerifierKey> pinned;
};

inline constexpr std::size_t findings_max = 1000;

/// Checks a BagIt bag (0.97 or 1.0), a folder or a zip of one folder, and of a court export also
/// that every original has a receipt which holds under the export's checkpoint and names the
/// original's SHA-256 and length.
///
/// Every file that was changed, removed, added or renamed is named in a finding.  Codes:
///   bag.no_declaration bag.no_manifest bag.incomplete bag.totals · zip.refused
///   zip.several_folders zip.ambiguous · manifest.unreadable manifest.bad_line
///   manifest.unknown_algorithm · file.bad_name file.not_regular file.twice file.damaged
///   file.missing file.not_listed file.changed · receipt.missing receipt.extra receipt.bad
///   checkpoint.bad key.other · findings.more
///
/// Errors    Error(not_found, "bag.missing"), (storage, "bag.unreadable"), (invalid_argument,
///           "bag.too_large").  Never thrown because the bag is bad.
/// Threads   Any.  Reads every byte once, in memory of a few buffers and the tag files.
BagReport check_bag(const std::filesystem::path& zip_or_folder,
                    const BagCheckOptions& options = {});

}  // namespace custode::exchange
