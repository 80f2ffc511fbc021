#include "archive/records/account.h"

#include "tests/archive/records/refusals.h"

#include <nlohmann/json.hpp>

using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(account_tests)

BOOST_AUTO_TEST_CASE(an_account_is_read_strictly_and_written_back) {
    const json right = json::parse(R"({
      "id":"00000000-0000-4000-8000-000000000001","name":"Anna.Bianchi","state":"active",
      "created":"2026-11-23T08:15:00.000Z",
      "roles":[{"role":"archivist","unit":"municipio-3","from":"2026-01-01","until":"2026-12-31"},
               {"role":"administrator"}]})");
    BOOST_TEST(to_json(account_from_json(right)) == right);
    const auto with = [&right](const char* name, const json& value) {
        json wrong = right;
        wrong[name] = value;
        return refusal([&] { (void)account_from_json(wrong); });
    };
    BOOST_TEST(begins(with("name", "аnna"), "account.name_invalid"));
    BOOST_TEST(begins(with("state", "ACTIVE"), "field.invalid"));
    BOOST_TEST(begins(with("created", "2026-11-23"), "field.invalid"));
    BOOST_TEST(begins(with("roles", {{{"unit", "gea"}}}), "field.missing: field 'roles[0].role'"));
    BOOST_TEST(
        begins(with("roles", {{{"role", "x"}, {"from", "2026-02-01"}, {"until", "2026-01-31"}}}),
               "field.invalid: field 'roles[0].until'"));
    BOOST_TEST(begins(with("password", "x"), "field.unknown"));
    BOOST_TEST(begins(with("id", 7), "field.invalid: field 'id'"));
}

BOOST_AUTO_TEST_SUITE_END()
