// tests/archive/exchange/file_names_tests.cpp
#include "archive/exchange/file_names.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::exchange;

namespace {

const Day march{2026, 3, 12};

std::string name_of(const std::string& original, const std::string& authority = "TM",
                    const std::string& type = "decreto") {
    return export_file_name({7, march, authority, type, original});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file_names_tests)

BOOST_AUTO_TEST_CASE(a_name_says_number_date_authority_and_type) {
    BOOST_TEST(name_of("x.pdf") == "007_2026-03-12_TM_decreto.pdf");
    BOOST_TEST(export_file_name({1234, std::nullopt, "", "", "x"}) ==
               "1234_senza-data_documento.bin");
}

BOOST_AUTO_TEST_CASE(signed_and_mail_files_keep_their_extensions) {
    BOOST_TEST(name_of("Decreto.PDF.p7m") == "007_2026-03-12_TM_decreto.pdf.p7m");
    BOOST_TEST(name_of("x.p7m") == "007_2026-03-12_TM_decreto.p7m");
    BOOST_TEST(name_of("daticert.eml") == "007_2026-03-12_TM_decreto.eml");
}

// "relazione.Inventati" must not carry a name out through its extension.
BOOST_AUTO_TEST_CASE(nothing_of_the_original_name_but_a_known_extension_goes_out) {
    BOOST_TEST(name_of("relazione.Inventati") == "007_2026-03-12_TM_decreto.bin");
    BOOST_TEST(name_of("minore Inventati.pdf.exe") == "007_2026-03-12_TM_decreto.bin");
    BOOST_TEST(name_of("x.Inventati.p7m") == "007_2026-03-12_TM_decreto.p7m");
    BOOST_TEST(name_of("") == "007_2026-03-12_TM_decreto.bin");
}

BOOST_AUTO_TEST_CASE(an_authority_is_a_code_or_initials) {
    BOOST_TEST(name_of("x.pdf", "Tribunale per i Minorenni") == "007_2026-03-12_TM_decreto.pdf");
    BOOST_TEST(name_of("x.pdf", "Fiorella Inventati (madre)") == "007_2026-03-12_FIM_decreto.pdf");
}

BOOST_AUTO_TEST_CASE(a_name_is_ascii_and_at_most_sixty_long) {
    const std::string name = name_of("x.pdf", "TM", std::string(200, 'e') + "à/../\n");
    BOOST_TEST(name.size() == 64U);
    BOOST_TEST(is_export_file_name(name));
    BOOST_TEST(name_of("x.pdf", "TM", "Richiesta dell'autorità") ==
               "007_2026-03-12_TM_richiesta-dell-autorita.pdf");
}

BOOST_AUTO_TEST_CASE(only_names_of_our_form_are_accepted) {
    for (const char* good : {"007_2026-03-12_TM_decreto.pdf", "001_x.bin", "1_x.pdf.p7m"}) {
        BOOST_TEST(is_export_file_name(good), good);
    }
    for (const char* bad : {"", "007", ".pdf", "007_x.exe", "007 x.pdf", "007_x.pdf.pdf",
                            "../007_x.pdf", "007_è.pdf", "007_x.PDF", "007_x.pdf."}) {
        BOOST_TEST(!is_export_file_name(bad), bad);
    }
}

BOOST_AUTO_TEST_CASE(a_folder_is_named_by_code_and_day) {
    BOOST_TEST(export_folder_name("2026/VII.11/000123", march) ==
               "fascicolo_2026-VII-11-000123_2026-03-12");
    BOOST_TEST(export_folder_name("///", march) == "fascicolo_senza-codice_2026-03-12");
}

BOOST_AUTO_TEST_CASE(a_path_that_leaves_its_folder_is_unsafe) {
    for (const char* good : {"a", "a/b.txt", "data/originali/001_x.pdf", "a b", "è"}) {
        BOOST_TEST(is_safe_path(good), good);
    }
    for (const char* bad : {"", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a/.", "a\\b", "C:a",
                            "a\nb", "a\x7F", "\xFF"}) {
        BOOST_TEST(!is_safe_path(bad), bad);
    }
    BOOST_TEST(is_safe_path(std::string(1024, 'a')));
    BOOST_TEST(!is_safe_path(std::string(1025, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()
