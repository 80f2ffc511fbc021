#include "archive/records/dossier.h"

#include "tests/archive/records/refusals.h"

#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;
using nlohmann::json;

namespace {

json open_dossier() {
    return json::parse(R"({
      "id":"3f2b8c1e-7a64-4d0e-9b1f-0c5a2d7e8f90","code":"2026/VII.11/000001",
      "person":{"designations":[{"surname":"Bianchi","name":"Anna"}]},
      "unit":"municipio-3","opened":"2026-11-23","state":"open","classification":"VII.11",
      "assigned":["00000000-0000-4000-8000-000000000001"],
      "grants":[{"account":"00000000-0000-4000-8000-000000000002","until":"2027-01-31","reason":"ricorso"}]})");
}

std::string reading(const json& dossier) {
    return refusal([&] { (void)dossier_from_json(dossier); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dossier_tests)

BOOST_AUTO_TEST_CASE(facts_are_read_and_written_back) {
    BOOST_TEST(to_json(dossier_from_json(open_dossier())) == open_dossier());
    json closed = open_dossier();
    closed["state"] = "closed";
    closed["closed"] = "2026-12-01";
    BOOST_TEST(to_json(dossier_from_json(closed)) == closed);
}

BOOST_AUTO_TEST_CASE(contradictions_are_refused) {
    const auto with = [](const char* name, const json& value) {
        json dossier = open_dossier();
        dossier[name] = value;
        return reading(dossier);
    };
    BOOST_TEST(begins(with("state", "closed"), "field.invalid: field 'closed'"));
    BOOST_TEST(begins(with("closed", "2026-12-01"), "field.invalid: field 'closed'"));
    BOOST_TEST(begins(with("classification", "7.11"), "field.invalid: field 'classification'"));
    BOOST_TEST(
        begins(with("id", "3F2B8C1E-7A64-4D0E-9B1F-0C5A2D7E8F90"), "field.invalid: field 'id'"));
    BOOST_TEST(begins(with("assigned", {"x"}), "field.invalid: field 'assigned[0]'"));
    BOOST_TEST(begins(with("grants", {{{"until", "2027-01-31"}}}),
                      "field.missing: field 'grants[0].account'"));
    BOOST_TEST(begins(with("unit", "../x y"), "field.invalid: field 'unit'"));
    BOOST_TEST(begins(with("colour", "red"), "field.unknown"));
}

BOOST_AUTO_TEST_CASE(what_a_dossier_cannot_be_without_is_asked) {
    for (const char* name : {"id", "code", "person", "unit", "opened"}) {
        json dossier = open_dossier();
        dossier.erase(name);
        BOOST_TEST(reading(dossier) ==
                   std::string("field.missing: field '") + name + "' is missing");
    }
}

BOOST_AUTO_TEST_CASE(codes_have_one_writing) {
    const DossierCode code{2026, "VII.11", 1};
    BOOST_TEST(to_text(code) == "2026/VII.11/000001");
    BOOST_TEST((parse_dossier_code("2026/VII.11/000001") == code));
    BOOST_TEST(
        (parse_dossier_code("2026/VII.11/1234567") == (DossierCode{2026, "VII.11", 1234567})));
    BOOST_TEST((parse_dossier_code("2026/VII/000001") == (DossierCode{2026, "VII", 1})));
    for (const char* wrong :
         {"", "2026", "2026/VII.11", "2026/VII.11/1", "2026/VII.11/0000001", "2026/VII.11/000000",
          "2026//000001", "26/VII.11/000001", "2026/7.11/000001", "2026/VII.011/000001",
          "2026/VII.11/00000a", "2026/VII.11/-00001", " 2026/VII.11/000001", "2026/VII.11/000001 ",
          "2026/VII.11/000001/", "2026/VII./000001", "2026/vii.11/000001",
          "2026/VII.11/99999999999"})
        BOOST_TEST(!parse_dossier_code(wrong), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
