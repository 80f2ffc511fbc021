#include "archive/store/frame.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/store/segment_files.h"
#include "tests/archive/store/segments_support.h"

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

/// Puts the right check behind changed bytes, so that the rule under test refuses and not the CRC.
Bytes rechecked(Bytes bytes) {
    bytes.resize(bytes.size() - 4);
    const std::uint32_t check = crc32c(bytes);
    append(bytes, Encoder().u32(check).bytes());
    return bytes;
}

Bytes with_byte(Bytes bytes, std::size_t at, std::uint8_t value) {
    bytes[at] = value;
    return rechecked(std::move(bytes));
}

const FrameHead some_head{.segment = 7, .ordinal = 3, .blob = blob(0xAB), .length = 65'520};

std::vector<FrameInfo> some_frames() {
    return {{blob(1), 0, {7, 40, 100}}, {blob(1), 1, {7, 180, 1}}, {blob(2), 0, {7, 221, 60}}};
}
constexpr std::uint64_t some_frames_end = 281;

}  // namespace

BOOST_AUTO_TEST_SUITE(frame_tests)

// RFC 3720 §B.4.
BOOST_AUTO_TEST_CASE(the_check_is_crc32c) {
    BOOST_TEST(crc32c(Bytes(32, 0x00)) == 0x8A9136AAU);
    BOOST_TEST(crc32c(Bytes(32, 0xFF)) == 0x62A8AB43U);
    BOOST_TEST(crc32c(view("123456789")) == 0xE3069283U);
}

BOOST_AUTO_TEST_CASE(a_frame_head_has_these_bytes) {
    const Bytes head = encode_frame_head(some_head);
    BOOST_TEST(to_hex(head) ==
               "43734672"                          // CsFr
               "00000001"                          // version
               "00000007"                          // segment
               "00000003"                          // ordinal
               "abababababababababababababababab"  // blob
               "0000fff0"                          // length
               "4c94e98e");                        // CRC-32C
    const auto again = decode_frame_head(head);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((encode_frame_head(*again) == head));
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_anywhere_in_a_head_is_found) {
    const Bytes head = encode_frame_head(some_head);
    for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
        Bytes flipped = head;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        BOOST_TEST(!decode_frame_head(flipped).has_value(), "bit " << bit);
    }
}

BOOST_AUTO_TEST_CASE(what_the_writer_would_not_write_is_refused_in_a_head) {
    const Bytes head = encode_frame_head(some_head);
    BOOST_TEST(decode_frame_head(with_byte(head, 15, 4)).has_value());  // another ordinal
    BOOST_TEST(!decode_frame_head(with_byte(head, 0, 'c')).has_value());
    BOOST_TEST(!decode_frame_head(with_byte(head, 7, 2)).has_value());  // version
    const auto with_length = [&](std::uint32_t length) {
        Bytes changed = head;
        const Bytes four = Encoder().u32(length).bytes();
        std::copy(four.begin(), four.end(), changed.begin() + 32);
        return decode_frame_head(rechecked(changed)).has_value();
    };
    BOOST_TEST(!with_length(0));
    BOOST_TEST(with_length(1));
    BOOST_TEST(with_length(frame_bytes_max));
    BOOST_TEST(!with_length(frame_bytes_max + 1));
    BOOST_TEST(!decode_frame_head(BytesView(head).first(39)).has_value());
    BOOST_TEST(!decode_frame_head({}).has_value());
}

BOOST_AUTO_TEST_CASE(an_index_gives_back_its_frames) {
    const Bytes index = encode_index(7, some_frames());
    const auto frames = decode_index(7, some_frames_end, index);
    BOOST_REQUIRE(frames.has_value());
    BOOST_TEST((*frames == some_frames()));
    BOOST_TEST(decode_index(7, 0, encode_index(7, {})).value().empty());
}

BOOST_AUTO_TEST_CASE(an_index_that_does_not_fit_its_segment_is_refused) {
    const Bytes index = encode_index(7, some_frames());
    BOOST_TEST(decode_index(7, some_frames_end, index).has_value());
    BOOST_TEST(!decode_index(8, some_frames_end, index).has_value());
    BOOST_TEST(!decode_index(7, some_frames_end + 1, index).has_value());
    BOOST_TEST(!decode_index(7, some_frames_end - 1, index).has_value());
    BOOST_TEST(
        !decode_index(7, some_frames_end, BytesView(index).first(index.size() - 1)).has_value());
    Bytes longer = index;
    longer.push_back(0);
    BOOST_TEST(!decode_index(7, some_frames_end, longer).has_value());
    Bytes more = index;
    more[15] = 4;  // count: more entries than bytes
    BOOST_TEST(!decode_index(7, some_frames_end, more).has_value());
    more[12] = 0xFF;  // and a count that nobody should allocate for
    BOOST_TEST(!decode_index(7, some_frames_end, more).has_value());
    BOOST_TEST(!decode_index(7, some_frames_end, {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_footer_gives_back_its_fields_and_refuses_changes) {
    const Bytes footer = encode_footer({.segment = 7, .frames_end = 1000, .index_length = 77});
    BOOST_TEST(to_hex(footer) ==
               "4373456e"          // CsEn
               "00000001"          // version
               "00000007"          // segment
               "00000000"          // zero
               "00000000000003e8"  // frames end
               "000000000000004d"  // index length
               "7c14b491");        // CRC-32C
    const auto again = decode_footer(footer);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(again->frames_end == 1000U);
    BOOST_TEST(again->index_length == 77U);
    BOOST_TEST(decode_footer(with_byte(footer, 31, 78)).has_value());
    BOOST_TEST(!decode_footer(with_byte(footer, 3, 'e')).has_value());
    BOOST_TEST(!decode_footer(with_byte(footer, 7, 2)).has_value());
    BOOST_TEST(!decode_footer(with_byte(footer, 15, 1)).has_value());
    BOOST_TEST(!decode_footer(with_byte(footer, 24, 1)).has_value());  // index beyond its bound
    for (std::size_t at = 0; at < footer.size(); ++at) {
        Bytes changed = footer;
        changed[at] ^= 1;
        BOOST_TEST(!decode_footer(changed).has_value(), "byte " << at);
    }
}

BOOST_AUTO_TEST_CASE(segment_names_have_six_digits) {
    BOOST_TEST(segment_name(1) == "000001.seg");
    BOOST_TEST(segment_name(999'999) == "999999.seg");
    BOOST_TEST(segment_number("000001.seg").value() == 1U);
    BOOST_TEST(segment_number("999999.seg").value() == 999'999U);
    for (const char* name : {"000000.seg", "1.seg", "0000001.seg", "00001a.seg", "000001.SEG",
                             "000001.seg.tmp", "000001", "-00001.seg", ""})
        BOOST_TEST(!segment_number(name).has_value(), name);
}

BOOST_AUTO_TEST_SUITE_END()
