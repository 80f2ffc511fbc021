#include "client/cli/download.h"

#include "client/cli/filing.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {
namespace {

FilingItem done() {
    FilingItem item;
    item.result = {{"id", "x"}};
    return item;
}

FilingItem failed(const std::string& code) {
    FilingItem item;
    item.problem = Problem(code);
    return item;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(download_tests)

BOOST_AUTO_TEST_CASE(a_servers_file_name_cannot_leave_the_folder) {
    BOOST_TEST(harmless_name("attachment; filename=\"decreto.pdf\"") == "decreto.pdf");
    BOOST_TEST(harmless_name("attachment; filename=\"x\"; filename*=UTF-8''citt%C3%A0%2Epdf") ==
               "città.pdf");
    BOOST_TEST(harmless_name("attachment; filename=\"../../etc/cron.d/x\"") == "x");
    BOOST_TEST(harmless_name("attachment; filename*=UTF-8''..%2F..%2Fx") == "x");
    BOOST_TEST(harmless_name("attachment; filename=\"..\\\\x\"") == "x");
    BOOST_TEST(harmless_name("attachment; filename=\".bashrc\"") == "bashrc");
    BOOST_TEST(harmless_name("attachment; filename=\"..\"") == "");
    BOOST_TEST(harmless_name("attachment; filename*=UTF-8''a%1B%5B2J") == "");
    BOOST_TEST(harmless_name("attachment; filename*=UTF-8''%FF") == "");
    BOOST_TEST(harmless_name("attachment") == "");
}

BOOST_AUTO_TEST_CASE(the_digest_header_is_read_strictly) {
    BOOST_TEST(digest_in("sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:").value() ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(!digest_in("sha-256=:ungWv48B:"));
    BOOST_TEST(!digest_in("sha-512=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"));
    BOOST_TEST(!digest_in(""));
}

BOOST_AUTO_TEST_CASE(the_exit_of_a_batch_tells_part_from_whole) {
    const auto exit = [](const std::vector<FilingItem>& items) {
        return static_cast<int>(exit_of(items));
    };
    BOOST_TEST(exit({done(), done()}) == 0);
    BOOST_TEST(exit({done(), failed("file.empty")}) == 6);
    BOOST_TEST(exit({failed("file.empty"), failed("name.control")}) == 2);
    BOOST_TEST(exit({failed("file.empty"), failed("document.duplicate")}) == 6);
    BOOST_TEST(exit({failed("document.duplicate")}) == 4);
    BOOST_TEST(exit({failed("session.none"), FilingItem{}, FilingItem{}}) == 5);
    BOOST_TEST(exit({done(), failed("receipt.wrong")}) == 7);
    BOOST_TEST(exit({}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
