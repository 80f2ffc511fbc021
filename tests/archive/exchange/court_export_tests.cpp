// tests/archive/exchange/court_export_tests.cpp
#include "archive/exchange/court_export.h"

#include "archive/base/error.h"
#include "archive/exchange/bag_check.h"
#include "archive/exchange/index_page.h"
#include "tests/archive/exchange/sample_export.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::exchange;
using namespace custode::exchange::testing;

namespace {

auto named(ErrorCode code, const char* name) {
    return [=](const Error& error) { return error.code() == code && error.name() == name; };
}

/// Unpacked by a program that is not ours.
struct Unpacked {
    explicit Unpacked(const std::string& zip) {
        write_file(folder.path() / "x.zip", zip);
        status = shell("unzip -q x.zip");
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            if (entry.is_directory()) bag = entry.path();
        }
    }
    int shell(const std::string& command) const {
        return std::system(
            ("cd '" + folder.path().string() + "' && " + command + " > out.txt 2>&1").c_str());
    }
    TemporaryFolder folder;
    std::filesystem::path bag;
    int status = -1;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(court_export_tests)

BOOST_AUTO_TEST_CASE(outside_programs_accept_an_export) {
    SampleExport sample(5);
    const Unpacked unpacked(sample.zip());
    BOOST_TEST(unpacked.status == 0);
    BOOST_TEST(unpacked.shell("unzip -tq x.zip") == 0);
    BOOST_TEST(unpacked.bag.filename() == "fascicolo_2026-VII-11-000123_2026-11-23");
    BOOST_TEST(unpacked.shell("cd fascicolo_* && sha256sum --strict -c manifest-sha256.txt") == 0);
    BOOST_TEST(unpacked.shell("cd fascicolo_* && sha256sum --strict -c tagmanifest-sha256.txt") ==
               0);
    BOOST_TEST(unpacked.shell("python3 -m zipfile -t x.zip") == 0);
    for (const ExportDocument& document : sample.documents) {
        BOOST_TEST(read_file(unpacked.bag / "data/originali" / document.file_name) ==
                   sample.contents[document.number]);
    }
    BOOST_TEST(to_hex(sample.result.manifest) ==
               to_hex(crypto::sha256({view(read_file(unpacked.bag / "manifest-sha256.txt"))})));
}

BOOST_AUTO_TEST_CASE(our_check_accepts_it_as_zip_and_as_folder) {
    SampleExport sample(5);
    const Unpacked unpacked(sample.zip());
    for (const auto& path : {unpacked.folder.path() / "x.zip", unpacked.bag}) {
        const BagReport report = check_bag(path, {sample.log.key});
        for (const BagFinding& finding : report.findings) {
            BOOST_ERROR(finding.code + " " + finding.path + ": " + finding.message);
        }
        BOOST_TEST(report.is_court_export);
        BOOST_TEST(report.receipts == 5U);
        BOOST_TEST(report.bytes == sample.result.payload_bytes);
        BOOST_TEST((report.manifest == sample.result.manifest));
        BOOST_TEST(report.checkpoint->size == 5U);
    }
}

BOOST_AUTO_TEST_CASE(two_runs_of_one_selection_are_the_same_bytes) {
    SampleExport one(4), two(4);
    BOOST_TEST((one.zip() == two.zip()));
    two.head.created.value += 86'400'000;
    BOOST_TEST((one.zip() != two.zip()));
}

BOOST_AUTO_TEST_CASE(the_index_says_what_is_not_known) {
    SampleExport sample(2);
    sample.documents[1].dated.reset();
    sample.documents[1].authority.clear();
    sample.documents[1].pages.reset();
    sample.documents[1].file_name = "002_senza-data_verbale.pdf";
    const Unpacked unpacked(sample.zip());
    const std::string csv = read_file(unpacked.bag / "data/indice.csv");
    BOOST_TEST(csv.find("\"2\";\"non noto\";\"E 1002/2025\";\"non noto\"") != std::string::npos);
    const int converted = unpacked.shell("pdftotext -layout fascicolo_*/data/indice.pdf index.txt");
    BOOST_TEST(converted == 0);
    const std::string index = read_file(unpacked.folder.path() / "index.txt");
    for (const char* expected :
         {"2026/VII.11/000123", "R.G.V.G. 567/2025", "Avvocatura comunale", "Fiorella Inventati",
          "23/11/2026", "RISERVATO", "Nessuna omissione dichiarata", "non noto", "Pag. 1 di 1",
          "più un documento di cui non è noto il numero"}) {
        BOOST_TEST(index.find(expected) != std::string::npos, expected);
    }
}

BOOST_AUTO_TEST_CASE(hostile_texts_stay_texts) {
    SampleExport sample(1);
    sample.documents[0].subject = "</td><script>alert(1)</script> \u202E =1";
    sample.documents[0].notes = "\u200B=HYPERLINK(\"http://x\")";
    sample.head.recipient = "<img src=file:///etc/passwd>";
    sample.head.purpose = "riga uno\nPayload-Oxum: 0.0";
    const std::string page = index_page(sample.head, sample.documents);
    BOOST_TEST(page.find("<script") == std::string::npos);
    BOOST_TEST(page.find("<img") == std::string::npos);
    const Unpacked unpacked(sample.zip());
    BOOST_TEST(check_bag(unpacked.bag).valid());
    BOOST_TEST(read_file(unpacked.bag / "data/indice.csv").find(";\"'\u200B=HYPERLINK") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_original_that_changed_stops_the_export) {
    SampleExport sample(2);
    sample.contents[2].back() ^= 1;
    BOOST_CHECK_EXCEPTION(sample.zip(), Error,
                          named(ErrorCode::corrupt, "export.original_changed"));
    sample.contents[2].pop_back();
    BOOST_CHECK_EXCEPTION(sample.zip(), Error,
                          named(ErrorCode::invalid_argument, "export.size_changed"));
    sample.contents[2] += "longer than before";
    BOOST_CHECK_EXCEPTION(sample.zip(), Error,
                          named(ErrorCode::invalid_argument, "export.size_changed"));
}

BOOST_AUTO_TEST_CASE(a_receipt_that_would_not_check_stays_at_home) {
    SampleExport swapped(2);
    std::swap(swapped.documents[0].receipt_json, swapped.documents[1].receipt_json);
    BOOST_CHECK_EXCEPTION(swapped.zip(), Error,
                          named(ErrorCode::invalid_argument, "export.receipt"));
    SampleExport later(2);
    later.head.checkpoint = later.log.checkpoint(3, proof::empty_root());
    BOOST_CHECK_EXCEPTION(later.zip(), Error, named(ErrorCode::invalid_argument, "export.receipt"));
}

BOOST_AUTO_TEST_CASE(documents_must_have_our_names_and_rising_numbers) {
    const auto refused = [](auto change) {
        SampleExport sample(2);
        change(sample.documents);
        BOOST_CHECK_EXCEPTION(sample.zip(), Error,
                              named(ErrorCode::invalid_argument, "export.document"));
    };
    refused([](auto& documents) { documents[1].file_name = "../x.pdf"; });
    refused([](auto& documents) { documents[1].file_name = "003_x.pdf"; });
    refused([](auto& documents) { std::swap(documents[0], documents[1]); });
    SampleExport none(1);
    none.documents.clear();
    BOOST_CHECK_EXCEPTION(none.zip(), Error, named(ErrorCode::invalid_argument, "export.too_many"));
}

BOOST_AUTO_TEST_CASE(a_failing_receiver_gets_no_end_record) {
    SampleExport sample(40);  // several blocks long
    std::string bytes;
    CourtExport court(sample.head, sample.documents, [&bytes](BytesView more) {
        bytes += text(more);
        throw Error(ErrorCode::full, "test.full", "no room");
    });
    BOOST_CHECK_EXCEPTION(court.write(PdfComposer()), Error, named(ErrorCode::full, "test.full"));
    BOOST_TEST(bytes.find("PK\x05\x06") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
