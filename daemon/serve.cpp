#include "daemon/serve.h"

#include "archive/base/mutex.h"
#include "daemon/init.h"
#include "daemon/log.h"
#include "daemon/monitor.h"
#include "daemon/service.h"
#include "daemon/spoken.h"
#include "daemon/tls/context.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>

namespace custode::daemon {
namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::uint64_t upkeep_seconds_max = 3600;
constexpr std::size_t rules_bytes_max = 1U << 20U;

/// No core, no ptrace by others of the same uid: keys and content live in this memory.
void harden() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef CUSTODE_SANITIZED
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/// Asks for a descriptor for each connection and some for files; the shell's default is 1,024.
void want_descriptors(std::size_t connections) {
    constexpr rlim_t for_files = 1024;
    const rlim_t wanted = connections + for_files;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        log_event("descriptors.few",
                  std::to_string(limit.rlim_cur) + " of " + std::to_string(wanted) + " wanted");
}

/// Tells systemd that we are ready (sd_notify(3)), without linking it.
void notify_ready() {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || std::strlen(path) >= sizeof(sockaddr_un::sun_path)) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, std::strlen(path));
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    constexpr std::string_view ready = "READY=1";
    ::sendto(fd, ready.data(), ready.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path)));
    ::close(fd);
}

Bytes read_keyfile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    Bytes bytes(4096);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!in.is_open() || in.gcount() == 0)
        throw Error(ErrorCode::not_found, "keyfile.unreadable", "could not read " + file.string());
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

void unseal_unattended(Vault& vault, const ServeOptions& options) {
    crypto::UnsealInput input;
    if (!options.keyfile.empty()) input.keyfile = read_keyfile(options.keyfile);
    if (!options.passphrase_file.empty())
        input.passphrase = read_secret_line(options.passphrase_file);
    if (!input.keyfile && !input.passphrase) return;
    vault.unseal(input);
    log_event("vault.unsealed");
}

/// The text of the configured rules.  A file that cannot be read is as one that is not TOML: the
/// old rules stay in force.
std::string read_rules(const std::string& file) {
    if (file.empty()) return {};
    std::ifstream in(file, std::ios::binary);
    std::string text(rules_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(in.is_open() && !in.bad() ? static_cast<std::size_t>(in.gcount()) : 0);
    return text.empty() ? "unreadable" : text;
}

void log_rules(const std::string& file, const std::optional<acts::Ruling::Refused>& refused) {
    if (refused)
        log_event("rules.refused", file + ":" + std::to_string(refused->line) + ": " +
                                       refused->reason + "; the old rules stay in force");
}

Vault::Options vault_options(const Config& config) {
    Vault::Options options;
    options.allow_any_file_system = config.allow_any_file_system;
    options.segment_bytes_max = config.segment_bytes_max;
    options.reserve_bytes = config.reserve_bytes;
    options.catalogue_bytes_max = config.catalogue_bytes_max;
    options.exporting.body = config.body;
    options.rules = read_rules(config.rules);
    for (const std::string& role : config.second_factor)
        if (!::policies::access::is_role(role))
            throw Error(ErrorCode::invalid_argument, "config.invalid",
                        "second_factor names a role that does not exist: " + role);
    options.signing_in.second_factor_roles = config.second_factor;
    return options;
}

void reload_rules(Vault& vault, const std::string& file) try {
    const auto refused = vault.use_rules(read_rules(file));
    log_rules(file, refused);
    if (!refused) log_event("rules.loaded", file);
} catch (const std::exception& error) {  // Those in force stay so.
    log_event("rules.refused", error.what());
}

ServerOptions server_options(const Config& config, std::shared_ptr<TlsContext> tls) {
    ServerOptions options;
    options.address = config.listen;
    options.tls = std::move(tls);
    options.hosts_allowed = config.hosts;
    options.limits.connections_max = config.connections;
    options.limits.connections_per_address_max = config.connections_per_address;
    options.limits.threads_max = config.threads;
    options.problem = [](const Problem& problem) {
        return problem_json(
            problem.code, problem.status == 503 ? ErrorCode::busy : ErrorCode::invalid_argument,
            problem.detail, problem.correlation_id, language_of(problem.accept_language),
            nlohmann::json::object(), problem.status);
    };
    return options;
}

/// What is done every minute or so while nobody asks.
class Tending {
public:
    Tending(Vault& vault, const Clock& clock, const std::filesystem::path& folder, TlsContext& tls,
            std::chrono::seconds every)
        : thread_([&, folder, every](const std::stop_token& stop) {
              Mutex mutex;
              Lock lock(mutex);
              std::condition_variable_any wake;
              while (!wake.wait_for(lock, stop, every, [&] { return stop.stop_requested(); }))
                  tend(vault, clock, folder, tls);
          }) {}

private:
    static void tend(Vault& vault, const Clock& clock, const std::filesystem::path& folder,
                     TlsContext& tls) try {
        const auto open = vault.open_if_unsealed();
        if (!open) return;
        open->tend();
        std::array<std::uint8_t, 32> scalar = vault.ca_scalar();
        const bool renewed = renew_certificate(folder, scalar, clock);
        scalar.fill(0);
        if (renewed) tls.reload();
        if (renewed) log_event("certificate.renewed");
    } catch (const std::exception& error) {
        log_event("tending.failed", error.what());
    }

    std::jthread thread_;
};

void announce(const ServeOptions& options, const std::string& address, const std::string& monitor) {
    if (options.json) {
        std::cout << nlohmann::json{{"address", "https://" + address}, {"monitor", monitor}}.dump()
                  << std::endl;
    } else {
        std::cout << told("in ascolto su https://", "listening on https://") << address
                  << std::endl;
    }
}

}  // namespace

void run_serve(const ServeOptions& options) {
    harden();
    open_log(options.quiet);
    want_descriptors(options.config.connections);
    // Signals are taken by sigwait() below; every thread inherits the mask.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);

    const SystemClock clock;
    Vault vault(options.vault, clock, vault_options(options.config));
    unseal_unattended(vault, options);
    log_rules(options.config.rules, vault.rules_refused());
    const auto folder = tls_folder(options.vault);
    auto tls = std::make_shared<TlsContext>(TlsFiles{folder / "server.pem", folder / "server.key"});
    Service service(vault, clock, {options.version});
    Server server(server_options(options.config, tls), routes(service), answer_error);
    Monitor monitor(service, server, options.config.monitor);
    Tending tending(
        vault, clock, options.vault, *tls,
        std::chrono::seconds(std::min(options.config.upkeep_seconds, upkeep_seconds_max)));
    announce(options, server.address(), monitor.address());
    log_event("serving", server.address());
    notify_ready();

    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP) break;
        try {
            tls->reload();
            log_event("certificate.reloaded");
        } catch (const std::exception& error) {  // The one in use goes on being used.
            log_event("certificate.refused", error.what());
        }
        reload_rules(vault, options.config.rules);
    }
    log_event("stopping");
    server.stop(stop_grace);
    vault.seal(std::nullopt);
    log_event("stopped");
}

}  // namespace custode::daemon
