#include "daemon/log.h"

#include "archive/vault.h"
#include "daemon/init.h"
#include "daemon/service.h"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

namespace custode::daemon {
namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "custode-log-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const char* name, const std::string& text) const {
        std::ofstream(path / name) << text << "\n";
    }
    InitOptions init() const {
        InitOptions options;
        options.vault = path / "vault";
        options.shares = 3;
        options.threshold = 2;
        options.shares_dir = path / "shares";
        options.holders = {path / "holder", path / "holder2"};
        options.administrator_password_file = path / "password";
        options.allow_any_file_system = true;
        options.json = true;
        return options;
    }

    fs::path path;
};

std::vector<std::string> segments_of(const std::string& path) {
    std::vector<std::string> segments;
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return segments;
}

/// The pattern with its parameters as {}.
std::string nameless(const std::string& pattern) {
    std::string shape;
    for (const std::string& segment : segments_of(pattern))
        shape += segment.starts_with("{") ? "/{}" : "/" + segment;
    return shape;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_tests)

/// The name of whoever was taken off a dossier had the form of a word and was logged.
BOOST_AUTO_TEST_CASE(a_log_has_no_name_that_stands_in_a_path) {
    const std::string id = "/0190c2a4-7f3e-7abc-8def-0123456789ab";
    BOOST_TEST(route_shape(segments_of("/api/v1/dossiers" + id + "/assignments/anna")) ==
               "/api/v1/dossiers/{}/assignments/{}");
    BOOST_TEST(route_shape(segments_of("/api/v1/accounts/units/grants" + id)) ==
               "/api/v1/accounts/{}/grants/{}");
    BOOST_TEST(route_shape(segments_of("/rossi-anna/2014")) == "/{}/{}");
}

BOOST_AUTO_TEST_CASE(a_log_tells_every_route_apart) {
    const Folder folder;
    const SystemClock clock;
    folder.write("password", "una parola lunga");
    run_init(folder.init(), clock);
    Vault vault(folder.path / "vault", clock, {});
    Service service(vault, clock, {"test"});
    for (const Route& route : routes(service)) {
        std::vector<std::string> segments = segments_of(route.pattern);
        for (std::string& segment : segments)
            if (segment.starts_with("{")) segment = "rossi";
        BOOST_TEST(route_shape(segments) == nameless(route.pattern));
    }
    for (const char* path : {"/healthz", "/readyz", "/metrics"})
        BOOST_TEST(route_shape(segments_of(path)) == path);
}

/// Shares of another vault lay there and were overwritten.
BOOST_AUTO_TEST_CASE(init_does_not_write_over_shares) {
    const Folder folder;
    folder.write("password", "una parola lunga");
    fs::create_directory(folder.path / "shares");
    folder.write("shares/share-2.txt", "of another vault");
    BOOST_CHECK_EXCEPTION(run_init(folder.init(), SystemClock()), Error,
                          [](const Error& error) { return error.name() == "share.exists"; });
    std::ifstream file(folder.path / "shares/share-2.txt");
    std::string line;
    std::getline(file, line);
    BOOST_TEST(line == "of another vault");
    BOOST_TEST(!fs::exists(folder.path / "vault"));
}

BOOST_AUTO_TEST_CASE(an_init_that_fails_leaves_nothing_and_succeeds_when_it_is_mended) {
    const Folder folder;
    folder.write("password", "short");
    BOOST_CHECK_EXCEPTION(run_init(folder.init(), SystemClock()), Error,
                          [](const Error& error) { return error.name() == "password.too_short"; });
    for (const char* name : {"vault", "vault.tls", "holder", "holder2", "shares/share-1.txt"})
        BOOST_TEST(!fs::exists(folder.path / name), name << " was left behind");
    folder.write("password", "una parola lunga");
    run_init(folder.init(), SystemClock());
    BOOST_TEST(fs::exists(folder.path / "shares/share-3.txt"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::daemon
