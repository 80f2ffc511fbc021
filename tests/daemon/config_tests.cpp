#include "daemon/config.h"

#include "archive/base/error.h"
#include "tests/daemon/temporary_file.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::daemon;
using custode::testing::TemporaryFile;

namespace {

Config read(const std::string& text) { return read_config(TemporaryFile(text).path); }

/// The file is refused, and the message names the line and what is wrong.
void check_refused(const std::string& text, int line, const std::string& what) {
    const TemporaryFile file(text);
    try {
        read_config(file.path);
        BOOST_TEST_ERROR("accepted: " << text);
    } catch (const Error& error) {
        BOOST_TEST(error.name() == "config.invalid");
        BOOST_TEST((error.code() == ErrorCode::invalid_argument));
        const std::string start = file.path.string() + ":" + std::to_string(line) + ": ";
        BOOST_TEST(std::string(error.what()).starts_with(start), error.what());
        BOOST_TEST(std::string(error.what()).find(what) != std::string::npos, error.what());
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_tests)

BOOST_AUTO_TEST_CASE(an_empty_file_means_the_defaults) {
    const Config config = read("# nothing\n");
    BOOST_TEST(config.listen == "127.0.0.1:8443");
    BOOST_TEST(config.monitor == "127.0.0.1:0");
    BOOST_TEST(config.hosts.empty());
    BOOST_TEST(!config.allow_any_file_system);
    BOOST_TEST(config.segment_bytes_max == std::uint64_t{4} << 30U);
    BOOST_TEST(config.connections == 2048U);
}

BOOST_AUTO_TEST_CASE(every_member_is_read) {
    const Config config = read(
        "listen = \"0.0.0.0:8443\"\nmonitor = \"\"\nbody = \"Comune di Valfinta\"\n"
        "hosts = [\"custode.example\", \"10.0.0.1\"]\nallow_any_file_system = true\n"
        "segment_bytes_max = 1048576\nreserve_bytes = 2097152\n"
        "catalogue_bytes_max = 4194304\nupkeep_seconds = 5\n[limits]\nconnections = 10\n"
        "connections_per_address = 5\nthreads = 3\n");
    BOOST_TEST(config.listen == "0.0.0.0:8443");
    BOOST_TEST(config.monitor.empty());
    BOOST_TEST(config.body == "Comune di Valfinta");
    BOOST_TEST((config.hosts == std::vector<std::string>{"custode.example", "10.0.0.1"}));
    BOOST_TEST(config.allow_any_file_system);
    BOOST_TEST(config.segment_bytes_max == 1048576U);
    BOOST_TEST(config.reserve_bytes == 2097152U);
    BOOST_TEST(config.catalogue_bytes_max == 4194304U);
    BOOST_TEST(config.upkeep_seconds == 5U);
    BOOST_TEST(config.connections == 10U);
    BOOST_TEST(config.connections_per_address == 5U);
    BOOST_TEST(config.threads == 3U);
}

// A misspelt limit must not be a limit that is not there.
BOOST_AUTO_TEST_CASE(an_unknown_member_is_refused_with_its_line) {
    check_refused("listen = \"127.0.0.1:1\"\nlisteen = \"x\"\n", 2, "listeen");
    check_refused("\n\n[limits]\nconections = 5\n", 4, "conections");
    check_refused("[limit]\nconnections = 5\n", 1, "limit");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_refused_with_its_line) {
    check_refused("body = \"x\"\nlisten = 8443\n", 2, "listen");
    check_refused("allow_any_file_system = \"yes\"\n", 1, "allow_any_file_system");
    check_refused("hosts = \"one\"\n", 1, "hosts");
    check_refused("hosts = [\n\"one\",\n2]\n", 3, "hosts");
    check_refused("limits = 5\n", 1, "limits");
    check_refused("segment_bytes_max = 1.5\n", 1, "segment_bytes_max");
}

BOOST_AUTO_TEST_CASE(a_limit_is_a_number_from_one_on) {
    BOOST_TEST(read("[limits]\nthreads = 1\n").threads == 1U);
    check_refused("[limits]\nthreads = 0\n", 2, "threads");
    check_refused("[limits]\nthreads = -5\n", 2, "threads");
    check_refused("segment_bytes_max = 0\n", 1, "segment_bytes_max");
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_refused_with_its_line) {
    check_refused("listen = \"127.0.0.1:1\"\nbody = \n", 2, "");
    check_refused("listen = \"a\"\nlisten = \"b\"\n", 2, "");
    BOOST_CHECK_THROW(read_config("/nonexistent/custode.toml"), Error);
    BOOST_CHECK_THROW(read_config("/tmp"), Error);
}

BOOST_AUTO_TEST_CASE(a_file_has_64_KiB_at_most) {
    std::string text = "body = \"x\"\n";
    text.append(config_bytes_max - text.size(), '#');
    BOOST_TEST(read(text).body == "x");
    check_refused(text + "#", 0, "64 KiB");
}

BOOST_AUTO_TEST_SUITE_END()
