// tools/verify/checks.h
#pragma once

#include "tools/verify/report.h"

#include <filesystem>

namespace custode::verify {

/// The four things that can be checked, told apart by what they are and not by how they are called.
///
/// Errors    Error(not_found, "path.missing"); Error(invalid_argument, "path.unknown") for what is
///           none of the four; Error(invalid_argument, "key.needed") for tiles without any key;
///           Error(conflict, "store.in_use") for a vault that is being served.
Report check_path(const std::filesystem::path& path, const Given& given);

Report check_receipt(const std::filesystem::path& file, const Given& given);
Report check_export(const std::filesystem::path& zip_or_folder, const Given& given);
Report check_tiles(const std::filesystem::path& folder, const Given& given);
Report check_vault(const std::filesystem::path& folder, const Given& given);

/// What `--checkpoint FILE` may be: a signed note, a receipt, or a client's pins.json; the notes in
/// it.  Empty when it is none of them.
std::vector<std::string> kept_notes(const std::string& text);

}  // namespace custode::verify
