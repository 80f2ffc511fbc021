#include "client/cli/person.h"

#include "client/cli/metadata.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {
namespace {

auto has_code(const std::string& code) {
    return [code](const Problem& problem) { return problem.code() == code; };
}

PersonOptions named() {
    PersonOptions options;
    options.surname = "Esempi";
    options.name = "Anna";
    return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(person_tests)

BOOST_AUTO_TEST_CASE(a_person_is_written_as_the_server_reads_it) {
    PersonOptions options = named();
    options.born = "2015-04-02";
    options.sex = "f";
    options.tax_code = "SMPNNA15D42F205X";
    options.aliases = {"Esempio, Anna", "la piccola"};
    options.externals = {"SISA:12:34"};
    const nlohmann::json wanted = nlohmann::json::parse(R"({
        "designations":[{"surname":"Esempi","name":"Anna"}],
        "aliases":[{"surname":"Esempio","name":"Anna"},{"text":"la piccola"}],
        "birth":{"precision":"day","day":"2015-04-02"}, "sex":"F",
        "tax_codes":[{"kind":"definitive","code":"SMPNNA15D42F205X"}],
        "external_ids":[{"system":"SISA","value":"12:34"}]})");
    BOOST_TEST(person_json(options) == wanted);
}

BOOST_AUTO_TEST_CASE(a_designation_is_enough) {
    PersonOptions options;
    BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.unnamed"));
    options.designation = "neonata, 12/03/2026, Mangiagalli";
    BOOST_TEST(person_json(options).dump() ==
               R"({"designations":[{"text":"neonata, 12/03/2026, Mangiagalli"}]})");
}

BOOST_AUTO_TEST_CASE(births_are_as_precise_as_they_are_known) {
    PersonOptions options = named();
    options.born = "2015";
    BOOST_TEST(person_json(options).at("birth").dump() == R"({"precision":"year","year":2015})");
    options.born.clear();
    options.born_about = "2008-2010";
    BOOST_TEST(person_json(options).at("birth").dump() ==
               R"({"from":2008,"precision":"estimated","to":2010})");
    options.born_about = "2010-2008";
    BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.birth"));
    options.born_about = "2008";
    options.born = "2008-01-01";
    BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.birth"));
    options.born_about.clear();
    options.born = "2015-02-29";
    BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.birth"));
}

BOOST_AUTO_TEST_CASE(a_correction_holds_only_what_changes) {
    PersonOptions options;
    BOOST_CHECK_EXCEPTION(person_changes(options), Problem, has_code("person.no_change"));
    options.provisional_tax_code = "12345678901";
    BOOST_TEST(person_changes(options).dump() ==
               R"({"tax_code":{"code":"12345678901","kind":"provisional"}})");
    options.tax_code = "SMPNNA15D42F205X";
    BOOST_CHECK_EXCEPTION(person_changes(options), Problem, has_code("person.one_tax_code"));
}

BOOST_AUTO_TEST_CASE(wrong_words_are_refused_here) {
    PersonOptions options = named();
    options.sex = "X";
    BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.sex"));
    options.sex.clear();
    for (const char* bad : {"SISA", ":1", "SISA:"}) {
        options.externals = {bad};
        BOOST_CHECK_EXCEPTION(person_json(options), Problem, has_code("person.external"));
    }
}

BOOST_AUTO_TEST_CASE(metadata_holds_what_was_said_and_nothing_else) {
    MetadataOptions options;
    BOOST_TEST(metadata_json(options).empty());
    options.type = "decreto";
    options.proceedings = {"R.G.V.G. 567/2025", "12/2026"};
    options.dated = "2026-03-12";
    options.pages = 2;
    options.confidential = "no";
    BOOST_TEST(metadata_json(options).dump() ==
               R"({"confidential":false,"date_of_act":"2026-03-12","pages":2,)"
               R"("proceedings":["R.G.V.G. 567/2025","12/2026"],"type":"decreto"})");
    options.dated = "12/03/2026";
    BOOST_CHECK_EXCEPTION(metadata_json(options), Problem, has_code("metadata.date"));
    options.dated.clear();
    options.channel = "piccione";
    BOOST_CHECK_EXCEPTION(metadata_json(options), Problem, has_code("metadata.word"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
