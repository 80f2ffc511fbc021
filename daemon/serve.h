// daemon/serve.h
#pragma once

#include "daemon/config.h"

#include <filesystem>
#include <string>

namespace custode::daemon {

/// `custoded serve`: the daemon's life, from a sealed start to a graceful stop.
struct ServeOptions {
    std::filesystem::path vault;
    Config config;
    std::string keyfile, passphrase_file;  ///< Unattended unsealing; empty: it starts sealed.
    std::string version;
    bool json = false;
    bool quiet = false;
};

/// Returns when SIGTERM or SIGINT came and everything is closed.
/// @throws Error when it cannot start
void run_serve(const ServeOptions& options);

}  // namespace custode::daemon
