#include "daemon/init.h"

#include "archive/vault.h"
#include "daemon/spoken.h"
#include "daemon/tls/certificates.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

namespace custode::daemon {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t secret_file_bytes_max = 4096;
constexpr std::int64_t renew_before_millis = std::int64_t{30} * 24 * 3600 * 1000;

void write_file(const fs::path& file, const std::string& content, mode_t mode) {
    const fs::path temporary = file.string() + ".new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    const bool written =
        fd >= 0 && ::fchmod(fd, mode) == 0 &&
        ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    std::error_code failed;
    if (written) fs::rename(temporary, file, failed);
    if (!written || failed)
        throw Error(ErrorCode::storage, "init.not_writable", "could not write " + file.string());
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        throw Error(ErrorCode::not_found, "file.unreadable", "could not read " + file.string());
    return text.str();
}

std::vector<std::string> names_of(const InitOptions& options) {
    std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
    names.insert(names.end(), options.names.begin(), options.names.end());
    return names;
}

void write_certificates(const fs::path& folder, const std::vector<std::string>& names,
                        std::span<const std::uint8_t, 32> scalar, const std::string& vault,
                        const Clock& clock) {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms(0755));  // Clients of this machine read ca.pem here.
    const CaMaterial ca = make_ca(scalar, {"Custode CA " + vault.substr(0, 8), clock.now(), 3650});
    const ServerMaterial server =
        issue_server_certificate(scalar, ca.certificate_pem, {names, clock.now(), 397});
    write_file(folder / "ca.pem", ca.certificate_pem, 0644);
    write_file(folder / "server.key", server.key_pem, 0600);
    write_file(folder / "server.pem", server.certificate_pem, 0644);
    std::string list;
    for (const std::string& name : names) list += name + "\n";
    write_file(folder / "names", list, 0644);
}

Vault::CreateOptions create_options(const InitOptions& options, std::string& generated) {
    Vault::CreateOptions create;
    if (!options.keyfile.empty()) create.slots.keyfile = options.keyfile;
    if (!options.passphrase_file.empty())
        create.slots.passphrase = read_secret_line(options.passphrase_file);
    create.slots.shares = options.shares;
    create.slots.threshold = options.threshold;
    create.holders = {options.holders.begin(), options.holders.end()};
    create.allow_any_file_system = options.allow_any_file_system;
    if (!options.administrator_password_file.empty()) {
        create.administrator_password = read_secret_line(options.administrator_password_file);
    } else {
        generated = Vault::fresh_password();
        create.administrator_password = generated;
    }
    return create;
}

fs::path share_file(const InitOptions& options, int number) {
    return fs::path(options.shares_dir) / ("share-" + std::to_string(number) + ".txt");
}

std::vector<std::string> write_shares(const InitOptions& options,
                                      const std::vector<std::string>& shares) {
    std::vector<std::string> files;
    if (shares.empty()) return files;
    fs::create_directories(options.shares_dir);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const fs::path file = share_file(options, static_cast<int>(i) + 1);
        write_file(file, shares[i] + "\n", 0600);
        files.push_back(file.string());
    }
    return files;
}

void check(const InitOptions& options) {
    if (fs::exists(options.vault) && !fs::is_empty(options.vault))
        throw Error(ErrorCode::conflict, "vault.exists",
                    "could not make the vault: " + options.vault.string() + " is not empty");
    if (options.keyfile.empty() && options.passphrase_file.empty() && options.shares == 0)
        throw Error(ErrorCode::invalid_argument, "init.no_slot",
                    "could not make the vault: give --keyfile, --passphrase-file or --shares");
    if (options.shares != 0 &&
        (options.threshold < 2 || options.threshold > options.shares || options.shares > 16))
        throw Error(ErrorCode::invalid_argument, "init.threshold",
                    "could not make the vault: --threshold is from 2 to --shares, at most 16");
    if (options.shares != 0 && options.shares_dir.empty())
        throw Error(ErrorCode::invalid_argument, "init.shares_dir",
                    "could not make the vault: say with --shares-dir where the shares go");
    // They may be the only shares of another vault.
    for (int i = 1; i <= options.shares; ++i)
        if (fs::exists(fs::symlink_status(share_file(options, i))))
            throw Error(ErrorCode::conflict, "share.exists",
                        "could not make the vault: " + share_file(options, i).string() +
                            " is there already");
}

}  // namespace

fs::path tls_folder(const fs::path& vault) {
    fs::path clean = fs::absolute(vault).lexically_normal();
    if (!clean.has_filename()) clean = clean.parent_path();
    return clean.string() + ".tls";
}

std::string read_secret_line(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    if (!in || !std::getline(in, line))
        throw Error(ErrorCode::not_found, "file.unreadable", "could not read " + file.string());
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.size() > secret_file_bytes_max)
        throw Error(ErrorCode::invalid_argument, "file.empty",
                    "could not use " + file.string() + ": its first line is empty or too long");
    return line;
}

void run_init(const InitOptions& options, const Clock& clock) {
    check(options);
    std::error_code ignored;
    const bool folder_was_there = fs::exists(options.vault, ignored);
    std::vector<bool> holder_was_there;
    for (const std::string& holder : options.holders)
        holder_was_there.push_back(fs::exists(holder, ignored));
    const bool tls_was_there = fs::exists(tls_folder(options.vault), ignored);
    const bool keyfile_was_there = fs::exists(options.keyfile, ignored);
    try {
        fs::create_directories(options.vault);
    } catch (const fs::filesystem_error& error) {
        throw Error(ErrorCode::storage, "init.not_writable",
                    "could not make " + options.vault.string() + ": " + error.code().message());
    }
    fs::permissions(options.vault, fs::perms::owner_all, ignored);
    std::string generated;
    Vault::Created created;
    std::vector<std::string> files;
    try {
        created = Vault::create(options.vault, create_options(options, generated), clock);
        write_certificates(tls_folder(options.vault), names_of(options), created.ca_scalar,
                           to_text(created.id), clock);
        files = write_shares(options, created.shares);
    } catch (...) {
        for (const auto& entry : fs::directory_iterator(options.vault, ignored))
            fs::remove_all(entry, ignored);
        if (!folder_was_there) fs::remove(options.vault, ignored);
        if (!keyfile_was_there) fs::remove(options.keyfile, ignored);
        if (!tls_was_there) fs::remove_all(tls_folder(options.vault), ignored);
        for (std::size_t i = 0; i < holder_was_there.size(); ++i)
            if (!holder_was_there[i]) fs::remove(options.holders[i], ignored);
        for (int i = 1; i <= options.shares; ++i) fs::remove(share_file(options, i), ignored);
        throw;
    }
    created.ca_scalar.fill(0);
    const std::string ca = (tls_folder(options.vault) / "ca.pem").string();
    if (options.json) {
        Json json = {{"vault", to_text(created.id)}, {"ca", ca}, {"origin", created.origin}};
        if (!generated.empty()) json["admin_password"] = generated;
        if (!files.empty()) json["shares"] = files;
        std::cout << json.dump() << std::endl;
        return;
    }
    std::cout << told("Archivio creato in ", "Vault made in ") << options.vault.string() << "\n"
              << told("  identificativo   ", "  id               ") << to_text(created.id) << "\n"
              << told("  certificato CA   ", "  CA certificate   ") << ca << "\n";
    if (!options.keyfile.empty())
        std::cout << told("  chiave           ", "  keyfile          ") << options.keyfile
                  << told("  (la tenga su un altro dispositivo)\n",
                          "  (keep it on another device)\n");
    for (const std::string& file : files)
        std::cout << told("  quota            ", "  share            ") << file
                  << told("  (la consegni a un custode e la cancelli da qui)\n",
                          "  (hand it to a custodian and delete it here)\n");
    if (options.holders.size() == 1)
        std::cout << told(
            "  Attenzione: un solo detentore non viene usato; ne servono almeno due.\n",
            "  Mind: one holder alone is not used; at least two are needed.\n");
    if (!generated.empty())
        std::cout << told("  utenza admin, password (mostrata solo ora): ",
                          "  account admin, password (shown this once): ")
                  << generated << "\n";
    std::cout << told("Ora: custoded serve ", "Now: custoded serve ") << options.vault.string()
              << std::endl;
}

bool renew_certificate(const fs::path& vault, std::span<const std::uint8_t, 32> ca_scalar,
                       const Clock& clock) {
    const fs::path folder = tls_folder(vault);
    const std::string server = read_file(folder / "server.pem");
    if (valid_until(server).value - clock.now().value > renew_before_millis) return false;
    std::vector<std::string> names;
    std::istringstream lines(read_file(folder / "names"));
    for (std::string name; std::getline(lines, name);)
        if (!name.empty()) names.push_back(name);
    const ServerMaterial fresh = issue_server_certificate(ca_scalar, read_file(folder / "ca.pem"),
                                                          {names, clock.now(), 397});
    write_file(folder / "server.key", fresh.key_pem, 0600);
    write_file(folder / "server.pem", fresh.certificate_pem, 0644);
    return true;
}

}  // namespace custode::daemon
