#include "archive/crypto/signature.h"

#include "archive/base/encoding.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::crypto;

namespace {

// RFC 8032 §7.1, test 3.
const Bytes public_key =
    *from_hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
const Bytes message = *from_hex("af82");
const Bytes signature = *from_hex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");

}  // namespace

BOOST_AUTO_TEST_SUITE(signature_tests)

BOOST_AUTO_TEST_CASE(the_published_signature_verifies) {
    BOOST_TEST(verify_signature(public_key, message, signature));
}

BOOST_AUTO_TEST_CASE(every_single_changed_bit_is_refused) {
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        Bytes changed = signature;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        BOOST_TEST(!verify_signature(public_key, message, changed));
    }
}

BOOST_AUTO_TEST_CASE(another_message_key_or_size_is_refused) {
    BOOST_TEST(!verify_signature(public_key, view("other"), signature));
    BOOST_TEST(!verify_signature(Bytes(32, 0), message, signature));  // small order
    BOOST_TEST(!verify_signature(BytesView(public_key).first(31), message, signature));
    BOOST_TEST(!verify_signature(public_key, message, BytesView(signature).first(63)));
}

// S + L satisfies the same equation; accepting it would give one statement two signatures.
BOOST_AUTO_TEST_CASE(a_malleable_signature_is_refused) {
    const Bytes order =
        *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    Bytes malleable = signature;
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += unsigned{malleable[32 + i]} + unsigned{order[i]};
        malleable[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    BOOST_TEST(!verify_signature(public_key, message, malleable));
}

BOOST_AUTO_TEST_SUITE_END()
