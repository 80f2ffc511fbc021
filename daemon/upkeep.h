// daemon/upkeep.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace custode::daemon {

/// `custoded verify`, `rebuild`, `rekey`, `rules check`: verbs on a vault folder that nobody
/// serves.
struct UpkeepOptions {
    std::filesystem::path vault;
    std::string keyfile, passphrase_file;
    std::vector<std::string> share_files;
    std::vector<std::string> holders;  ///< Of the new epoch; none: those there are.
    bool replace = false;
    bool json = false;
};

/// Print what they found; the exit status: 0, or 7 when integrity is broken.
/// @throws Error when looking was impossible
int run_verify(const UpkeepOptions& options);
int run_rebuild(const UpkeepOptions& options);
/// Switches to a new epoch: every key wrapped anew; 0.
int run_rekey(const UpkeepOptions& options);
/// 0, or 2 when a file is refused.
int run_rules_check(const std::vector<std::string>& files, bool json);

}  // namespace custode::daemon
