#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/journal/event.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <sstream>

namespace custode::journal {
namespace {

/// The lines "name = hex" of the vector that make_event_vector.py wrote.
std::map<std::string, Bytes> read_vector() {
    std::ifstream file(CUSTODE_VECTORS "/event_v1.txt");
    std::map<std::string, Bytes> vector;
    for (std::string line; std::getline(file, line);) {
        const std::size_t equals = line.find(" = ");
        BOOST_REQUIRE(equals != std::string::npos);
        const auto bytes = from_hex(line.substr(equals + 3));
        BOOST_REQUIRE(bytes.has_value());
        vector[line.substr(0, equals)] = *bytes;
    }
    return vector;
}

struct Vector {
    std::map<std::string, Bytes> v = read_vector();
    VaultId vault = *id_from<VaultId>(v.at("vault"));
    StoredEvent event = *StoredEvent::decode(v.at("event"));

    crypto::SealingKey key(const char* name) const { return crypto::SealingKey::from(v.at(name)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(event_vector_tests)

BOOST_FIXTURE_TEST_CASE(the_stored_bytes_decode_and_encode_to_themselves, Vector) {
    BOOST_TEST(event.encode() == v.at("event"));
    BOOST_TEST(event.year == 2026);
}

BOOST_FIXTURE_TEST_CASE(the_header_opens_under_the_years_key, Vector) {
    const auto plain = crypto::open_record(
        key("year key"), header_context(vault, v.at("sequence"), v.at("year key id")),
        event.header);
    BOOST_REQUIRE(plain.has_value());
    const auto header = decode_header(*plain);
    BOOST_REQUIRE(header.has_value());
    BOOST_TEST(header->sequence == 7U);
    BOOST_TEST((header->action == Action::document_filed));
    BOOST_TEST((header->subject_kind == SubjectKind::dossier));
    BOOST_TEST(Bytes(header->subject.begin(), header->subject.end()) == v.at("dossier"));
    BOOST_TEST((header->payload_key == PayloadKey::object));
    BOOST_TEST(to_rfc3339(header->time) == "2026-11-23T08:15:00.000Z");
}

BOOST_FIXTURE_TEST_CASE(the_wrap_gives_the_object_key_and_it_opens_the_payload, Vector) {
    BOOST_REQUIRE(event.wraps().size() == 1U);
    const auto object = crypto::unwrap<crypto::SealsOneObject>(
        key("dossier key"), wrap_context(vault, view("object"), v.at("dossier")), event.wraps()[0]);
    BOOST_REQUIRE(object.has_value());
    BOOST_TEST(copy(object->view()) == v.at("object key"));
    const auto padded = crypto::open_record(
        crypto::records_key(*object),
        payload_context(vault, v.at("sequence"), Action::document_filed, v.at("dossier")),
        event.payload);
    BOOST_REQUIRE(padded.has_value());
    BOOST_TEST(unpad_payload(*padded).value() == text(v.at("payload")));
}

BOOST_FIXTURE_TEST_CASE(the_leaf_is_made_of_digests_alone, Vector) {
    const auto entry = event.leaf_entry().bytes();
    BOOST_TEST(Bytes(entry.begin(), entry.end()) == v.at("leaf entry"));
    BOOST_TEST(copy(event.leaf_entry().leaf()) == v.at("leaf"));
    BOOST_TEST(copy(proof::statement_hash(v.at("salt"), text(v.at("statement")))) ==
               copy(event.statement));
}

BOOST_FIXTURE_TEST_CASE(format_md_prints_these_very_bytes, Vector) {
    std::ifstream file(CUSTODE_FORMAT);
    std::ostringstream format;
    format << file.rdbuf();
    std::string hex;
    for (const char c : format.str())
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) hex.push_back(c);
    // The document breaks the bytes into lines; their digits follow one another all the same.
    BOOST_TEST((hex.find(to_hex(v.at("event"))) != std::string::npos));
    BOOST_TEST((hex.find(to_hex(v.at("leaf"))) != std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::journal
