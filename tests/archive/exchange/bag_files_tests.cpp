// tests/archive/exchange/bag_files_tests.cpp
#include "archive/exchange/bag_files.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::exchange;

namespace {

const std::string zeroes(64, '0');

}  // namespace

BOOST_AUTO_TEST_SUITE(bag_files_tests)

BOOST_AUTO_TEST_CASE(a_declaration_has_two_lines_of_known_values) {
    const std::string good = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    BOOST_TEST(parse_declaration(good)->version == "1.0");
    BOOST_TEST(
        parse_declaration("BagIt-Version: 0.97\r\nTag-File-Character-Encoding: UTF-16")->encoding ==
        "UTF-16");
    for (const std::string& bad :
         {std::string(), good + "more", "\n" + good,
          std::string("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n"),
          std::string("BagIt-Version: 1.0\nTag-File-Character-Encoding: ROT13\n"),
          std::string("Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n")}) {
        BOOST_TEST(!parse_declaration(bad), bad);
    }
}

BOOST_AUTO_TEST_CASE(manifest_lines_of_other_writers_are_read) {
    const Manifest manifest =
        parse_manifest(zeroes + "  data/a b\n" + zeroes + " *data/b\r\n" + zeroes + "\t./data/c\r" +
                           std::string(64, 'A') + "  data/%0Ad%25\n",
                       64);
    BOOST_TEST(manifest.bad_lines.empty());
    BOOST_TEST(manifest.digests.size() == 4U);
    BOOST_TEST(manifest.digests.count("data/a b") == 1U);
    BOOST_TEST(manifest.digests.count("data/b") == 1U);
    BOOST_TEST(manifest.digests.count("data/c") == 1U);
    BOOST_TEST(manifest.digests.at("data/\nd%") == std::string(64, 'a'));
}

BOOST_AUTO_TEST_CASE(lines_that_are_none_are_kept_apart) {
    for (const std::string& bad :
         {zeroes, zeroes + " ", zeroes.substr(1) + "  data/a", zeroes + "0  data/a",
          "x" + zeroes.substr(1) + "  data/a", "  " + zeroes + "  data/a"}) {
        BOOST_TEST(parse_manifest(bad, 64).bad_lines.size() == 1U, bad);
    }
    BOOST_TEST(parse_manifest(zeroes + "  a\n" + zeroes + "  a\n", 64).bad_lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(sixteen_bit_text_needs_its_mark_and_whole_pairs) {
    const auto decode = [](std::string_view bytes) {
        return decode_tag_file(view(bytes), "UTF-16");
    };
    BOOST_TEST(decode({"\xFE\xFF\0a\xD8\x34\xDD\x1E", 8}).value() == "a𝄞");
    BOOST_TEST(decode({"\xFF\xFE"
                       "a\0",
                       4})
                   .value() == "a");
    for (const std::string_view bad :
         {std::string_view("\0a", 2), std::string_view("\xFE\xFF\0", 3),
          std::string_view("\xFE\xFF\xD8\x34", 4), std::string_view("\xFE\xFF\xDD\x1E", 4),
          std::string_view("\xFE\xFF\xD8\x34\0a", 6)}) {
        BOOST_TEST(!decode(bad));
    }
    BOOST_TEST(!decode_tag_file(view("\xFF"), "UTF-8"));
}

BOOST_AUTO_TEST_CASE(totals_are_two_numbers) {
    BOOST_TEST(parse_oxum("12.3")->bytes == 12U);
    BOOST_TEST(parse_oxum("12.3")->files == 3U);
    for (const char* bad : {"", "12", "12.", ".3", "12.3.4", "-1.2", "99999999999999999999.1"}) {
        BOOST_TEST(!parse_oxum(bad), bad);
    }
    BOOST_TEST(info_value("A: 1\nB: 2\n  more\nB: 3\n", "B").value() == "2 more");
    BOOST_TEST(!info_value("AB: 1\n", "B"));
}

BOOST_AUTO_TEST_CASE(manifest_names_tell_kind_and_algorithm) {
    BOOST_TEST(parse_manifest_name("manifest-sha256.txt")->algorithm == "sha256");
    BOOST_TEST(parse_manifest_name("tagmanifest-md5.txt")->of_tags);
    for (const char* bad : {"manifest.txt", "data/manifest-md5.txt", "manifest-md5.txtx", "x"}) {
        BOOST_TEST(!parse_manifest_name(bad), bad);
    }
}

BOOST_AUTO_TEST_SUITE_END()
