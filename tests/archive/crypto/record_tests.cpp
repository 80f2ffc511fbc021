#include "archive/crypto/record.h"

#include "archive/base/encoding.h"
#include "tests/archive/crypto/sealing_support.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

namespace {

struct OneRecord {
    Bytes row = counting(8, 0xA0);
    Bytes key_id = counting(16, 0x20);
    RecordContext context{counting_id<VaultId>(0x10), "journal.header", row, 3, 1, key_id, 0};
    SealingKey key = SealingKey::from(counting(32));
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(record_tests, OneRecord)

BOOST_AUTO_TEST_CASE(records_are_the_bytes_of_the_frozen_vectors) {
    const auto lines = vector_lines("record_v1.txt");
    BOOST_REQUIRE(lines.size() == 4U);
    for (const auto& line : lines) {
        const Bytes plain = patterned(std::stoul(line[0]));
        const Bytes sealed =
            crypto::detail::seal_record_with_nonce(key, context, counting(24, 0x40), plain);
        BOOST_TEST(to_hex(sealed) == line[1]);
        BOOST_TEST((open_record(key, context, *from_hex(line[1])) == plain));
    }
}

BOOST_AUTO_TEST_CASE(a_record_opens_to_what_was_sealed) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 4096U, 100'000U}) {
        const Bytes plain = patterned(size);
        const Bytes sealed = seal_record(key, context, plain);
        BOOST_TEST(sealed.size() == size + record_overhead_bytes);
        BOOST_TEST((open_record(key, context, sealed) == plain));
    }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_refused) {
    const Bytes sealed = seal_record(key, context, view("Rossi"));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes changed = sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        BOOST_TEST(!open_record(key, context, changed));
    }
}

BOOST_AUTO_TEST_CASE(every_shorter_or_longer_record_is_refused) {
    const Bytes sealed = seal_record(key, context, view("Rossi"));
    for (std::size_t size = 0; size < sealed.size(); ++size)
        BOOST_TEST(!open_record(key, context, BytesView(sealed).first(size)));
    Bytes longer = sealed;
    longer.push_back(0);
    BOOST_TEST(!open_record(key, context, longer));
}

BOOST_AUTO_TEST_CASE(a_record_moved_to_any_other_place_does_not_open) {
    const Bytes sealed = seal_record(key, context, view("Rossi"));
    const Bytes other = counting(8, 0xB0);
    const std::vector<std::function<void(RecordContext&)>> moves = {
        [](auto& c) { c.vault = counting_id<VaultId>(0x11); },
        [](auto& c) { c.table = "journal.payload"; },
        [&](auto& c) { c.key = other; },
        [&](auto& c) { c.key = BytesView(row).first(7); },
        [](auto& c) { c.type = 4; },
        [](auto& c) { c.version = 2; },
        [&](auto& c) { c.key_id = other; },
        [](auto& c) { c.epoch = 1; },
    };
    for (const auto& move : moves) {
        RecordContext moved = context;
        move(moved);
        BOOST_TEST(!open_record(key, moved, sealed));
    }
    BOOST_TEST(open_record(key, context, sealed).has_value());
}

// Without lengths, table "ab" with key "c" and table "a" with key "bc" would be one context.
BOOST_AUTO_TEST_CASE(a_byte_cannot_slide_from_one_field_into_the_next) {
    RecordContext slid = context;
    context.table = "ab";
    context.key = view("c");
    slid.table = "a";
    slid.key = view("bc");
    BOOST_TEST(!open_record(key, slid, seal_record(key, context, view("x"))));
}

BOOST_AUTO_TEST_CASE(a_record_does_not_open_under_another_key) {
    const Bytes sealed = seal_record(key, context, view("Rossi"));
    BOOST_TEST(!open_record(SealingKey::random(), context, sealed));
}

// The AEAD by itself does not commit to its key: whoever knows two keys could make one ciphertext
// for both.  Even with the second key's right commitment in place, the tag is then wrong.
BOOST_AUTO_TEST_CASE(a_record_dressed_with_a_second_keys_commitment_opens_under_neither) {
    const auto second = SealingKey::random();
    const Bytes nonce = counting(24, 0x40);
    Bytes mixed = crypto::detail::seal_record_with_nonce(key, context, nonce, view("Rossi"));
    const Bytes dress =
        crypto::detail::seal_record_with_nonce(second, context, nonce, view("Rossi"));
    std::copy_n(dress.begin() + 24, 32, mixed.begin() + 24);
    BOOST_TEST(!open_record(key, context, mixed));
    BOOST_TEST(!open_record(second, context, mixed));
}

BOOST_AUTO_TEST_CASE(no_nonce_comes_twice) {
    std::set<Bytes> nonces;
    for (int i = 0; i < 20'000; ++i) {
        const Bytes sealed = seal_record(key, context, {});
        nonces.emplace(sealed.begin(), sealed.begin() + 24);
    }
    BOOST_TEST(nonces.size() == 20'000U);
}

BOOST_AUTO_TEST_CASE(a_wrapped_key_comes_back_and_only_from_its_place) {
    const auto inner = ObjectKey::random();
    const Bytes wrapped = wrap(key, context, inner);
    BOOST_TEST(wrapped.size() == 104U);
    const auto back = unwrap<SealsOneObject>(key, context, wrapped);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((copy(back->view()) == copy(inner.view())));
    context.version = 2;
    BOOST_TEST(!unwrap<SealsOneObject>(key, context, wrapped).has_value());
}

BOOST_AUTO_TEST_CASE(something_that_is_not_a_key_is_not_unwrapped) {
    const Bytes sealed = seal_record(key, context, Bytes(33, 1));
    BOOST_TEST(!unwrap<SealsOneObject>(key, context, sealed).has_value());
}

BOOST_AUTO_TEST_CASE(digests_and_names_depend_on_key_parts_and_their_borders) {
    BOOST_TEST(
        (keyed_digest(key, {view("ab"), view("c")}) == keyed_digest(key, {view("ab"), view("c")})));
    BOOST_TEST(
        (keyed_digest(key, {view("ab"), view("c")}) != keyed_digest(key, {view("a"), view("bc")})));
    BOOST_TEST((keyed_digest(key, {view("ab")}) != keyed_digest(key, {view("ab"), {}})));
    BOOST_TEST((keyed_name(key, {view("ab")}) != keyed_name(SealingKey::random(), {view("ab")})));
    const auto digest = keyed_digest(key, {view("ab")});
    const auto name = keyed_name(key, {view("ab")});
    BOOST_TEST(!std::equal(name.begin(), name.end(), digest.bytes.begin()));
}

// hashlib.blake2b(b"\0\0\0\x02ab\0\0\0\x01c", key=bytes(range(32)), …, person=b"custode/mac/v1")
BOOST_AUTO_TEST_CASE(digests_and_names_give_the_frozen_answers) {
    BOOST_TEST(to_hex(keyed_digest(key, {view("ab"), view("c")})) ==
               "4d7859fdc0512aa9c98733320524e983131e3b8451da9da2d276fd2ebdfb4bb7");
    BOOST_TEST(to_hex(keyed_name(key, {view("ab"), view("c")})) ==
               "908be5c8be9dbcca6ab3b4bbebdf412e");
    BOOST_TEST(to_hex(records_key(ObjectKey::from(counting(32))).view()) ==
               "245ec7d3cb84f570602aabe8a30598da5986e5af8b706b0c929991adf6f359aa");
}

BOOST_AUTO_TEST_SUITE_END()
