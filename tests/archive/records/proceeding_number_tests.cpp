#include "archive/records/proceeding_number.h"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace custode::records;

namespace {

constexpr int this_year = 2026;

std::string read(std::string_view text) {
    const auto number = parse_proceeding_number(text, this_year);
    return number ? number->normal() : "none";
}

std::string all_in(std::string_view text) {
    std::string out;
    for (const FoundNumber& found : find_all(text, this_year))
        out += (out.empty() ? "" : " | ") + found.number.normal();
    return out;
}

struct Example {
    std::string_view text;
    std::string_view normal;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(proceeding_number_tests)

BOOST_AUTO_TEST_CASE(the_examples_of_the_domain_are_read) {
    for (const auto& [text, normal] :
         {Example{"R.G. 567/2025", "RG 567/2025"}, Example{"RG n. 12345/2022", "RG 12345/2022"},
          Example{"n. cronol. 3456/2023", "CRON 3456/2023"},
          Example{"n. cronol. 3456/2023 del 10/10/2023", "CRON 3456/2023"},
          Example{"R.G.V.G. 1234/20", "VG 1234/2020"}, Example{"R.G.N.R. 991/24", "RGNR 991/2024"},
          Example{"R.G. GIP 12/2023", "RGGIP 12/2023"},
          Example{"R.G. 1234-1/2023", "RG 1234-1/2023"},
          Example{"R.G. A.C. 55/2024", "RGAC 55/2024"}})
        BOOST_TEST(read(text) == normal, text);
}

BOOST_AUTO_TEST_CASE(the_ways_in_which_offices_write_are_read) {
    for (const auto& [text, normal] : {Example{"r.g. 567/2025", "RG 567/2025"},
                                       Example{"R. G. 567 / 2025", "RG 567/2025"},
                                       Example{"RG567/2025", "RG 567/2025"},
                                       Example{"RG n.567/2025", "RG 567/2025"},
                                       Example{"R.G. nr. 567/2025", "RG 567/2025"},
                                       Example{"R.G. nr 567/2025", "RG 567/2025"},
                                       Example{"R.G. NR 567/2025", "RGNR 567/2025"},
                                       Example{"R.G.n.r. 567/2025", "RGNR 567/2025"},
                                       Example{"RGNR n. 567/2025", "RGNR 567/2025"},
                                       Example{"R.G. num. 567/2025", "RG 567/2025"},
                                       Example{"R.G. numero 567/2025", "RG 567/2025"},
                                       Example{"R.G. n° 567/2025", "RG 567/2025"},
                                       Example{"R.G. nº 567/2025", "RG 567/2025"},
                                       Example{"R.G. n.° 567/2025", "RG 567/2025"},
                                       Example{"N. R.G. 567/2025", "RG 567/2025"},
                                       Example{"proc. n. 567/2025 R.G.", "RG 567/2025"},
                                       Example{"n. 567/25 R.G.V.G.", "VG 567/2025"},
                                       Example{"567-2/2025 V.G.", "VG 567-2/2025"},
                                       Example{"V.G. 567/2025", "VG 567/2025"},
                                       Example{"VG 567/2025", "VG 567/2025"},
                                       Example{"R.G. 1234/1/2023", "RG 1234-1/2023"},
                                       Example{"R.G. 1234–1/2023", "RG 1234-1/2023"},
                                       Example{"R.G. 0567/2025", "RG 567/2025"},
                                       Example{"R.G.\u00A0567/2025", "RG 567/2025"},
                                       Example{"R.G.\n567/2025", "RG 567/2025"},
                                       Example{"Sent. n. 89/2021", "SENT 89/2021"},
                                       Example{"sentenza n. 89/2021", "SENT 89/2021"},
                                       Example{"Rep. 77/2020", "REP 77/2020"},
                                       Example{"Cron. 1/2020", "CRON 1/2020"},
                                       Example{"R.G. ADS 3/2024", "ADS 3/2024"},
                                       Example{"ADOT 4/2024", "ADOT 4/2024"},
                                       Example{"mod. 21 n. 4/2024", "MOD21 4/2024"},
                                       Example{"R.G. G.I.P. 12/2023", "RGGIP 12/2023"},
                                       Example{"(R.G. 1/99)", "RG 1/1999"},
                                       Example{"R.G. 1/26", "RG 1/2026"},
                                       Example{"R.G. 1/27", "RG 1/1927"},
                                       Example{"R.G. 9999999/2025", "RG 9999999/2025"}})
        BOOST_TEST(read(text) == normal, text);
}

BOOST_AUTO_TEST_CASE(what_only_resembles_a_number_is_not_read) {
    for (const std::string_view text : {"",
                                        "R.G.",
                                        "567/2025",
                                        "R.G. 567",
                                        "R.G. 567/",
                                        "R.G. /2025",
                                        "R.G. 0/2025",
                                        "R.G. 12345678/2025",
                                        "R.G. 567/20255",
                                        "R.G. 567/202",
                                        "R.G. 567/1899",
                                        "R.G. 567/2100",
                                        "ARG 567/2025",
                                        "BORG. 567/2025",
                                        "R.G. abc/2025",
                                        "R.G. 567-0/2025",
                                        "R.G. 567-1234/2025",
                                        "R.G. 567 - 1/2025 /",
                                        "prot. 567/2025",
                                        "il 12/03/2026",
                                        "R.G.          567/2025",
                                        "X567/2025 R.G.",
                                        "567/2025 RGB",
                                        "Reparto 3/2024",
                                        "\xC2",
                                        "R.G. \xFF/2025"})
        BOOST_TEST(read(text) == "none", text);
}

BOOST_AUTO_TEST_CASE(the_same_number_in_two_registers_stays_two) {
    BOOST_TEST(read("R.G. 567/2025") != read("R.G.V.G. 567/2025"));
    BOOST_TEST(all_in("R.G. 567/2025, R.G.V.G. 567/2025") == "RG 567/2025 | VG 567/2025");
}

BOOST_AUTO_TEST_CASE(two_numbers_in_one_text_are_not_guessed_between) {
    BOOST_TEST(read("R.G. 567/2025 e R.G. 568/2025") == "none");
}

BOOST_AUTO_TEST_CASE(a_text_gives_all_its_numbers_in_order_with_their_places) {
    const std::string text =
        "Nel procedimento n. 567/2025 R.G.V.G. (già R.G. 12/2019), decreto cron. 3456/2025 del "
        "10/10/2025; si veda 88/2024 V.G. 99/2024.";
    BOOST_TEST(all_in(text) == "VG 567/2025 | RG 12/2019 | CRON 3456/2025 | VG 99/2024");
    const auto found = find_all(text, this_year);
    BOOST_TEST(text.substr(found[1].offset, found[1].size) == "R.G. 12/2019");
    BOOST_TEST(text.substr(found[0].offset, found[0].size) == "567/2025 R.G.V.G.");
}

BOOST_AUTO_TEST_CASE(a_bare_number_is_read_only_when_it_is_the_whole_text) {
    BOOST_TEST(parse_bare_number(" 567/2025 ", this_year)->normal() == "567/2025");
    BOOST_TEST(parse_bare_number("567-1/25", this_year)->normal() == "567-1/2025");
    for (const std::string_view text : {"567", "567/2025 x", "R.G. 567/2025", "", "/", "567/2025/"})
        BOOST_TEST(!parse_bare_number(text, this_year), text);
}

// A page of a scanner's noise: the separators between the pieces vary, the number does not.
BOOST_AUTO_TEST_CASE(spelling_variants_of_one_number_compare_equal) {
    int variants = 0;
    for (const std::string_view token :
         {"R.G.V.G.", "RGVG", "r.g.v.g.", "R. G. V. G.", "V.G.", "VG", "R.G. V.G."})
        for (const std::string_view sign :
             {"", " ", " n. ", " n.", " nr. ", " num. ", " n° ", "  N. "})
            for (const std::string_view slash : {"/", " / ", "/ ", " /"})
                for (const std::string_view year : {"2025", "25"}) {
                    const std::string text = std::string(token) + std::string(sign) + "1234-1" +
                                             std::string(slash) + std::string(year);
                    BOOST_TEST(read(text) == "VG 1234-1/2025", text);
                    ++variants;
                }
    BOOST_TEST(variants >= 200);
}

BOOST_AUTO_TEST_CASE(random_texts_never_read_outside_and_every_find_reads_back) {
    constexpr unsigned seed = 20261123;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    constexpr std::string_view alphabet = "RGVNACIP.rgn/-0123456789 \n\xC2\xB0\xA0mod";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto i = random() % 40; i > 0; --i) text += alphabet[random() % alphabet.size()];
        std::size_t end = 0;
        for (const FoundNumber& found : find_all(text, this_year)) {
            BOOST_TEST(found.offset >= end);
            end = found.offset + found.size;
            BOOST_REQUIRE(end <= text.size());
            BOOST_TEST(read(found.number.normal()) == found.number.normal(), text);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_long_text_is_read_in_linear_time_up_to_the_bound) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += "R.G. n. 567/2025 ";
    BOOST_TEST(find_all(text, this_year).size() == found_numbers_max);
    BOOST_TEST(find_all(std::string(1'000'000, ' '), this_year).empty());
    BOOST_TEST(find_all(std::string(1'000'000, '1'), this_year).empty());
}

BOOST_AUTO_TEST_SUITE_END()
