#include "archive/search/index.h"

#include "tests/archive/search/town.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::records;
using namespace custode::search;
using namespace custode::search::tests;

namespace {

/// Five invented children.
struct Town {
    Town() {
        DossierFacts anna = dossier(1, "D'Amico", "Anna Maria");
        anna.person.birth = Birth::on({2012, 3, 4});
        anna.person.tax_codes.push_back({.code = "RSSMRA85T10A562S"});
        anna.person.external_ids.push_back({.system = "SISA", .value = "2020/1234"});
        index.put(anna);
        DossierFacts ivan = dossier(2, "Петров", "Иван");
        ivan.person.aliases.push_back({.surname = "Rossi", .name = "Giovanni"});
        ivan.person.birth = Birth::about(2008, 2010);
        index.put(ivan);
        DossierFacts rossi = dossier(3, "Rossi", "Niccolò");
        rossi.person.birth = Birth::in(2012);
        index.put(rossi);
        DossierFacts newborn = dossier(4, "", "");
        newborn.person.designations = {{.text = "neonata, 12/03/2026, Mangiagalli"}};
        index.put(newborn);
        index.put(dossier(5, "Rossi Bianchi", "Annamaria"));
        const std::vector<ProceedingNumber> numbers{{"RG", 567, 0, 2025}, {"VG", 12, 1, 2024}};
        index.add_numbers(dossier_id(1), numbers);
        index.add_numbers(dossier_id(3), std::vector<ProceedingNumber>{{"VG", 567, 0, 2025}});
    }
    DossierIndex index;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_tests, Town)

BOOST_AUTO_TEST_CASE(a_name_is_found_however_it_is_spelt) {
    for (const char* text :
         {"D'Amico", "d’amico", "damico", "d amico", "DAMICO ANNA", "anna maria d'amico",
          "annamaria damico", "Maria Anna Damico", "dam ann", "ÁNNA D`AMICO", "amico"})
        BOOST_TEST(found(index, text) == "1", text);
    for (const char* text : {"niccolo", "NICCOLÒ ROSSI", "rossi niccolo'", "nicc"})
        BOOST_TEST(found(index, text) == "3", text);
    for (const char* text : {"petrov", "Петров", "ivan petrov"})
        BOOST_TEST(found(index, text) == "2", text);
    BOOST_TEST(found(index, "mangiagalli") == "4");
    BOOST_TEST(found(index, "bianchi anna maria") == "5");
}

BOOST_AUTO_TEST_CASE(every_word_must_match) {
    BOOST_TEST(found(index, "rossi anna") == "5");
    BOOST_TEST(found(index, "rossi ivan") == "2");
    BOOST_TEST(found(index, "rossi carlo").empty());
    BOOST_TEST(found(index, "ossi").empty());
    BOOST_TEST(found(index, "a").empty());  // one letter is no beginning
    for (const char* text : {"", "  ", "---", "\xFF"}) BOOST_TEST(found(index, text).empty());
}

BOOST_AUTO_TEST_CASE(the_name_in_use_comes_before_an_alias_and_equals_in_order_of_code) {
    BOOST_TEST(found(index, "rossi") == "3 5 2");
}

BOOST_AUTO_TEST_CASE(a_birth_narrows_but_never_hides_who_has_none) {
    BOOST_TEST(found(index, "rossi 2012") == "3 5");
    BOOST_TEST(found(index, "rossi 2009") == "2 5");
    BOOST_TEST(found(index, "04/03/2012") == "1 3");
    BOOST_TEST(found(index, "d'amico 4 marzo 2012") == "1");
    BOOST_TEST(found(index, "d'amico 05/03/2012").empty());
    BOOST_TEST(found(index, "2012") == "1 3");
}

BOOST_AUTO_TEST_CASE(a_tax_code_is_found_whole_begun_and_with_one_slip) {
    for (const char* text : {"RSSMRA85T10A562S", "rss mra 85t10 a562s", "RSSMRA85",
                             "RSSMRA85T10A562T", "RSSMRA58T10A562S", "XSSMRA85T10A562S"})
        BOOST_TEST(found(index, text) == "1", text);
    BOOST_TEST(found(index, "XSSMRA85T10A562T").empty());
    const Hits exact = index.query("RSSMRA85T10A562S", {.current_year = 2026}, everything);
    BOOST_TEST(exact.items.at(0).on(Match::tax_code));
    BOOST_TEST(!exact.items.at(0).on(Match::tax_code_near));
    const Hits near = index.query("RSSMRA85T10A562T", {.current_year = 2026}, everything);
    BOOST_TEST(near.items.at(0).on(Match::tax_code_near));
    BOOST_TEST(near.items.at(0).score < exact.items.at(0).score);
}

BOOST_AUTO_TEST_CASE(codes_numbers_and_outside_ids_are_found) {
    for (const char* text : {"2026/VII.11/000003", "3/2026", "2026/3", "2026/000003",
                             "V.G. 567/2025", "n. 567/25 R.G.V.G."})
        BOOST_TEST(found(index, text) == "3", text);
    BOOST_TEST(found(index, "R.G. 567/2025") == "1");
    BOOST_TEST(found(index, "567/2025") == "1 3");  // whatever the register
    BOOST_TEST(found(index, "VG 12-1/2024") == "1");
    BOOST_TEST(found(index, "VG 12/2024").empty());
    BOOST_TEST(found(index, "rossi V.G. 567/2025") == "3");
    BOOST_TEST(found(index, "bianchi V.G. 567/2025").empty());
    for (const char* text : {"SISA 2020/1234", "sisa:2020/1234", "2020/1234"})
        BOOST_TEST(found(index, text) == "1", text);
}

BOOST_AUTO_TEST_CASE(a_correction_replaces_what_was_known_but_keeps_the_numbers) {
    index.put(dossier(1, "Neri", "Lucia"));
    BOOST_TEST(index.size() == 5U);
    BOOST_TEST(found(index, "damico").empty());
    BOOST_TEST(found(index, "RSSMRA85T10A562S").empty());
    BOOST_TEST(found(index, "SISA 2020/1234").empty());
    BOOST_TEST(found(index, "neri") == "1");
    BOOST_TEST(found(index, "R.G. 567/2025") == "1");
}

BOOST_AUTO_TEST_CASE(what_is_removed_is_gone_and_its_place_is_clean) {
    index.remove(dossier_id(1));
    index.remove(dossier_id(1));
    BOOST_TEST(index.size() == 4U);
    for (const char* text : {"damico", "RSSMRA85T10A562S", "RSSMRA85T10A562T", "R.G. 567/2025",
                             "1/2026", "04/03/2012 damico", "SISA 2020/1234"})
        BOOST_TEST(found(index, text).empty(), text);
    index.put(dossier(9, "Verdi", "Ugo"));
    BOOST_TEST(found(index, "verdi") == "9");
    BOOST_TEST(found(index, "R.G. 567/2025").empty());
    BOOST_TEST(found(index, "9/2026") == "9");
}

BOOST_AUTO_TEST_CASE(hits_are_bounded_and_more_is_said_only_of_what_may_be_seen) {
    const auto ask = [this](std::size_t hits_max, const DossierIndex::Allowed& allowed) {
        return index.query("rossi", {.current_year = 2026, .hits_max = hits_max}, allowed);
    };
    BOOST_TEST(ask(2, everything).items.size() == 2U);
    BOOST_TEST(ask(2, everything).has_more);
    BOOST_TEST(!ask(3, everything).has_more);
    const auto not_the_last = [](const DossierId& id) { return number_of(id) != 2; };
    BOOST_TEST(!ask(2, not_the_last).has_more);
}

// Every query is answered as by an index that never held what may not be seen.
BOOST_AUTO_TEST_CASE(what_may_not_be_seen_leaves_no_trace) {
    for (std::uint32_t hidden = 1; hidden <= 5; ++hidden) {
        Town without;
        without.index.remove(dossier_id(hidden));
        const auto allowed = [hidden](const DossierId& id) { return number_of(id) != hidden; };
        for (const char* text :
             {"rossi", "anna", "2012", "567/2025", "1/2026", "RSSMRA85T10A562S", "RSSMRA85T10A562T",
              "sisa 2020/1234", "mangiagalli", "rossi 2009"}) {
            const DossierIndex::Options options{.current_year = 2026, .hits_max = 2};
            const Hits with = index.query(text, options, allowed);
            const Hits never = without.index.query(text, options, everything);
            BOOST_TEST(with.has_more == never.has_more);
            BOOST_REQUIRE(with.items.size() == never.items.size());
            for (std::size_t i = 0; i < with.items.size(); ++i) {
                BOOST_TEST((with.items[i].id == never.items[i].id));
                BOOST_TEST(with.items[i].score == never.items[i].score);
                BOOST_TEST(with.items[i].matches == never.items[i].matches);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
