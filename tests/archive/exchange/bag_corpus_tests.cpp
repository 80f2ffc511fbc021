// tests/archive/exchange/bag_corpus_tests.cpp
#include "archive/exchange/bag_check.h"
#include "tests/archive/exchange/temporary_folder.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>

using namespace custode::exchange;

namespace fs = std::filesystem;

namespace {

/// Real files of others, not part of the repository.
const char* corpus() { return std::getenv("CUSTODE_CORPUS"); }

boost::test_tools::assertion_result with_corpus(boost::unit_test::test_unit_id) {
    return corpus() != nullptr;
}

std::string findings_of(const BagReport& report) {
    std::string out;
    for (const BagFinding& f : report.findings)
        out += f.code + " " + f.path + ": " + f.message + "\n";
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bag_corpus_tests)

BOOST_AUTO_TEST_CASE(the_conformance_suite_s_bags_are_judged_as_it_says,
                     *boost::unit_test::precondition(with_corpus)) {
    std::size_t valid = 0, invalid = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(corpus()) / "bagit")) {
        const std::string name = entry.path().filename().string();
        const BagReport report = check_bag(entry.path());
        const bool expected = name.find("_valid_") != std::string::npos;
        BOOST_TEST(report.valid() == expected, name + "\n" + findings_of(report));
        ++(expected ? valid : invalid);
    }
    BOOST_TEST(valid > 0U);
    BOOST_TEST(invalid > 0U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_an_invalid_bag_is_named,
                     *boost::unit_test::precondition(with_corpus)) {
    const auto has = [](const char* bag, const char* code, const char* path) {
        const BagReport report = check_bag(fs::path(corpus()) / "bagit" / bag);
        const bool found =
            std::any_of(report.findings.begin(), report.findings.end(),
                        [&](const BagFinding& f) { return f.code == code && f.path == path; });
        BOOST_TEST(found, findings_of(report));
    };
    has("v0.97_invalid_corrupt-data-file", "file.changed", "data/bare-filename");
    has("v1.0_invalid_notAllManifestsListAllFiles", "file.not_listed",
        "data/missingFromManifest.txt");
    has("v0.97_invalid_out-of-scope-file-paths-using-dot-notation", "file.bad_name",
        "../../../README.md");
}

// Bombs, links, "../", lying counts and sizes, names that differ between directory and entry:
// none is an export, none may hang, crash or write anywhere.
BOOST_AUTO_TEST_CASE(no_hostile_archive_is_a_bag, *boost::unit_test::precondition(with_corpus)) {
    std::size_t judged = 0;
    for (const char* folder :
         {"archives", "hostile/zip", "hostile/zip-slip", "hostile/bombs", "hostile/libarchive"}) {
        for (const auto& entry : fs::directory_iterator(fs::path(corpus()) / folder)) {
            if (!entry.is_regular_file()) continue;
            BOOST_TEST(!check_bag(entry.path()).valid(), entry.path().filename().string());
            ++judged;
        }
    }
    BOOST_TEST(judged > 30U);
}

BOOST_AUTO_TEST_SUITE_END()
