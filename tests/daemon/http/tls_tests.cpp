#include "archive/base/error.h"
#include "tests/daemon/http/world.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

namespace {

/// What `openssl s_client` says about a connection with these arguments.
std::string s_client(const RunningServer& world, const std::string& arguments) {
    const std::string file = (world.certificates->folder.path / "s_client").string();
    const std::string command =
        "echo | timeout 10 openssl s_client -connect 127.0.0.1:" + std::to_string(world.port()) +
        " " + arguments + " >" + file + " 2>&1";
    [[maybe_unused]] const int result = std::system(command.c_str());
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_tests)

BOOST_AUTO_TEST_CASE(only_tls_1_3_is_spoken) {
    RunningServer world(true);
    BOOST_TEST(Client(world.port(), Client::Tls::v1_3).connected());
    BOOST_TEST(!Client(world.port(), Client::Tls::v1_2).connected());
    for (const char* version : {"-tls1", "-tls1_1", "-tls1_2"}) {
        BOOST_TEST_CONTEXT(version) {
            const std::string said =
                s_client(world, std::string(version) + " -cipher ALL:@SECLEVEL=0");
            BOOST_TEST(holds(said, "New, (NONE), Cipher is (NONE)"));
        }
    }
    Client plain(world.port());
    plain.send(world.get("/"));
    BOOST_TEST(plain.answer().status == 0);  // HTTP on the TLS port is answered by nobody
    BOOST_TEST(eventually([&] { return world.server->counters().cut(Cut::handshake) >= 5; }));
}

BOOST_AUTO_TEST_CASE(three_suites_and_two_groups_are_spoken) {
    RunningServer world(true);
    const auto is_spoken = [&](const std::string& arguments) {
        const std::string said = s_client(world, "-tls1_3 " + arguments);
        BOOST_TEST((holds(said, "New, TLSv1.3") || holds(said, "Cipher is (NONE)")), said);
        return holds(said, "New, TLSv1.3");
    };
    for (const char* suite :
         {"AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256", "AES_128_GCM_SHA256"})
        BOOST_TEST(is_spoken(std::string("-ciphersuites TLS_") + suite), suite);
    for (const char* suite : {"AES_128_CCM_SHA256", "AES_128_CCM_8_SHA256"})
        BOOST_TEST(!is_spoken(std::string("-ciphersuites TLS_") + suite), suite);
    for (const char* group : {"X25519", "P-256"})
        BOOST_TEST(is_spoken(std::string("-groups ") + group), group);
    for (const char* group : {"P-384", "P-521", "X448", "ffdhe2048", "ffdhe3072"})
        BOOST_TEST(!is_spoken(std::string("-groups ") + group), group);
    BOOST_TEST(!is_spoken("-sigalgs RSA-PSS+SHA256"));  // our certificate is signed with ECDSA
}

BOOST_AUTO_TEST_CASE(a_client_with_the_ca_verifies_the_server) {
    RunningServer world(true);
    const std::string ca = "-verify_return_error -CAfile " + world.certificates->ca.string();
    BOOST_TEST(holds(s_client(world, ca + " -verify_ip 127.0.0.1"), "Verify return code: 0 (ok)"));
    BOOST_TEST(
        holds(s_client(world, ca + " -verify_hostname localhost"), "Verify return code: 0 (ok)"));
    BOOST_TEST(!holds(s_client(world, ca + " -verify_hostname other"), "Verify return code: 0"));
}

BOOST_AUTO_TEST_CASE(nothing_can_be_resumed) {
    RunningServer world(true);
    const std::string session = (world.certificates->folder.path / "session").string();
    const std::string first = s_client(world, "-tls1_3 -sess_out " + session);
    BOOST_TEST(holds(first, "TLSv1.3"));
    BOOST_TEST(!holds(first, "NewSessionTicket"));
    BOOST_TEST(!holds(first, "Post-Handshake New Session Ticket"));
    BOOST_TEST(!std::filesystem::exists(session));
    BOOST_TEST(!holds(s_client(world, "-tls1_3 -reconnect"), "Reused, TLSv1.3"));
}

// OpenSSL reads ahead: requests that came together lie inside it, where poll() sees nothing.
BOOST_AUTO_TEST_CASE(requests_that_came_together_are_all_answered) {
    RunningServer world(true);
    Client client(world.port(), Client::Tls::v1_3);
    const int on = 1, off = 0;
    ::setsockopt(client.descriptor(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    for (int i = 0; i < 5; ++i) client.send(world.get("/"));  // each a TLS record of its own
    ::setsockopt(client.descriptor(), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    for (int i = 0; i < 5; ++i) BOOST_TEST(client.answer().body == "hello");
}

BOOST_AUTO_TEST_CASE(a_client_that_offers_only_other_protocols_is_refused) {
    RunningServer world(true);
    BOOST_TEST(holds(s_client(world, "-alpn h2,http/1.1"), "ALPN protocol: http/1.1"));
    BOOST_TEST(holds(s_client(world, "-alpn h2"), "no application protocol"));
    BOOST_TEST(holds(s_client(world, ""), "No ALPN negotiated"));
}

BOOST_AUTO_TEST_CASE(secure_answers_ask_for_secure_ones_ever_after) {
    RunningServer world(true);
    Client client(world.port(), world.kind());
    client.send(world.get("/"));
    BOOST_TEST(client.answer().header("Strict-Transport-Security").has_value());
}

BOOST_AUTO_TEST_CASE(a_new_certificate_is_served_without_a_restart) {
    RunningServer world(true);
    Client before(world.port(), world.kind());
    world.certificates->issue_again();
    world.context->reload();
    Client after(world.port(), world.kind());
    BOOST_TEST(before.peer_certificate_serial() != after.peer_certificate_serial());
    for (Client* client : {&before, &after}) {  // the old connection goes on with the old one
        client->send(world.get("/"));
        BOOST_TEST(client->answer().body == "hello");
    }
}

BOOST_AUTO_TEST_CASE(a_bad_renewal_leaves_the_old_certificate_in_force) {
    RunningServer world(true);
    Client before(world.port(), world.kind());
    const Certificates other;
    std::filesystem::copy_file(other.key, world.certificates->key,
                               std::filesystem::copy_options::overwrite_existing);
    BOOST_CHECK_EXCEPTION(world.context->reload(), Error,
                          [](const Error& error) { return error.name() == "tls.key"; });
    std::ofstream(world.certificates->certificate) << "nonsense";
    BOOST_CHECK_EXCEPTION(world.context->reload(), Error,
                          [](const Error& error) { return error.name() == "tls.certificate"; });
    Client after(world.port(), world.kind());
    BOOST_TEST(before.peer_certificate_serial() == after.peer_certificate_serial());
}

BOOST_AUTO_TEST_CASE(a_key_that_everyone_may_read_is_not_used) {
    const Certificates made;
    std::filesystem::permissions(made.key, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    BOOST_CHECK_EXCEPTION(made.context(), Error,
                          [](const Error& error) { return error.name() == "tls.key_open"; });
}

BOOST_AUTO_TEST_SUITE_END()
