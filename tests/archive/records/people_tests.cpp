#include "archive/records/people.h"

#include "tests/archive/records/refusals.h"

#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;
using nlohmann::json;

namespace {

const Day today{2026, 11, 23};

json full_person() {
    return json::parse(R"({
      "designations":[{"surname":"Bianchi","name":"Anna Chiara","from":"2020-01-05","source":"decreto"},
                      {"surname":"Verdi","name":"Anna","until":"2020-01-05"}],
      "aliases":[{"text":"Nina"}],
      "birth":{"precision":"day","day":"2012-03-04","place":"Milano"},
      "sex":"F","citizenships":["italiana","peruviana"],"msna":"no",
      "tax_codes":[{"kind":"provisional","code":"80016350821","until":"2013-01-01"},
                   {"kind":"definitive","code":"RSSMRA85T10A562S","from":"2013-01-01","source":"tessera"}],
      "external_ids":[{"system":"SISA","value":"2020/1234","source":"migrazione"}]})");
}

json newborn() {
    return json::parse(R"({"designations":[{"text":"neonata, 12/03/2026, Mangiagalli"}]})");
}

std::string reading(const json& person) {
    return refusal([&] { (void)person_from_json(person); });
}

std::string reading_birth(const json& birth) {
    json person = newborn();
    person["birth"] = birth;
    return reading(person);
}

std::string reading_code(const json& code) {
    json person = newborn();
    person["tax_codes"] = json::array({code});
    return reading(person);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(people_tests)

BOOST_AUTO_TEST_CASE(one_designation_is_enough) {
    const Person person = person_from_json(newborn());
    BOOST_TEST(person.designation().shown() == "neonata, 12/03/2026, Mangiagalli");
    BOOST_TEST((person.birth.precision == Birth::Precision::unknown));
    BOOST_TEST((person.msna == Answer::unknown));
    BOOST_TEST(to_json(person) == newborn());
    BOOST_TEST(reading(json::object()) == "field.missing: field 'person.designations' is missing");
    BOOST_TEST(begins(reading({{"designations", json::array()}}), "field.missing"));
    BOOST_TEST(begins(reading({{"designations", {json::object()}}}), "field.missing"));
}

BOOST_AUTO_TEST_CASE(everything_known_is_read_and_written_back) {
    BOOST_TEST(to_json(person_from_json(full_person())) == full_person());
}

BOOST_AUTO_TEST_CASE(every_field_refuses_every_wrong_type) {
    int tried = 0;
    const json full = full_person();
    for (const auto& member : full.items())
        for (const json& wrong : {json(nullptr), json(1), json(-1.5), json(true), json("\x01")}) {
            json person = full_person();
            person[member.key()] = wrong;
            BOOST_TEST(begins(reading(person), "field.invalid: field 'person." + member.key()));
            ++tried;
        }
    BOOST_TEST(tried == 40);
    json person = full_person();
    person["birth"]["dya"] = "2012-03-04";
    BOOST_TEST(reading(person) ==
               "field.unknown: field 'person.birth.dya' is not one of this form");
}

BOOST_AUTO_TEST_CASE(a_birth_is_as_precise_as_it_is_known) {
    json person = newborn();
    const auto shown = [&person](const char* birth) {
        person["birth"] = json::parse(birth);
        return person_from_json(person).birth.shown();
    };
    BOOST_TEST(shown(R"({"day":"2012-03-04"})") == "2012-03-04");
    BOOST_TEST(shown(R"({"precision":"year","year":2012})") == "2012");
    BOOST_TEST(shown(R"({"precision":"estimated","from":2008,"to":2010})") == "2008–2010");
    BOOST_TEST(shown(R"({"precision":"estimated","from":2008})") == "2008");
    BOOST_TEST(shown(R"({"precision":"unknown","place":"in mare"})").empty());
    for (const char* wrong :
         {R"({"precision":"day"})", R"({"precision":"year"})", R"({"precision":"circa"})",
          R"({"precision":"day","day":"2011-02-29"})", R"({"precision":"year","year":99})",
          R"({"precision":"year","year":"2012"})",
          R"({"precision":"estimated","from":2010,"to":2008})",
          R"({"precision":"estimated","from":1950,"to":2008})",
          R"({"precision":"unknown","day":"2012-03-04"})",
          R"({"precision":"year","year":2012,"day":"2012-03-04"})"})
        BOOST_TEST(begins(reading_birth(json::parse(wrong)), "field."), wrong);
}

BOOST_AUTO_TEST_CASE(a_wrong_check_character_is_refused_unless_the_act_carries_it) {
    BOOST_TEST(reading_code({{"code", "RSSMRA85T10A562S"}}) == "accepted");
    BOOST_TEST(reading_code({{"code", "rss mra 85t10 a562s"}}) == "accepted");
    const std::string wrong = reading_code({{"code", "RSSMRA85T10A562T"}});
    BOOST_TEST(begins(wrong, "tax_code.wrong: field 'person.tax_codes[0].code'"));
    BOOST_TEST(wrong.find("RSSMRA") == std::string::npos);
    BOOST_TEST(reading_code({{"code", "RSSMRA85T10A562T"}, {"as_found", true}}) == "accepted");
    BOOST_TEST(begins(reading_code({{"code", "RSSMRA85T10A56"}}), "field.invalid"));
    BOOST_TEST(begins(reading_code({{"code", "RSSMRA85F10A562S"}}), "field.invalid"));
    BOOST_TEST(begins(reading_code({{"code", "123"}, {"kind", "provisional"}}), "field.invalid"));
    BOOST_TEST(begins(reading_code({{"code", " - "}, {"as_found", true}}), "field.invalid"));
}

BOOST_AUTO_TEST_CASE(a_corrected_name_keeps_the_former_one_with_its_end) {
    const Person before = person_from_json(newborn());
    const auto correction = person_correction_from_json(json::parse(
        R"({"reason":"atto di nascita","source":"stato civile",
            "person":{"designation":{"surname":"Neri","name":"Lucia"},"sex":"F",
                      "birth":{"day":"2026-03-12","place":"Milano"}}})"));
    const Person after = apply(before, correction, today);
    BOOST_TEST(after.designation().shown() == "Neri Lucia");
    BOOST_TEST((after.designation().from == today));
    BOOST_REQUIRE(after.designations.size() == 2U);
    BOOST_TEST(after.designations[1].text == "neonata, 12/03/2026, Mangiagalli");
    BOOST_TEST((after.designations[1].until == today));
    BOOST_TEST((after.sex == Sex::female));
    BOOST_TEST(after.birth.place == "Milano");
    BOOST_TEST(
        correction.changed_fields() == (std::vector<std::string>{"designation", "birth", "sex"}),
        boost::test_tools::per_element());
    BOOST_TEST(to_json(person_correction_from_json(to_json(correction))) == to_json(correction));
    BOOST_TEST(apply(after, correction, today).designations.size() == 2U);  // twice changes nothing
}

BOOST_AUTO_TEST_CASE(a_definitive_tax_code_ends_only_the_codes_of_its_kind) {
    const Person before = person_from_json(full_person());
    const auto correction = person_correction_from_json(
        json::parse(R"({"reason":"rettifica","person":{"tax_code":{"code":"MRTMTT91D08F205J"}}})"));
    const Person after = apply(before, correction, today);
    BOOST_REQUIRE(after.tax_codes.size() == 3U);
    BOOST_TEST(after.tax_codes[0].code == "MRTMTT91D08F205J");
    BOOST_TEST((after.tax_codes[1].until == (Day{2013, 1, 1})));  // the provisional one, as it was
    BOOST_TEST((after.tax_codes[2].until == today));
    BOOST_TEST(reading(to_json(after)) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_ends_nothing_before_it_began) {
    const auto renaming = [](const char* surname) {
        return person_correction_from_json(
            {{"reason", "x"}, {"person", {{"designation", {{"surname", surname}}}}}});
    };
    const Person before = apply(person_from_json(newborn()), renaming("Neri"), today);
    const Person after = apply(before, renaming("Bianchi"), Day{2020, 1, 1});
    BOOST_TEST((after.designations[1].until == today));
    BOOST_TEST(reading(to_json(after)) == "accepted");

    const auto coded = [](const char* code) {
        return person_correction_from_json(
            {{"reason", "x"},
             {"person", {{"tax_code", {{"code", code}, {"from", "2026-01-01"}}}}}});
    };
    const Person twice = apply(apply(after, coded("MRTMTT91D08F205J"), today),
                               coded("RSSMRA85T10A562S"), Day{2020, 1, 1});
    BOOST_TEST(reading(to_json(twice)) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_correction_says_why_and_what) {
    const auto correcting = [](const char* text) {
        return refusal([&] {
            (void)apply(person_from_json(newborn()), person_correction_from_json(json::parse(text)),
                        today);
        });
    };
    BOOST_TEST(begins(correcting(R"({"person":{"sex":"F"}})"), "field.missing: field 'reason'"));
    BOOST_TEST(begins(correcting(R"({"reason":"x"})"), "field.missing: field 'person'"));
    BOOST_TEST(begins(correcting(R"({"reason":"x","person":{}})"), "correction.empty"));
    BOOST_TEST(begins(correcting(R"({"reason":"x","person":{"seks":"F"}})"), "field.unknown"));
    BOOST_TEST(
        begins(correcting(R"({"reason":"x","person":{"designations":[]}})"), "field.unknown"));
}

BOOST_AUTO_TEST_CASE(lists_are_bounded) {
    json person = newborn();
    person["aliases"] = json::array();
    for (std::size_t i = 0; i < designations_max; ++i) person["aliases"].push_back({{"text", "x"}});
    BOOST_TEST(reading(person) == "accepted");
    person["aliases"].push_back({{"text", "x"}});
    BOOST_TEST(begins(reading(person), "field.invalid"));
}

BOOST_AUTO_TEST_CASE(a_code_that_contradicts_the_record_is_a_doubt_not_a_refusal) {
    Person person = person_from_json(full_person());  // a man of 1985, Rossi Mario, by the code
    BOOST_TEST(tax_code_doubts(person).size() == 4U);
    person.designations.push_back({.surname = "Rossi", .name = "Mario"});
    person.birth = Birth::about(1984, 1986);
    person.sex = Sex::unknown;
    BOOST_TEST(tax_code_doubts(person).empty());
    person.sex = Sex::female;
    BOOST_REQUIRE(tax_code_doubts(person).size() == 1U);
    BOOST_TEST((tax_code_doubts(person).front() == TaxCodeDoubt::sex_differs));
    person.sex = Sex::male;
    person.birth = Birth::on({1985, 12, 11});
    BOOST_TEST((tax_code_doubts(person).front() == TaxCodeDoubt::birth_differs));
    person.birth = Birth::on({1985, 12, 10});
    person.tax_codes.back().code.back() = 'T';
    BOOST_TEST((tax_code_doubts(person).front() == TaxCodeDoubt::check_wrong));
    BOOST_TEST(!label(TaxCodeDoubt::check_wrong).empty());
}

BOOST_AUTO_TEST_SUITE_END()
