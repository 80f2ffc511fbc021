#include "archive/records/code_list.h"

#include "tests/archive/records/refusals.h"

using namespace custode;
using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;

BOOST_AUTO_TEST_SUITE(code_list_tests)

BOOST_AUTO_TEST_CASE(the_shipped_lists_hold_what_the_contract_fixes) {
    for (const char* id : {"TM", "PMM", "TO-IX", "TO-VIII", "PM-TO", "CA", "QUESTURA", "CC", "PL"})
        BOOST_TEST(authorities().find(id) != nullptr, id);
    for (const char* id :
         {"municipio-1", "municipio-9", "pronto-intervento-minori", "affidi", "spazio-neutro",
          "gea", "giunco", "penale-minorile", "indagini-sociali", "amministrativa", "avvocatura"})
        BOOST_TEST(units().find(id) != nullptr, id);
    BOOST_TEST(units().entries().size() == 18U);
    for (const char* id : {"decreto", "ordinanza", "sentenza", "verbale", "biglietto-cancelleria",
                           "richiesta-pm", "ricorso", "notifica"})
        BOOST_TEST(document_types().find(id) != nullptr, id);
    BOOST_TEST(authorities().find("tm") == nullptr);
}

BOOST_AUTO_TEST_CASE(courts_are_judicial_and_lead_to_their_successors) {
    const CodeEntry* court = authorities().find("TM");
    BOOST_REQUIRE(court != nullptr);
    BOOST_TEST(court->judicial);
    BOOST_REQUIRE(court->successors.size() == 1U);
    BOOST_TEST(authorities().find(court->successors.front()) != nullptr);
    BOOST_TEST(!authorities().find("QUESTURA")->judicial);
}

BOOST_AUTO_TEST_CASE(validity_includes_both_days) {
    const CodeList list = CodeList::read(R"({"entries":[{"id":"a","label":"A","source":"s",
        "valid_from":"2026-01-01","valid_until":"2026-12-31"}]})");
    const CodeEntry& entry = list.entries().front();
    BOOST_TEST(entry.valid_on({2026, 1, 1}));
    BOOST_TEST(entry.valid_on({2026, 12, 31}));
    BOOST_TEST(!entry.valid_on({2025, 12, 31}));
    BOOST_TEST(!entry.valid_on({2027, 1, 1}));
}

BOOST_AUTO_TEST_CASE(a_bad_list_is_refused_whole) {
    const auto reading = [](const char* text) {
        return refusal([&] { (void)CodeList::read(text); });
    };
    BOOST_TEST(begins(reading(R"({"entries":[{"id":"a","label":"A"}]})"), "field.missing"));
    BOOST_TEST(begins(reading(R"({"entries":[{"id":"a","label":"A","source":"s","x":1}]})"),
                      "field.unknown"));
    BOOST_TEST(begins(reading(R"({"entries":[{"id":"a","label":"A","source":"s"},
                                              {"id":"a","label":"B","source":"s"}]})"),
                      "field.invalid"));
    BOOST_TEST(
        begins(reading(R"({"entries":[{"id":"a","label":"A","source":"s","successors":["b"]}]})"),
               "field.invalid"));
    BOOST_TEST(begins(reading(R"({"entries":[{"id":"a","label":"A","source":"s",
        "valid_from":"2026-01-02","valid_until":"2026-01-01"}]})"),
                      "field.invalid"));
    BOOST_TEST(begins(reading("[]"), "field.invalid"));
}

BOOST_AUTO_TEST_CASE(an_alias_finds_its_entry_and_one_word_has_one_meaning) {
    BOOST_TEST(document_types().find("decree")->id == "decreto");
    BOOST_TEST(document_types().find("lettera")->id == "corrispondenza");
    BOOST_TEST((document_types().find("decrees") == nullptr));
    BOOST_TEST(begins(refusal([] {
                          (void)CodeList::read(
                              R"({"entries":[{"id":"a","label":"A","source":"s","aliases":["b"]},
                                              {"id":"b","label":"B","source":"s"}]})");
                      }),
                      "field.invalid"));
}

BOOST_AUTO_TEST_SUITE_END()
