// tests/archive/exchange/bag_check_tests.cpp
#include "archive/exchange/bag_check.h"

#include "archive/base/error.h"
#include "tests/archive/exchange/sample_export.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace custode;
using namespace custode::exchange;
using namespace custode::exchange::testing;

namespace fs = std::filesystem;

namespace {

/// One export, made once (its PDF takes a second) and copied for each test that changes it.
struct UnpackedExport {
    UnpackedExport() : bag(folder.path() / "bag") {
        fs::copy(original().bag, bag, fs::copy_options::recursive);
    }

    struct Original {
        Original() {
            write_file(folder.path() / "x.zip", sample.zip());
            const std::string command =
                "cd '" + folder.path().string() + "' && unzip -q x.zip && mv fascicolo_* bag";
            BOOST_REQUIRE(std::system(command.c_str()) == 0);
        }
        SampleExport sample{3};
        TemporaryFolder folder;
        fs::path bag = folder.path() / "bag";
    };
    static const Original& original() {
        static const Original made;
        return made;
    }

    static std::vector<std::string> files() {
        std::vector<std::string> out;
        for (const auto& entry : fs::recursive_directory_iterator(original().bag)) {
            if (!entry.is_regular_file()) continue;
            out.push_back(entry.path().lexically_relative(original().bag).string());
        }
        return out;
    }

    void restore(const std::string& file) const {
        fs::copy_file(original().bag / file, bag / file, fs::copy_options::overwrite_existing);
    }

    BagReport check() const { return check_bag(bag, {original().sample.log.key}); }

    /// Writes both manifests anew, as a forger would who knows BagIt but has no log key.
    void forge_manifests() const {
        const std::string command =
            "cd '" + bag.string() +
            "' && rm -f *manifest* && "
            "find data -type f | sort | xargs sha256sum > manifest-sha256.txt && "
            "n=$(find data -type f | wc -l) && b=$(find data -type f -printf '%s\\n' | "
            "awk '{s+=$1} END {print s}') && sed -i \"s/^Payload-Oxum.*/Payload-Oxum: $b.$n/\" "
            "bag-info.txt && sha256sum bag* manifest-sha256.txt > tagmanifest-sha256.txt";
        BOOST_REQUIRE(std::system(command.c_str()) == 0);
    }

    TemporaryFolder folder;
    fs::path bag;
};

bool names(const BagReport& report, const std::string& file) {
    return std::any_of(report.findings.begin(), report.findings.end(), [&](const BagFinding& f) {
        return f.path == file || f.message.find(file) != std::string::npos;
    });
}

bool has(const BagReport& report, const std::string& code, const std::string& path) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const BagFinding& f) { return f.code == code && f.path == path; });
}

std::string changed_in_the_middle(std::string bytes) {
    if (bytes.empty()) return "x";
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bag_check_tests)

BOOST_FIXTURE_TEST_CASE(an_untouched_export_has_no_finding, UnpackedExport) {
    BOOST_TEST(check().valid());
    BOOST_TEST(check().receipts == 3U);
}

BOOST_FIXTURE_TEST_CASE(every_changed_file_is_named, UnpackedExport) {
    for (const std::string& file : files()) {
        write_file(bag / file, changed_in_the_middle(read_file(bag / file)));
        BOOST_TEST(!check().valid(), file);
        BOOST_TEST(names(check(), file), file);
        restore(file);
    }
    BOOST_TEST(check().valid());
}

BOOST_FIXTURE_TEST_CASE(every_shortened_and_lengthened_file_is_named, UnpackedExport) {
    for (const std::string& file : files()) {
        const std::string bytes = read_file(bag / file);
        for (const std::string& other : {bytes.substr(0, bytes.size() - 2), bytes + "x"}) {
            write_file(bag / file, other);
            BOOST_TEST(names(check(), file), file);
        }
        restore(file);
    }
}

BOOST_FIXTURE_TEST_CASE(every_removed_file_is_named, UnpackedExport) {
    for (const std::string& file : files()) {
        fs::remove(bag / file);
        BOOST_TEST(names(check(), file), file);
        restore(file);
    }
}

BOOST_FIXTURE_TEST_CASE(every_renamed_file_is_named_twice, UnpackedExport) {
    for (const std::string& file : files()) {
        const std::string other = file + "x";
        fs::rename(bag / file, bag / other);
        const BagReport report = check();
        BOOST_TEST(names(report, file), file);
        BOOST_TEST(names(report, other), other);
        fs::rename(bag / other, bag / file);
    }
}

BOOST_FIXTURE_TEST_CASE(every_added_file_is_named, UnpackedExport) {
    for (const char* file : {"data/originali/004_x.pdf", "data/prove/004.json", "data/extra.txt",
                             "extra.txt", "data/originali/.hidden", "sub/extra.txt"}) {
        write_file(bag / file, "added");
        BOOST_TEST(names(check(), file), file);
        fs::remove_all(bag / file);
    }
}

BOOST_FIXTURE_TEST_CASE(a_link_is_not_followed, UnpackedExport) {
    fs::create_symlink("/etc/hostname", bag / "data/originali/004_x.pdf");
    BOOST_TEST(has(check(), "file.not_regular", "data/originali/004_x.pdf"));
}

// Whoever can rewrite the manifests still lacks the log key: the receipts give him away.
BOOST_FIXTURE_TEST_CASE(a_forger_without_the_key_is_found_in_spite_of_new_manifests,
                        UnpackedExport) {
    forge_manifests();
    BOOST_TEST(check().valid());  // so that what follows is the change's doing
    const ExportDocument& second = original().sample.documents[1];
    const std::string file = "data/originali/" + second.file_name;
    write_file(bag / file, changed_in_the_middle(read_file(bag / file)));
    forge_manifests();
    BOOST_TEST(check().findings.size() == 1U);
    BOOST_TEST(has(check(), "receipt.bad", "data/prove/002.json"));
    BOOST_TEST(check().receipts == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_removed_original_leaves_its_receipt_behind, UnpackedExport) {
    fs::remove(bag / "data/originali" / original().sample.documents[1].file_name);
    forge_manifests();
    BOOST_TEST(has(check(), "receipt.extra", "data/prove/002.json"));
}

BOOST_FIXTURE_TEST_CASE(an_original_without_receipt_is_found, UnpackedExport) {
    write_file(bag / "data/originali/004_x.pdf", "smuggled in");
    forge_manifests();
    BOOST_TEST(has(check(), "receipt.missing", "data/originali/004_x.pdf"));
    fs::copy_file(bag / "data/prove/003.json", bag / "data/prove/004.json");
    forge_manifests();
    BOOST_TEST(has(check(), "receipt.bad", "data/prove/004.json"));
}

BOOST_FIXTURE_TEST_CASE(taking_away_the_proofs_does_not_spare_the_check, UnpackedExport) {
    fs::remove_all(bag / "data/prove");
    forge_manifests();
    BOOST_TEST(has(check(), "checkpoint.bad", "data/prove/checkpoint"));
    BOOST_TEST(check().receipts == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_export_signed_by_another_log_is_refused_by_who_pins_a_key,
                        UnpackedExport) {
    const proof::testing::TestLog other("custode.example/5d9c7b6a", 2);
    const BagReport report = check_bag(bag, {other.key});
    BOOST_TEST(has(report, "key.other", "data/prove/chiave-pubblica.txt"));
    BOOST_TEST(report.receipts == 0U);
    BOOST_TEST(check_bag(bag).valid());  // without a pinned key the bag's own is used
}

BOOST_FIXTURE_TEST_CASE(manifests_name_no_place_outside, UnpackedExport) {
    for (const char* path : {"../../etc/passwd", "/etc/passwd", "data/../../x", "bagit.txt"}) {
        std::string manifest = read_file(bag / "manifest-sha256.txt");
        write_file(bag / "manifest-sha256.txt",
                   manifest + std::string(64, '0') + "  " + path + "\n");
        BOOST_TEST(has(check(), "file.bad_name", path), path);
        restore("manifest-sha256.txt");
    }
}

BOOST_FIXTURE_TEST_CASE(a_bag_that_must_be_fetched_is_incomplete, UnpackedExport) {
    write_file(bag / "fetch.txt", "http://example.org/x - data/x\n");
    BOOST_TEST(has(check(), "bag.incomplete", "fetch.txt"));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_an_error_and_what_is_no_bag_a_finding) {
    BOOST_CHECK_EXCEPTION(check_bag("/nonexistent/x"), Error, [](const Error& error) {
        return error.code() == ErrorCode::not_found && error.name() == "bag.missing";
    });
    const TemporaryFolder folder;
    write_file(folder.path() / "x", "not a bag");
    BOOST_TEST(has(check_bag(folder.path()), "bag.no_declaration", "bagit.txt"));
    BOOST_TEST(has(check_bag(folder.path()), "bag.no_manifest", ""));
    BOOST_TEST(has(check_bag(folder.path() / "x"), "zip.refused", ""));
    const TemporaryFolder empty;
    BOOST_TEST(!check_bag(empty.path()).valid());
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_of_a_zip_is_found) {
    SampleExport sample(1);
    const std::string zip = sample.zip();
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.zip";
    std::size_t unnoticed = 0, tried = 0;
    for (std::size_t at = 0; at < zip.size(); at += 61) {
        std::string other = zip;
        other[at] = static_cast<char>(other[at] ^ 4);
        write_file(path, other);
        ++tried;
        if (check_bag(path, {sample.log.key}).valid()) ++unnoticed;
    }
    // A zip carries times, versions and hints that no content depends on; they may differ.
    BOOST_TEST_MESSAGE(unnoticed << " of " << tried << " flips touch no content");
    BOOST_TEST(unnoticed * 20 < tried);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{22}, zip.size() / 2}) {
        write_file(path, zip.substr(0, zip.size() - cut));
        BOOST_TEST(!check_bag(path).valid());
    }
    write_file(path, zip + "x");
    BOOST_TEST(!check_bag(path).valid());
    write_file(path, "x" + zip);
    BOOST_TEST(!check_bag(path).valid());
}

BOOST_AUTO_TEST_SUITE_END()
