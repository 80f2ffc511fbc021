#include "archive/crypto/password.h"

#include "archive/base/encoding.h"
#include "tests/archive/crypto/sealing_support.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

BOOST_AUTO_TEST_SUITE(password_tests)

BOOST_AUTO_TEST_CASE(only_the_right_password_under_the_right_pepper_verifies) {
    const auto pepper = SealingKey::random();
    const PasswordHash hash = hash_password(pepper, "correct horse battery");
    BOOST_TEST(verify_password(pepper, "correct horse battery", hash));
    BOOST_TEST(!verify_password(pepper, "correct horse batterz", hash));
    BOOST_TEST(!verify_password(SealingKey::random(), "correct horse battery", hash));
}

BOOST_AUTO_TEST_CASE(one_password_hashes_differently_twice) {
    const auto pepper = SealingKey::random();
    const PasswordHash a = hash_password(pepper, "same");
    const PasswordHash b = hash_password(pepper, "same");
    BOOST_TEST((a.salt != b.salt));
    BOOST_TEST((a.hash != b.hash));
}

// libargon2 20171227 over hashlib.blake2b("parola", key=00..1f, person="custode/pwd/v1"), 64 MiB,
// t=3.
BOOST_AUTO_TEST_CASE(a_frozen_hash_verifies) {
    PasswordHash frozen;
    const Bytes salt = counting(16),
                hash =
                    *from_hex("1f18a31c2db8b5e9039819e1e8ba63f44f8eba01e79b5bcf683e6f03129de1a1");
    std::copy(salt.begin(), salt.end(), frozen.salt.begin());
    std::copy(hash.begin(), hash.end(), frozen.hash.begin());
    BOOST_TEST(verify_password(SealingKey::from(counting(32)), "parola", frozen));
}

BOOST_AUTO_TEST_CASE(nobody_has_any_password) {
    BOOST_TEST(!verify_nobody(SealingKey::random(), ""));
}

BOOST_AUTO_TEST_CASE(a_password_of_unreasonable_length_is_refused_before_work) {
    BOOST_CHECK_EXCEPTION(hash_password(SealingKey::random(), std::string(1'025, 'a')), Error,
                          named("password.too_long"));
}

BOOST_AUTO_TEST_CASE(a_crowd_is_served_or_told_busy_and_the_places_come_back) {
    const auto pepper = SealingKey::random();
    std::atomic<int> served{0}, busy{0}, other{0};
    std::vector<std::jthread> crowd;
    for (int i = 0; i < 12; ++i)
        crowd.emplace_back([&] {
            try {
                hash_password(pepper, "crowd");
                ++served;
            } catch (const Error& error) {
                ++(error.name() == "login.busy" ? busy : other);
            }
        });
    crowd.clear();
    BOOST_TEST(served >= hashes_at_once);
    BOOST_TEST(served + busy == 12);
    BOOST_TEST(other == 0);
    BOOST_CHECK_NO_THROW(hash_password(pepper, "after"));
}

BOOST_AUTO_TEST_SUITE_END()
