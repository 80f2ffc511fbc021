// daemon/config.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace custode::daemon {

/// What `custoded serve` may be told in a TOML file; everything has a default.
///
///   listen = "0.0.0.0:8443"            # HTTPS
///   monitor = "127.0.0.1:9443"         # /healthz /readyz /metrics, loopback only; "" for none
///   body = "Comune di Valfinta"        # shown on exports
///   hosts = ["custode.comune.example"] # Host headers that are answered; none: any
///   allow_any_file_system = false      # overlay and FUSE too (never network file systems)
///   segment_bytes_max = 4294967296
///   reserve_bytes = 268435456          # held back for the journal when the disk is full
///   catalogue_bytes_max = 1099511627776  # how far catalogue.mdb may grow
///   upkeep_seconds = 60                # how often tiles are published and full segments closed
///   rules = "/etc/custode/access.toml" # rules of access; "": the shipped ones
///   second_factor = ["administrator"]  # roles that need a one-time code besides the password
///   [limits]
///   connections = 2048
///   connections_per_address = 64
///   threads = 256
///
/// Errors   Error(invalid_argument, "config.invalid") naming file, line and member; an unknown
///          member is an error: a misspelt limit must not be a limit that is not there.
struct Config {
    std::string listen = "127.0.0.1:8443";
    std::string monitor = "127.0.0.1:0";
    std::string body = "Servizi sociali";
    std::vector<std::string> hosts;
    std::string rules;
    std::vector<std::string> second_factor;
    bool allow_any_file_system = false;
    std::uint64_t segment_bytes_max = std::uint64_t{4} << 30U;
    std::uint64_t reserve_bytes = std::uint64_t{256} << 20U;
    std::uint64_t catalogue_bytes_max = 0;  ///< 0, and only by default: the store's own.
    std::uint64_t upkeep_seconds = 60;      ///< An hour at most.
    std::size_t connections = 2048;
    std::size_t connections_per_address = 64;
    std::size_t threads = 256;
};

inline constexpr std::size_t config_bytes_max = 64 * 1024;

Config read_config(const std::filesystem::path& file);
/// The same from the text itself; `file` is only named in messages.
Config parse_config(std::string_view text, const std::filesystem::path& file);

}  // namespace custode::daemon
