#include "archive/journal/event.h"

#include "archive/base/codec.h"
#include "archive/journal/journal.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::journal;

namespace {

template <std::size_t size>
std::array<std::uint8_t, size> filled(std::uint8_t byte) {
    std::array<std::uint8_t, size> array{};
    array.fill(byte);
    return array;
}

/// A header with every field different from its default.
Header full_header() {
    Header header;
    header.sequence = 0x0102030405060708U;
    header.time = {1'795'000'000'123};
    header.boot = filled<16>(0x11);
    header.boot_millis = 987'654'321;
    header.action = Action::document_filed;
    header.actor = filled<16>(0x22);
    header.acting_for = filled<16>(0x33);
    header.outcome = Outcome::permitted;
    header.purpose = "istruttoria-1234567890123456789";  // 31, the longest
    header.subject_kind = SubjectKind::object;
    header.subject = filled<16>(0x44);
    header.payload_key = PayloadKey::object;
    header.counters = {{2026, "VII.11", 7}, {2027, "PROTOCOLLO-GENERALE-000-", 8}};  // 24: longest
    return header;
}

// Where the fixed fields lie: u64 8, time 8, boot 16, boot millis 8, action 2, actors 32.
constexpr std::size_t outcome_at = 8 + 8 + 16 + 8 + 2 + 16 + 16;
constexpr std::size_t purpose_length_at = outcome_at + 1;

StoredEvent full_event() {
    StoredEvent event;
    event.year = 2026;
    event.header = Bytes(header_plain_bytes + crypto::record_overhead_bytes, 1);
    event.payload = Bytes(200, 2);
    event.envelope = Bytes(2 * wrap_bytes, 3);
    event.statement.bytes = filled<32>(4);
    event.content.bytes = filled<32>(5);
    return event;
}

bool same(const StoredEvent& a, const StoredEvent& b) {
    return a.year == b.year && a.header == b.header && a.payload == b.payload &&
           a.envelope == b.envelope && a.statement == b.statement && a.content == b.content;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_tests)

BOOST_AUTO_TEST_CASE(a_header_comes_back_as_it_went) {
    const Header header = full_header();
    const Bytes bytes = encode_header(header);
    BOOST_TEST(bytes.size() == header_plain_bytes);
    const auto back = decode_header(bytes);
    BOOST_REQUIRE(back);
    BOOST_TEST(back->sequence == header.sequence);
    BOOST_TEST((back->time == header.time));
    BOOST_TEST((back->boot == header.boot));
    BOOST_TEST(back->boot_millis == header.boot_millis);
    BOOST_TEST((back->action == header.action));
    BOOST_TEST((back->actor == header.actor));
    BOOST_TEST((back->acting_for == header.acting_for));
    BOOST_TEST((back->outcome == header.outcome));
    BOOST_TEST(back->purpose == header.purpose);
    BOOST_TEST((back->subject_kind == header.subject_kind));
    BOOST_TEST((back->subject == header.subject));
    BOOST_TEST((back->payload_key == header.payload_key));
    BOOST_TEST((back->counters == header.counters));
    BOOST_TEST((encode_header(*back) == bytes));
    const auto plain = decode_header(encode_header(Header{}));
    BOOST_REQUIRE(plain);
    BOOST_TEST(plain->purpose.empty());
    BOOST_TEST(plain->counters.empty());
}

BOOST_AUTO_TEST_CASE(a_header_of_another_length_is_refused) {
    const Bytes bytes = encode_header(full_header());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        BOOST_TEST(!decode_header(BytesView(bytes).first(size)), "length " << size);
    Bytes longer = bytes;
    longer.push_back(0);
    BOOST_TEST(!decode_header(longer));
}

BOOST_AUTO_TEST_CASE(a_header_with_anything_in_its_padding_is_refused) {
    const Bytes bytes = encode_header(Header{});
    // Of an empty header: the fixed part, an empty purpose, kind, subject, key, no counters.
    const std::size_t used = outcome_at + 1 + 4 + 1 + 16 + 1 + 1;
    for (std::size_t at = used; at < bytes.size(); ++at) {
        Bytes changed = bytes;
        changed[at] = 1;
        BOOST_TEST(!decode_header(changed), "byte " << at);
    }
}

BOOST_AUTO_TEST_CASE(values_that_no_header_has_are_refused) {
    const Bytes bytes = encode_header(Header{});
    const std::size_t kind_at = purpose_length_at + 4;
    const std::size_t key_at = kind_at + 1 + 16;
    const std::size_t counters_at = key_at + 1;
    const auto with = [&](std::size_t at, std::uint8_t value) {
        Bytes changed = bytes;
        changed[at] = value;
        return decode_header(changed).has_value();
    };
    for (unsigned value = 0; value < 256; ++value) {
        const auto byte = static_cast<std::uint8_t>(value);
        BOOST_TEST(with(outcome_at, byte) == (value >= 1 && value <= 3), "outcome " << value);
        BOOST_TEST(with(kind_at, byte) == (value <= 2), "subject kind " << value);
        BOOST_TEST(with(key_at, byte) == (value >= 1 && value <= 3), "payload key " << value);
        // Counters of zeroes follow from the padding, so up to two of them can be read.
        BOOST_TEST(with(counters_at, byte) == (value <= 2), "counters " << value);
    }
    Header longest;
    longest.purpose = std::string(31, 'p');
    Bytes purpose = encode_header(longest);
    BOOST_TEST(decode_header(purpose).has_value());
    purpose[purpose_length_at + 3] = 32;
    BOOST_TEST(!decode_header(purpose));
    Header stepped;
    stepped.counters = {{2026, std::string(24, 's'), 1}};
    Bytes series = encode_header(stepped);
    BOOST_TEST(decode_header(series).has_value());
    series[counters_at + 1 + 4 + 3] = 25;
    BOOST_TEST(!decode_header(series));
}

BOOST_AUTO_TEST_CASE(a_stored_event_comes_back_as_it_went) {
    const StoredEvent event = full_event();
    const auto back = StoredEvent::decode(event.encode());
    BOOST_REQUIRE(back);
    BOOST_TEST(same(*back, event));
    BOOST_REQUIRE(back->wraps().size() == 2);
    BOOST_TEST(back->wraps()[1].size() == wrap_bytes);
    const auto empty = StoredEvent::decode(StoredEvent{}.encode());
    BOOST_REQUIRE(empty);
    BOOST_TEST(empty->wraps().empty());
}

BOOST_AUTO_TEST_CASE(a_stored_event_cut_or_extended_anywhere_is_refused) {
    const Bytes bytes = full_event().encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        BOOST_REQUIRE(!StoredEvent::decode(BytesView(bytes).first(size)));
    Bytes longer = bytes;
    longer.push_back(0);
    BOOST_TEST(!StoredEvent::decode(longer));
}

BOOST_AUTO_TEST_CASE(a_stored_event_of_another_form_is_refused) {
    const auto refused = [](const StoredEvent& event) {
        return !StoredEvent::decode(event.encode()).has_value();
    };
    Bytes newer = full_event().encode();
    newer[0] = 2;
    BOOST_TEST(!StoredEvent::decode(newer));
    StoredEvent event = full_event();
    event.header.push_back(0);
    BOOST_TEST(refused(event));
    event = full_event();
    event.envelope.push_back(0);  // no whole number of wraps
    BOOST_TEST(refused(event));
    event.envelope = Bytes(wraps_max * wrap_bytes, 3);
    BOOST_TEST(!refused(event));
    event.envelope = Bytes((wraps_max + 1) * wrap_bytes, 3);
    BOOST_TEST(refused(event));
    event = full_event();
    event.payload = Bytes(payload_bytes_max + crypto::record_overhead_bytes + 64, 2);
    BOOST_TEST(!refused(event));
    event.payload.push_back(2);
    BOOST_TEST(refused(event));
}

BOOST_AUTO_TEST_CASE(every_part_of_an_event_is_in_its_leaf) {
    const proof::LeafEntry leaf = full_event().leaf_entry();
    const auto differs = [&](auto change) {
        StoredEvent event = full_event();
        change(event);
        return event.leaf_entry().leaf() != leaf.leaf();
    };
    BOOST_TEST(differs([](StoredEvent& e) { e.header[0] ^= 1U; }));
    BOOST_TEST(differs([](StoredEvent& e) { e.payload[0] ^= 1U; }));
    BOOST_TEST(differs([](StoredEvent& e) { e.envelope[0] ^= 1U; }));
    BOOST_TEST(differs([](StoredEvent& e) { e.statement.bytes[0] ^= 1U; }));
    BOOST_TEST(differs([](StoredEvent& e) { e.content.bytes[0] ^= 1U; }));
}

BOOST_AUTO_TEST_CASE(a_payload_is_padded_to_whole_steps_and_comes_back) {
    for (const std::size_t size : {0U, 1U, 59U, 60U, 61U, 63U, 64U, 124U, 125U, 4096U}) {
        const std::string payload(size, 'p');
        const Bytes padded = pad_payload(payload);
        BOOST_TEST(padded.size() % payload_padding_bytes == 0U);
        BOOST_TEST(padded.size() < size + 4 + payload_padding_bytes);
        const auto back = unpad_payload(padded);
        BOOST_REQUIRE(back);
        BOOST_TEST(*back == payload);
    }
    BOOST_TEST(pad_payload(std::string(60, 'p')).size() == 64U);
    BOOST_TEST(pad_payload(std::string(61, 'p')).size() == 128U);
    // Two answers of like length cannot be told apart by it.
    BOOST_TEST(pad_payload("yes").size() == pad_payload("no, for the reason given").size());
}

BOOST_AUTO_TEST_CASE(padding_that_no_writer_makes_is_refused) {
    const Bytes padded = pad_payload("payload");
    BOOST_TEST(unpad_payload(padded).has_value());
    for (std::size_t at = 4 + 7; at < padded.size(); ++at) {
        Bytes changed = padded;
        changed[at] = 1;
        BOOST_TEST(!unpad_payload(changed), "byte " << at);
    }
    Bytes longer = padded;
    longer.resize(longer.size() + payload_padding_bytes, 0);  // a step more than needed
    BOOST_TEST(!unpad_payload(longer));
    BOOST_TEST(!unpad_payload({}));
    BOOST_TEST(!unpad_payload(BytesView(padded).first(3)));
    Bytes lying = padded;
    lying[3] = 61;  // says more than there is
    BOOST_TEST(!unpad_payload(lying));
    // Fewer zeroes than a whole step: two paddings of one payload would be two leaves of one event.
    BOOST_TEST(!unpad_payload(BytesView(padded).first(padded.size() - 1)));
}

BOOST_AUTO_TEST_CASE(a_head_comes_back_as_it_went_and_not_otherwise) {
    Head head{7, proof::empty_root(), std::vector<store::TableSum>(3)};
    head.sums[1] = {5, filled<32>(9)};
    const Bytes bytes = head.encode();
    const auto back = Head::decode(bytes);
    BOOST_REQUIRE(back);
    BOOST_TEST(back->size == 7U);
    BOOST_TEST((back->root == head.root));
    BOOST_TEST((back->sums == head.sums));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        BOOST_REQUIRE(!Head::decode(BytesView(bytes).first(size)));
    Bytes longer = bytes;
    longer.push_back(0);
    BOOST_TEST(!Head::decode(longer));
    Bytes newer = bytes;
    newer[0] = 2;
    BOOST_TEST(!Head::decode(newer));
    head.sums.resize(65);
    BOOST_TEST(!Head::decode(head.encode()));
}

BOOST_AUTO_TEST_CASE(every_action_has_a_name_of_its_own) {
    std::vector<std::string_view> names;
    for (unsigned number = 0; number < 64; ++number) {
        const auto name = name_of(Action{static_cast<std::uint16_t>(number)});
        if (name == "unknown") continue;
        BOOST_TEST((std::find(names.begin(), names.end(), name) == names.end()));
        names.push_back(name);
    }
    BOOST_TEST(names.size() == 32U);
    BOOST_TEST(name_of(Action::document_filed) == "document.filed");
}

BOOST_AUTO_TEST_SUITE_END()
