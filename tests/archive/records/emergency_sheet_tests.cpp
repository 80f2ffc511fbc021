#include "archive/records/emergency_sheet.h"

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::records;
using nlohmann::json;

namespace {

const char* const document = "0b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111";

json whole() {
    return {{"responsibility", {{{"text", "Comune, tutore"}, {"source", document}}}},
            {"measures",
             {{{"text", "divieto di incontri"}, {"source", document}, {"until", "2027-03-31"}}}},
            {"dangers", {{{"text", "il compagno della madre"}, {"said_by", "la scuola"}}}},
            {"health", {{{"text", "allergia alla penicillina"}, {"source", document}}}},
            {"contacts", {{{"text", "PM di turno, 02 0000"}, {"said_by", "Procura"}}}},
            {"placements", {{{"text", "comunità"}, {"source", document}}}}};
}

std::string refused(const json& sheet) {
    try {
        (void)written_sheet_from_json(sheet);
    } catch (const Error& error) {
        return error.name();
    }
    return "accepted";
}

json with(const char* pointer, json value) {
    json sheet = whole();
    sheet[json::json_pointer(pointer)] = std::move(value);
    return sheet;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(emergency_sheet_tests)

BOOST_AUTO_TEST_CASE(it_is_written_as_it_is_read) {
    json stored = whole();
    stored["validated"] = "2026-11-23";
    stored["validated_by"] = "1b9f6f2e-6f0c-4c55-9d0e-3f1f4ad0a111";
    BOOST_TEST(to_json(sheet_from_json(stored)) == stored);
    BOOST_TEST(sheet_from_json(stored).sources().size() == 4U);
    BOOST_TEST(refused(whole()) == "accepted");
    BOOST_TEST(refused(json::object()) == "accepted");
}

BOOST_AUTO_TEST_CASE(every_line_says_on_what_it_rests_and_a_measure_on_a_document) {
    BOOST_TEST(refused(with("/health/0", {{"text", "asma"}})) == "field.invalid");
    BOOST_TEST(refused(with("/health/0",
                            {{"text", "asma"}, {"source", document}, {"said_by", "la nonna"}})) ==
               "field.invalid");
    BOOST_TEST(refused(with("/measures/0", {{"text", "divieto"}, {"said_by", "si dice"}})) ==
               "field.invalid");
    BOOST_TEST(refused(with("/health/0/source", "x")) == "field.invalid");
}

BOOST_AUTO_TEST_CASE(it_is_one_page) {
    const auto lines = [](std::size_t count, std::size_t size) {
        json list = json::array();
        for (std::size_t i = 0; i < count; ++i)
            list.push_back({{"text", std::string(size, 'x')}, {"said_by", "a"}});
        return list;
    };
    BOOST_TEST(refused(with("/contacts", lines(8, 240))) == "accepted");
    BOOST_TEST(refused(with("/contacts", lines(9, 10))) == "field.invalid");
    BOOST_TEST(refused(with("/contacts", lines(1, 241))) == "field.invalid");
    json long_one = with("/contacts", lines(8, 240));
    long_one["health"] = lines(8, 240);
    BOOST_TEST(refused(long_one) == "sheet.too_long");
}

BOOST_AUTO_TEST_CASE(nobody_says_themselves_who_vouches_and_when) {
    for (const char* name : {"validated", "validated_by", "address"})
        BOOST_TEST(refused(with((std::string("/") + name).c_str(), "2026-11-23")) ==
                   "field.unknown");
}

BOOST_AUTO_TEST_SUITE_END()
