#include "archive/crypto/digest.h"
#include "archive/vault.h"
#include "daemon/service.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <set>

namespace custode::daemon {
namespace {

using Lines = std::set<std::string>;  ///< "GET /api/v1/status"

/// Paths and methods of openapi.yaml: two spaces and a slash, then four spaces and a method.
Lines routes_of_openapi() {
    std::ifstream file(CUSTODE_DAEMON "/openapi.yaml");
    Lines lines;
    std::string path;
    for (std::string line; std::getline(file, line);) {
        if (line == "components:") break;
        if (line.starts_with("  /") && line.ends_with(":")) path = line.substr(2, line.size() - 3);
        for (const std::string method : {"get", "post", "put", "delete"})
            if (line == "    " + method + ":") {
                std::string upper = method;
                for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
                lines.insert(upper + " /api/v1" + path);
            }
    }
    return lines;
}

/// Whatever stands in API.md as `METHOD /path`, with `/enable`, `/unlock` after a first of a
/// family.
Lines routes_of_api_md() {
    std::ifstream file(CUSTODE_DAEMON "/API.md");
    Lines lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("| `")) continue;
        const std::string cell = line.substr(0, line.find("| ", 2));
        std::string family;
        for (std::size_t at = cell.find('`'); at != std::string::npos;
             at = cell.find('`', at + 1)) {
            const std::size_t end = cell.find('`', at + 1);
            if (end == std::string::npos) break;
            std::string code = cell.substr(at + 1, end - at - 1);
            at = end;
            code = code.substr(0, code.find('?'));
            const bool whole = code.starts_with("GET /") || code.starts_with("POST /") ||
                               code.starts_with("PUT /") || code.starts_with("DELETE /");
            if (whole) {
                const std::size_t space = code.find(' ');
                family = code.substr(0, code.rfind('/'));
                lines.insert(code.substr(0, space + 1) + "/api/v1" + code.substr(space + 1));
            } else if (code.starts_with("/") && !family.empty()) {
                const std::size_t space = family.find(' ');
                lines.insert(family.substr(0, space + 1) + "/api/v1" + family.substr(space + 1) +
                             code);
            }
        }
    }
    return lines;
}

struct Program {
    std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                   ("custode-routes-" + to_text(crypto::random_id<VaultId>()));
    SystemClock clock;

    Program() {
        std::filesystem::create_directory(folder);
        Vault::CreateOptions options;
        options.slots.keyfile = folder / "key";
        options.administrator_password = Vault::fresh_password();
        options.allow_any_file_system = true;
        std::filesystem::create_directory(folder / "vault");
        Vault::create(folder / "vault", options, clock);
    }
    ~Program() { std::filesystem::remove_all(folder); }

    Lines routes_of_program() {
        Vault vault(folder / "vault", clock, {});
        Service service(vault, clock, {"test"});
        Lines lines;
        for (const Route& route : routes(service)) lines.insert(route.method + " " + route.pattern);
        return lines;
    }
};

void check_equal(const Lines& program, const Lines& document, const char* name) {
    for (const std::string& line : program)
        BOOST_TEST(document.contains(line), name << " does not have " << line);
    for (const std::string& line : document)
        BOOST_TEST(program.contains(line), name << " has " << line << ", the program has not");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes_tests)

BOOST_FIXTURE_TEST_CASE(openapi_has_the_programs_routes_and_no_others, Program) {
    const Lines document = routes_of_openapi();
    BOOST_TEST(document.size() > 30U);
    check_equal(routes_of_program(), document, "openapi.yaml");
}

BOOST_FIXTURE_TEST_CASE(api_md_has_the_programs_routes_and_no_others, Program) {
    const Lines document = routes_of_api_md();
    BOOST_TEST(document.size() > 30U);
    check_equal(routes_of_program(), document, "API.md");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::daemon
