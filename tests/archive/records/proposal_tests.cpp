#include "archive/records/proposal.h"

#include "tests/archive/records/refusals.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::records;
using nlohmann::json;

namespace {

json grant() {
    return json::parse(R"({"id":"0b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111","kind":"role.grant",
        "content":{"account":"carla","id":"1b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111",
                   "role":{"role":"administrator"}},
        "proposer":"2b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111","proposer_name":"admin",
        "made":"2026-11-23T08:00:00.000Z","expires":"2026-11-30T08:00:00.000Z",
        "salt":"00000000000000000000000000000000000000000000000000000000000000ff",
        "statement":"{}","state":"open"})");
}

json executed() {
    json one = grant();
    one["state"] = "executed";
    one["decider"] = "3b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111";
    one["decider_name"] = "carla";
    one["decided"] = "2026-11-24T08:00:00.000Z";
    return one;
}

std::string refused(const json& one) {
    try {
        (void)proposal_from_json(one);
    } catch (const Error& error) {
        return error.name();
    }
    return "accepted";
}

json with(json one, const char* pointer, json value) {
    one[json::json_pointer(pointer)] = std::move(value);
    return one;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proposal_tests)

BOOST_AUTO_TEST_CASE(it_is_written_as_it_is_read) {
    for (const json& one : {grant(), executed()})
        BOOST_TEST(to_json(proposal_from_json(one)) == one);
    json expired = with(grant(), "/state", "expired");
    expired["decided"] = "2026-11-30T08:00:00.000Z";
    BOOST_TEST(to_json(proposal_from_json(expired)) == expired);
}

BOOST_AUTO_TEST_CASE(the_list_of_kinds_and_states_is_closed) {
    BOOST_TEST(refused(with(grant(), "/kind", "role.invent")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/state", "maybe")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/more", 1)) == "field.unknown");
    BOOST_TEST(refused(with(grant(), "/content/more", 1)) == "field.unknown");
    json none = grant();
    none.erase("kind");
    BOOST_TEST(refused(none) == "field.missing");
}

BOOST_AUTO_TEST_CASE(the_content_fits_the_kind) {
    BOOST_TEST(refused(with(grant(), "/kind", "account.disable")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/kind", "password.reset")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/content/password", json::object())) == "field.invalid");
    json disable = with(grant(), "/kind", "account.disable");
    disable["content"].erase("role");
    BOOST_TEST(refused(disable) == "accepted");
    json reset = with(disable, "/kind", "password.reset");
    BOOST_TEST(refused(reset) == "field.invalid");
    BOOST_TEST(refused(with(reset, "/content/password", json::object())) == "accepted");
}

BOOST_AUTO_TEST_CASE(who_decided_is_there_exactly_when_somebody_did) {
    BOOST_TEST(refused(with(executed(), "/state", "open")) == "field.invalid");
    BOOST_TEST(refused(with(executed(), "/state", "expired")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/state", "executed")) == "field.invalid");
    BOOST_TEST(refused(with(grant(), "/decided", "2026-11-24T08:00:00.000Z")) == "field.invalid");
}

BOOST_AUTO_TEST_SUITE_END()
