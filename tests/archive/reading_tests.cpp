#include "archive/acts/reading.h"

#include "archive/crypto/object.h"
#include "archive/exchange/bag_check.h"
#include "tests/archive/vault_support.h"

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

using namespace custode;
using namespace custode::testing;
using Json = nlohmann::json;

namespace {

constexpr std::uint64_t chunk = crypto::chunk_plain_bytes;

struct OneDossier : OpenWorld {
    DossierId dossier = open_dossier("archivista", "Prima");

    Json search(const char* who, const std::string& query) {
        return parts->searching.dossiers(door().ask<Action::search_dossiers>(as(who), OnNothing{}),
                                         query);
    }
    acts::Filing::Filed file_with(const DossierId& into, const Bytes& bytes, const Json& metadata) {
        auto asked = request(bytes);
        Json all = {{"file_name", "atto.pdf"}, {"type", "decreto"}};
        all.update(metadata);
        asked.metadata = records::document_from_json(all, roman_day(clock.now()));
        auto begun = begin("archivista", into, asked);
        auto& upload = std::get<std::unique_ptr<acts::Filing::Upload>>(begun);
        upload->write(bytes);
        return upload->finish();
    }
};

bool finds(const Json& items, const DossierId& id) {
    return std::any_of(items.begin(), items.end(),
                       [&](const Json& item) { return item.at("id") == to_text(id); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_tests)

BOOST_FIXTURE_TEST_CASE(ranges_at_every_chunk_boundary_are_the_bytes_asked_for, OneDossier) {
    for (const std::uint64_t size :
         {std::uint64_t{1}, chunk - 1, chunk, chunk + 1, 2 * chunk, 33 * chunk + 5}) {
        const Bytes bytes = content_of(size, static_cast<unsigned>(size));
        const auto opened = content("archivista", file("archivista", dossier, bytes).document);
        BOOST_TEST(opened.size() == size);
        BOOST_TEST((opened.sha256() == sha256_of(bytes)));
        std::vector<std::uint64_t> marks = {0, 1, size / 2, size - 1, size};
        for (const std::uint64_t at :
             {chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 16 * chunk, 17 * chunk, 33 * chunk})
            if (at < size) marks.push_back(at);
        for (const std::uint64_t from : marks)
            for (const std::uint64_t to : marks) {
                if (from > to) continue;
                Bytes got;
                opened.stream(from, to, [&](BytesView piece) {
                    BOOST_TEST(!piece.empty());
                    BOOST_TEST(piece.size() <= chunk);
                    append(got, piece);
                });
                BOOST_TEST((got == copy(BytesView(bytes).subspan(from, to - from))),
                           size << ": " << from << "–" << to);
            }
        const auto ignore = [](BytesView) {};
        const auto unsatisfiable = is_error(ErrorCode::invalid_argument, "range.unsatisfiable");
        BOOST_CHECK_EXCEPTION(opened.stream(0, size + 1, ignore), Error, unsatisfiable);
        BOOST_CHECK_EXCEPTION(opened.stream(1, 0, ignore), Error, unsatisfiable);
    }
}

BOOST_FIXTURE_TEST_CASE(a_list_is_given_page_by_page_and_journaled, OneDossier) {
    std::vector<std::string> filed;
    for (unsigned i = 0; i < 7; ++i)
        filed.push_back(to_text(file("archivista", dossier, content_of(10, i)).document));
    const auto permit = door().ask<Action::document_list>(as("archivista"), OnDossier{dossier});
    std::vector<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
        const auto page = parts->reading.list(permit, cursor, 3, false);
        BOOST_TEST(page.items.size() <= 3U);
        BOOST_TEST((last_event().header.action == journal::Action::disclosure_opened));
        for (const Json& item : page.items) seen.push_back(item.at("id"));
        cursor = page.next;
        ++pages;
    } while (!cursor.empty());
    BOOST_TEST(pages == 3);
    BOOST_TEST((seen == filed));
    for (const char* bad : {"x", "-1", "1 ", "99999999999"})
        BOOST_CHECK_EXCEPTION(parts->reading.list(permit, bad, 3, false), Error,
                              is_error(ErrorCode::invalid_argument, "request.cursor"));
}

BOOST_FIXTURE_TEST_CASE(the_list_over_all_dossiers_holds_only_what_may_be_seen, OneDossier) {
    const auto second = open_dossier("archivista", "Seconda");
    const auto elsewhere = open_dossier("altra", "Altrove", "municipio-2");
    std::vector<std::string> filed;
    for (unsigned i = 0; i < 5; ++i)
        filed.push_back(
            to_text(file("archivista", i < 3 ? dossier : second, content_of(10, i)).document));
    file("altra", elsewhere, content_of(10, 9));
    const auto permit = door().ask<Action::document_list>(as("archivista"), OnNothing{});
    std::vector<std::string> seen;
    std::string cursor;
    do {
        const auto page = parts->reading.list_all(permit, cursor, 2, false);
        for (const Json& item : page.items) seen.push_back(item.at("id"));
        cursor = page.next;
    } while (!cursor.empty());
    BOOST_TEST((seen == filed));
}

BOOST_FIXTURE_TEST_CASE(a_refiled_document_is_missing_where_it_was, OneDossier) {
    const auto right = open_dossier("archivista", "Seconda");
    assign("archivista", dossier, "assistente");
    const Bytes bytes = content_of(1000);
    const auto filed =
        file_with(dossier, bytes, {{"proceedings", {"R.G.V.G. 567/2025"}}, {"subject", "udienza"}});
    BOOST_TEST((read("assistente", filed.document) == bytes));
    clock.pass(std::chrono::minutes(1));
    BOOST_TEST((read("archivista", filed.document) == bytes));
    BOOST_TEST(finds(search("assistente", "567/2025"), dossier));

    const Json answer = refile("archivista", filed.document, dossier, right);
    BOOST_TEST(answer.at("from") == to_text(dossier));
    BOOST_TEST(answer.at("to") == to_text(right));
    const Json& readers = answer.at("readers");
    BOOST_REQUIRE(readers.size() == 2U);
    BOOST_TEST(readers[0].at("account") == "assistente");
    BOOST_TEST(readers[0].at("what") == "document.content");
    BOOST_TEST(readers[0].at("purpose") == "istruttoria");
    BOOST_TEST(readers[1].at("account") == "archivista");
    BOOST_TEST(readers[0].at("time") < readers[1].at("time"));

    BOOST_CHECK_EXCEPTION(read("assistente", filed.document), Error, is_missing());
    BOOST_TEST(documents_in("assistente", dossier).empty());
    BOOST_TEST(documents_in("archivista", right).size() == 1U);
    // The number of the proceeding was that document's alone: it finds the wrong child no more.
    BOOST_TEST(!finds(search("assistente", "567/2025"), dossier));
    BOOST_TEST(!finds(search("archivista", "567/2025"), dossier));
    BOOST_TEST(finds(search("archivista", "567/2025"), right));
    BOOST_TEST(parts->searching
                   .documents(door().ask<Action::search_documents>(as("assistente"), OnNothing{}),
                              "udienza")
                   .empty());
    BOOST_TEST((read("archivista", filed.document) == bytes));
    BOOST_TEST(digests().findings.empty());
    // Who held it open through the wrong dossier finds it gone; nobody can move it twice.
    BOOST_CHECK_EXCEPTION(refile("archivista", filed.document, dossier, right), Error,
                          is_missing());
    reopen();
    BOOST_CHECK_EXCEPTION(read("assistente", filed.document), Error, is_missing());
    BOOST_TEST((read("archivista", filed.document) == bytes));
}

BOOST_FIXTURE_TEST_CASE(a_refiling_that_cannot_be_leaves_everything, OneDossier) {
    const auto second = open_dossier("archivista", "Seconda");
    const Bytes bytes = content_of(1000);
    const auto filed = file("archivista", dossier, bytes);
    const auto twin = file("archivista", second, bytes);
    const std::uint64_t before = events();
    BOOST_CHECK_THROW(refile("archivista", filed.document, dossier, second), acts::DuplicateError);
    BOOST_CHECK_EXCEPTION(refile("archivista", filed.document, dossier, dossier), Error,
                          is_error(ErrorCode::invalid_argument, "refile.same"));
    const auto shared = file("archivista", dossier, content_of(10, 7), "", {second});
    BOOST_CHECK_EXCEPTION(refile("archivista", shared.document, dossier, second), Error,
                          is_error(ErrorCode::conflict, "document.in_dossier"));
    BOOST_TEST(count(journal::Action::document_unlinked, before) == 0U);
    BOOST_TEST(documents_in("archivista", dossier).size() == 2U);
    BOOST_TEST((twin.document != filed.document));
}

BOOST_FIXTURE_TEST_CASE(a_correction_is_seen_and_found_at_once, OneDossier) {
    const auto filed = file("archivista", dossier, content_of(10));
    const auto correct = [&](const Json& changes, const std::string& reason) {
        return parts->refiling.correct(
            door().ask<Action::document_correct>(as("archivista"), OnDocument{filed.document}),
            changes, reason);
    };
    const Json after =
        correct({{"subject", "affidamento"}, {"proceedings", {"R.G. 99/2026"}}}, "refuso");
    BOOST_TEST(after.at("subject") == "affidamento");
    BOOST_TEST(finds(search("archivista", "99/2026"), dossier));
    BOOST_CHECK_EXCEPTION(correct({{"subject", "x"}}, ""), Error,
                          is_error(ErrorCode::invalid_argument, "reason.missing"));
    BOOST_CHECK_EXCEPTION(correct(Json::object(), "refuso"), Error,
                          is_error(ErrorCode::invalid_argument, "correction.empty"));
    reopen();
    const auto shown = parts->reading.show(door().ask_to_see<Action::document_list>(
        as("archivista"), OnDocument{filed.document}, {}, "document.show"));
    BOOST_TEST(shown.at("subject") == "affidamento");
    BOOST_TEST(shown.at("sha256") == after.at("sha256"));
}

BOOST_FIXTURE_TEST_CASE(twins_are_told_only_to_who_may_list_them, OneDossier) {
    const auto open = [&](const char* who, const char* unit, const std::string& reason) {
        return parts->dossiers.open(door().ask<Action::dossier_open>(as(who), OnUnit{unit}),
                                    person("PRIMA"), unit, reason);
    };
    BOOST_CHECK_EXCEPTION(open("archivista", "municipio-1", ""), acts::TwinError,
                          [&](const acts::TwinError& error) {
                              return error.twins().size() == 1 && error.twins()[0].id == dossier &&
                                     error.twins()[0].code == "2026/VII.11/000001";
                          });
    BOOST_TEST((last_event().header.action == journal::Action::disclosure_opened));
    BOOST_TEST(open("archivista", "municipio-1", "omonima, nata altrove").code ==
               "2026/VII.11/000002");
    // For another unit the first does not exist.
    BOOST_CHECK_NO_THROW(open("altra", "municipio-2", ""));
}

/// Two clerks at two counters, the same child: the look for twins and the opening are one step.
BOOST_FIXTURE_TEST_CASE(who_opens_at_the_same_moment_is_told_of_the_first, OpenWorld) {
    constexpr int clerks = 8;
    const Principal clerk = as("archivista");
    std::atomic<int> opened = 0;
    std::atomic<int> told = 0;
    std::latch together(clerks);
    std::vector<std::jthread> threads;
    for (int i = 0; i < clerks; ++i)
        threads.emplace_back([&, i] {
            // Half of them write the name in capitals: the same child all the same.
            const records::Person child = person(i % 2 == 0 ? "Contemporanea" : "CONTEMPORANEA");
            const auto permit = door().ask<Action::dossier_open>(clerk, OnUnit{"municipio-1"});
            together.arrive_and_wait();
            try {
                parts->dossiers.open(permit, child, "municipio-1", "");
                ++opened;
            } catch (const acts::TwinError&) {
                ++told;
            }
        });
    threads.clear();
    BOOST_TEST(opened == 1);
    BOOST_TEST(told == clerks - 1);
}

BOOST_FIXTURE_TEST_CASE(a_search_shows_and_counts_only_what_may_be_seen, OneDossier) {
    open_dossier("altra", "Primavera", "municipio-2");
    BOOST_TEST(search("archivista", "prima").size() == 1U);
    const auto event = last_event();
    const Json payload = Json::parse(event.payload);
    BOOST_TEST(payload.at("query") == "prima");
    BOOST_TEST(payload.at("dossiers").size() == 1U);
    BOOST_TEST(search("assistente", "prima").empty());
    assign("archivista", dossier, "assistente");
    BOOST_TEST(finds(search("assistente", "prima"), dossier));
    BOOST_CHECK_EXCEPTION(search("admin", "prima"), Error, is_missing());
}

BOOST_FIXTURE_TEST_CASE(an_export_is_a_bag_that_holds_and_is_journaled_first, OneDossier) {
    for (unsigned i = 1; i <= 3; ++i) file("archivista", dossier, content_of(i * 40'000, i));
    grant("archivista", dossier, "legale");
    const auto ask = [&] {
        return door().ask<Action::export_court>(as("legale"), OnDossier{dossier},
                                                {"difesa", "udienza del 3 dicembre"});
    };
    BOOST_CHECK_EXCEPTION(parts->exporting.court(ask(), ""), Error,
                          is_error(ErrorCode::invalid_argument, "recipient.missing"));
    auto court = parts->exporting.court(ask(), "Tribunale per i minorenni");
    const auto created = last_event();
    BOOST_TEST((created.header.action == journal::Action::export_created));
    const Json payload = Json::parse(created.payload);
    BOOST_TEST(payload.at("recipient") == "Tribunale per i minorenni");
    BOOST_TEST(payload.at("objects").size() == 3U);
    const auto zip = folder / "export.zip";
    {
        std::ofstream out(zip, std::ios::binary);
        court.write([&](BytesView bytes) {
            out.write(text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
        });
    }
    BOOST_TEST(court.file_name().find("Prima") == std::string::npos);
    const auto report = exchange::check_bag(zip, {ledger().journal().verifier_key()});
    for (const auto& finding : report.findings) BOOST_TEST_ERROR(finding.code);
    BOOST_TEST(report.is_court_export);
    BOOST_TEST(report.receipts == 3U);
    BOOST_TEST((last_event().header.action == journal::Action::export_completed));
    // An empty dossier has nothing to export.
    const auto empty = open_dossier("archivista", "Vuota");
    grant("archivista", empty, "legale");
    BOOST_CHECK_EXCEPTION(
        parts->exporting.court(
            door().ask<Action::export_court>(as("legale"), OnDossier{empty}, {"difesa", ""}),
            "Tribunale"),
        Error, is_error(ErrorCode::conflict, "export.empty"));
}

BOOST_AUTO_TEST_SUITE_END()
