#include "archive/crypto/digest.h"

#include "archive/base/encoding.h"
#include "archive/base/id.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::crypto;

BOOST_AUTO_TEST_SUITE(digest_tests)

// FIPS 180-4 examples.
BOOST_AUTO_TEST_CASE(sha256_gives_the_published_answers) {
    BOOST_TEST(to_hex(sha256({})) ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(to_hex(sha256({view("abc")})) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(to_hex(sha256(
                   {view("abcdbcdecdefdefgefghfghighijhijk"), view("ijkljklmklmnlmnomnopnopq")})) ==
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

BOOST_AUTO_TEST_CASE(pieces_hash_like_the_whole_and_a_digest_moves) {
    Sha256 first;
    first.update(view("a"));
    Sha256 moved = std::move(first);
    moved.update({});
    moved.update(view("bc"));
    BOOST_TEST((moved.finish() == sha256({view("abc")})));
}

BOOST_AUTO_TEST_CASE(equality_sees_every_byte_and_the_size) {
    BOOST_TEST(equal({}, {}));
    BOOST_TEST(equal(view("same"), view("same")));
    BOOST_TEST(!equal(view("same"), view("samf")));
    BOOST_TEST(!equal(view("same"), view("same ")));
}

BOOST_AUTO_TEST_CASE(random_ids_are_version_four_and_differ) {
    const auto a = random_id<ObjectId>();
    const auto b = random_id<ObjectId>();
    BOOST_TEST((a != b));
    BOOST_TEST((a.bytes[6] >> 4U) == 4U);
    BOOST_TEST((a.bytes[8] >> 6U) == 2U);
}

BOOST_AUTO_TEST_CASE(wiping_leaves_zeroes) {
    Bytes bytes(100, 7);
    wipe(bytes);
    BOOST_TEST((bytes == Bytes(100, 0)));
}

BOOST_AUTO_TEST_SUITE_END()
