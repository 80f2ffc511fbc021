// daemon/init.h
#pragma once

#include "archive/base/time.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace custode::daemon {

/// `custoded init`: makes a vault folder, its first administrator, its CA and server certificate.
struct InitOptions {
    std::filesystem::path vault;
    std::string keyfile, passphrase_file, shares_dir, administrator_password_file;
    int shares = 0, threshold = 0;
    std::vector<std::string> holders;
    std::vector<std::string> names;  ///< For the server certificate.
    bool allow_any_file_system = false;
    bool json = false;
};

/// Prints what was made; nothing is left behind when it fails.
/// @throws Error
void run_init(const InitOptions& options, const Clock& clock);

/// Where the TLS files of a vault lie: beside it, because the server key is no secret of the vault.
std::filesystem::path tls_folder(const std::filesystem::path& vault);

/// A new server certificate when the present one ends within thirty days; true when made.
bool renew_certificate(const std::filesystem::path& vault,
                       std::span<const std::uint8_t, 32> ca_scalar, const Clock& clock);

/// The first line of a file with a secret, without its end of line; refused when empty.
std::string read_secret_line(const std::filesystem::path& file);

}  // namespace custode::daemon
