#include "archive/base/error.h"
#include "tests/daemon/http/world.h"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

using namespace custode;
using namespace custode::daemon;
using namespace custode::daemon::testing;

namespace {

constexpr std::int64_t day_millis = 24 * 60 * 60 * std::int64_t{1000};

bool openssl(const std::string& arguments) {
    return std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0;
}

std::string output_of(const std::string& arguments) {
    const TemporaryFolder folder;
    const std::string file = (folder.path / "out").string();
    BOOST_REQUIRE(std::system(("openssl " + arguments + " >" + file + " 2>&1").c_str()) == 0);
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
}

auto named(const char* name) {
    return [name](const Error& error) { return error.name() == name; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(certificates_tests)

// The judge is the openssl program, not our own reading of what we wrote.
BOOST_AUTO_TEST_CASE(openssl_verifies_the_certificate_for_its_names_and_no_others) {
    const Certificates made({"localhost", "archive.example", "127.0.0.1", "::1"});
    const std::string verify = "verify -x509_strict -purpose sslserver -CAfile " + made.ca.string();
    const std::string file = " " + made.certificate.string();
    BOOST_TEST(openssl(verify + file));
    BOOST_TEST(openssl(verify + " -verify_hostname localhost" + file));
    BOOST_TEST(openssl(verify + " -verify_hostname archive.example" + file));
    BOOST_TEST(openssl(verify + " -verify_ip 127.0.0.1" + file));
    BOOST_TEST(openssl(verify + " -verify_ip ::1" + file));
    BOOST_TEST(!openssl(verify + " -verify_hostname other.example" + file));
    BOOST_TEST(!openssl(verify + " -verify_ip 127.0.0.2" + file));
    BOOST_TEST(!openssl("verify -purpose sslclient -CAfile " + made.ca.string() + file));
    const Certificates other({"localhost"}, 8);
    BOOST_TEST(!openssl("verify -CAfile " + other.ca.string() + file));
}

BOOST_AUTO_TEST_CASE(the_certificate_says_what_it_should) {
    const Certificates made;
    const std::string text = output_of("x509 -noout -text -in " + made.certificate.string());
    for (const char* part : {"DNS:localhost, IP Address:127.0.0.1", "TLS Web Server Authentication",
                             "CA:FALSE", "Digital Signature", "prime256v1", "ecdsa-with-SHA256"}) {
        BOOST_TEST_CONTEXT(part) { BOOST_TEST(text.find(part) != std::string::npos); }
    }
    const std::string ca = output_of("x509 -noout -text -in " + made.ca.string());
    for (const char* part : {"CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "prime256v1"}) {
        BOOST_TEST_CONTEXT(part) { BOOST_TEST(ca.find(part) != std::string::npos); }
    }
}

BOOST_AUTO_TEST_CASE(the_key_of_the_ca_follows_from_its_secret) {
    const Millis now = SystemClock().now();
    std::array<std::uint8_t, ca_scalar_bytes> secret{};
    // 0 and values beyond the group's order are secrets like any other.
    for (const int fill : {0x00, 0x01, 0xff}) {
        secret.fill(static_cast<std::uint8_t>(fill));
        const CaMaterial first = make_ca(secret, {.now = now});
        const CaMaterial second = make_ca(secret, {.now = now});
        BOOST_TEST(first.certificate_pem != second.certificate_pem);  // serial and signature
        BOOST_CHECK_NO_THROW(
            issue_server_certificate(secret, first.certificate_pem, {.names = {"a"}, .now = now}));
        BOOST_CHECK_NO_THROW(
            issue_server_certificate(secret, second.certificate_pem, {.names = {"a"}, .now = now}));
        auto other = secret;
        other[31] ^= 2;
        BOOST_CHECK_EXCEPTION(
            issue_server_certificate(other, first.certificate_pem, {.names = {"a"}, .now = now}),
            Error, named("certificate.key"));
    }
}

BOOST_AUTO_TEST_CASE(validity_is_bounded_by_the_wish_the_limit_and_the_ca) {
    const Certificates made;
    const std::string ca = slurp(made.ca);
    const Millis now = SystemClock().now();
    const auto issue = [&](int days, Millis when) {
        return issue_server_certificate(made.secret, ca,
                                        {.names = {"a"}, .now = when, .days = days});
    };
    const Millis until = valid_until(issue(825, now).certificate_pem);
    BOOST_TEST(until.value / 1000 == (now.value + 825 * day_millis) / 1000);
    BOOST_CHECK_EXCEPTION(issue(826, now), Error, named("certificate.wish"));
    BOOST_CHECK_EXCEPTION(issue(0, now), Error, named("certificate.wish"));
    const Millis late{now.value + 3600 * day_millis};
    BOOST_TEST(valid_until(issue(825, late).certificate_pem).value == valid_until(ca).value);
    const Millis too_late{now.value + 3651 * day_millis};
    BOOST_CHECK_EXCEPTION(issue(1, too_late), Error, named("certificate.ca_expired"));
}

BOOST_AUTO_TEST_CASE(names_that_are_no_names_are_refused) {
    const Certificates made;
    const std::string ca = slurp(made.ca);
    const auto issue = [&](std::vector<std::string> names) {
        return issue_server_certificate(made.secret, ca,
                                        {.names = std::move(names), .now = SystemClock().now()});
    };
    for (const char* name : {"", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a_b", "A", "a b",
                             "*.a", "a,DNS:b", "a\nb", "127.0.0", "127.0.0.256", "[::1]", "a:1"}) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_CHECK_EXCEPTION(issue({name}), Error, named("certificate.name"));
        }
    }
    for (const char* name : {"a", "a-b", "a1.b2", "0x.example", "10.0.0.1", "fe80::1"}) {
        BOOST_TEST_CONTEXT(name) { BOOST_CHECK_NO_THROW(issue({name})); }
    }
    BOOST_CHECK_EXCEPTION(issue({}), Error, named("certificate.wish"));
    BOOST_CHECK_EXCEPTION(issue(std::vector<std::string>(server_names_max + 1, "a")), Error,
                          named("certificate.wish"));
    BOOST_CHECK_EXCEPTION(issue_server_certificate(made.secret, "no certificate",
                                                   {.names = {"a"}, .now = SystemClock().now()}),
                          Error, named("certificate.unreadable"));
}

BOOST_AUTO_TEST_SUITE_END()
