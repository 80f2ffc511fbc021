#include "archive/upkeep.h"
#include "tests/archive/edges/world.h"

#include <thread>

using namespace custode;
using testing::named;
using testing::World;

namespace {

UpkeepReport verified(World& w) {
    w.vault.reset();
    return verify_vault(w.folder / "vault", w.input(), w.clock,
                        [](const char*, std::uint64_t, std::uint64_t) {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filing_edges_tests)

/// The impronta of a dossier led to the first of two equal documents only: when that one was moved
/// away, the other was no twin any more and the vault was reported damaged.
BOOST_AUTO_TEST_CASE(the_second_of_two_equal_documents_stays_known_when_the_first_is_moved) {
    World w;
    const DossierId one = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    const DossierId two = w.open_dossier(w.archivist, "municipio-1", "Bianchi");
    const auto first = w.file(w.archivist, one, {.bytes = "gli stessi byte"});
    const auto second = w.file(
        w.archivist, one, {.bytes = "gli stessi byte", .key = "another-key-of-16", .again = "due"});
    w.refile(w.archivist, first.document, one, two);
    try {
        w.file(w.archivist, one, {.bytes = "gli stessi byte", .key = "a-third-key-of-16"});
        BOOST_ERROR("filed although the dossier has these bytes");
    } catch (const acts::DuplicateError& duplicate) {
        BOOST_TEST((duplicate.document() == second.document));
    }
    const auto report = verified(w);
    BOOST_TEST(report.documents == 2U);
    for (const auto& finding : report.findings) BOOST_ERROR(finding);
}

/// The number of a moved document's proceeding went on finding the dossier that it was moved from.
BOOST_AUTO_TEST_CASE(a_number_leads_to_the_right_dossier_only_once_the_document_is_moved) {
    World w;
    const DossierId wrong = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    const DossierId right = w.open_dossier(w.archivist, "municipio-1", "Bianchi");
    const auto filed =
        w.file(w.archivist, wrong, {.bytes = "decreto", .proceeding = "R.G.V.G. 567/2025"});
    w.file(w.archivist, wrong,
           {.bytes = "altro", .key = "another-key-of-16", .proceeding = "R.G.V.G. 568/2025"});
    BOOST_TEST(w.search(w.archivist, "567/2025").size() == 1U);
    w.refile(w.archivist, filed.document, wrong, right);
    const auto hits = w.search(w.archivist, "567/2025");
    BOOST_REQUIRE(hits.size() == 1U);
    BOOST_TEST(hits[0].at("id") == to_text(right));
    const auto kept = w.search(w.archivist, "568/2025");
    BOOST_REQUIRE(kept.size() == 1U);
    BOOST_TEST(kept[0].at("id") == to_text(wrong));
}

/// Documents filed in one group of the writer were looked at together, after the last of them.
BOOST_AUTO_TEST_CASE(every_document_of_a_storm_is_found_by_its_number) {
    World w;
    const DossierId dossier = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    constexpr int storm = 24;
    std::vector<std::thread> threads;
    for (int i = 0; i < storm; ++i)
        threads.emplace_back([&w, &dossier, i] {
            w.file(w.archivist, dossier,
                   {.bytes = "documento " + std::to_string(i),
                    .key = "key-of-the-storm-" + std::to_string(i),
                    .proceeding = "R.G.V.G. " + std::to_string(1000 + i) + "/2025"});
        });
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i < storm; ++i)
        BOOST_TEST(w.search(w.archivist, std::to_string(1000 + i) + "/2025").size() == 1U);
}

/// Two links in one dossier: moving the document away left the second.
BOOST_AUTO_TEST_CASE(a_dossier_named_twice_gets_the_document_once) {
    World w;
    const DossierId one = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    const DossierId two = w.open_dossier(w.archivist, "municipio-1", "Bianchi");
    const DossierId three = w.open_dossier(w.archivist, "municipio-1", "Neri");
    const auto filed = w.file(w.archivist, one, {.bytes = "di due fratelli"}, {two, one, two});
    BOOST_TEST(w.listed(w.archivist, one) == 1U);
    BOOST_TEST(w.listed(w.archivist, two) == 1U);
    w.refile(w.archivist, filed.document, two, three);
    BOOST_TEST(w.listed(w.archivist, two) == 0U);
}

BOOST_AUTO_TEST_CASE(a_batch_that_runs_again_neither_shows_nor_refiles_what_was_moved_away) {
    World w;
    const DossierId wrong = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    const DossierId right = w.open_dossier(w.archivist, "municipio-1", "Bianchi");
    const World::Paper paper{.bytes = "decreto"};
    const auto filed = w.file(w.archivist, wrong, paper);
    BOOST_TEST(w.file(w.archivist, wrong, paper).replayed);
    w.refile(w.archivist, filed.document, wrong, right);
    BOOST_CHECK_EXCEPTION(w.file(w.archivist, wrong, paper), Error, named("not_found"));
    BOOST_TEST(w.listed(w.archivist, wrong) == 0U);
    BOOST_TEST(w.listed(w.archivist, right) == 1U);
}

BOOST_AUTO_TEST_CASE(a_right_lost_while_the_bytes_come_files_nothing) {
    World w;
    const DossierId dossier = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    const World::Paper paper{.bytes = "decreto"};
    const auto open = w.vault->open();
    auto begun = open->filing().begin(w.may_file(w.archivist, dossier), {}, w.request(paper));
    auto& upload = *std::get<std::unique_ptr<acts::Filing::Upload>>(begun);
    upload.write(view(paper.bytes));
    open->administration().remove_role(
        open->door().ask<Action::account_revoke>(w.principal(w.admin), OnNothing{}), "archivista",
        "archivist");
    BOOST_CHECK_EXCEPTION(upload.finish(), Error, named("not_found"));
    BOOST_CHECK_NO_THROW(
        open->door().ask<Action::account_list>(w.principal(w.admin), OnNothing{}).check_lease());
    w.add_account("nuova", "archivist", "municipio-1");
    BOOST_TEST(w.listed(w.sign_in("nuova"), dossier) == 0U);
}

/// Five hundred events made one task of the rebuild, whatever they weighed.
BOOST_AUTO_TEST_CASE(a_journal_of_long_events_is_rebuilt) {
    World w;
    const DossierId dossier = w.open_dossier(w.archivist, "municipio-1", "Verdi");
    nlohmann::json parties = nlohmann::json::array();
    for (std::size_t i = 0; i < 50; ++i)
        parties.push_back({{"role", "Destinatario"},
                           {"kind", "PF"},
                           {"name", std::string(180, 'a') + std::to_string(i)}});
    const auto filed = w.file(w.archivist, dossier, {.bytes = "molte parti"});
    std::uint64_t bytes = 0;
    while (bytes < 10'000'000) {
        const auto open = w.vault->open();
        const auto after =
            open->refiling().correct(open->door().ask<Action::document_correct>(
                                         w.principal(w.archivist), OnDocument{filed.document}),
                                     {{"parties", parties}}, std::string(3'900, 'r'));
        bytes += after.dump().size() + 3'900;
    }
    w.vault.reset();
    const auto report = rebuild_vault(w.folder / "vault", w.input(), w.clock, false,
                                      [](const char*, std::uint64_t, std::uint64_t) {});
    for (const auto& finding : report.findings) BOOST_ERROR(finding);
    BOOST_REQUIRE(!report.tables.empty());
    for (const auto& table : report.tables) BOOST_TEST(table.digest == table.rebuilt);
}

BOOST_AUTO_TEST_SUITE_END()
