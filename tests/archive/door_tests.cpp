#include "archive/door.h"

#include "tests/archive/vault_support.h"

#include <thread>
#include <type_traits>

using namespace custode;
using namespace custode::testing;

// No permit, no content, by type: what does not compile needs no test at run time.
using ReadPermit = Permit<Action::document_read>;
using FilePermit = Permit<Action::document_file>;
static_assert(!std::is_default_constructible_v<ReadPermit>);
static_assert(!std::is_constructible_v<ReadPermit, Principal, Purpose, Target, std::string,
                                       std::optional<std::uint64_t>>);
static_assert(!std::is_aggregate_v<ReadPermit>);
static_assert(!std::is_convertible_v<FilePermit, ReadPermit>);
static_assert(!std::is_constructible_v<ReadPermit, FilePermit>);
static_assert(!std::is_assignable_v<ReadPermit&, FilePermit>);
static_assert(std::is_copy_constructible_v<ReadPermit>);
static_assert(!std::is_default_constructible_v<Principal>);
static_assert(!std::is_constructible_v<Principal, AccountId, std::string>);
static_assert(!std::is_aggregate_v<Principal>);
static_assert(!std::is_invocable_v<
              decltype([](auto& reading, const auto& permit) -> decltype(reading.content(permit)) {
                  return reading.content(permit);
              }),
              acts::Reading&, const FilePermit&>);

namespace {

struct Refusal {
    std::string name, message, action, attempted;
    ErrorCode code{};
    journal::Header header;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(door_tests)

BOOST_FIXTURE_TEST_CASE(the_refused_and_the_missing_are_one_answer_and_one_event, OpenWorld) {
    const DossierId there = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", there, content_of(10));
    DossierId nowhere = there;
    nowhere.bytes[0] ^= 1U;
    DocumentId unknown = filed.document;
    unknown.bytes[0] ^= 1U;
    as("altra");
    const auto refused = [&](const auto& ask) {
        const std::uint64_t before = events();
        Refusal refusal;
        try {
            ask();
            BOOST_TEST_ERROR("it was not refused");
        } catch (const Error& error) {
            refusal = {error.name(), error.what(), "", "", error.code(), {}};
        }
        BOOST_REQUIRE(events() == before + 1);
        const auto event = last_event();
        const auto payload = nlohmann::json::parse(event.payload);
        refusal.header = event.header;
        refusal.action = payload.at("action");
        refusal.attempted = payload.at("attempted");
        BOOST_TEST((event.header.action == journal::Action::access_refused));
        BOOST_TEST((event.header.outcome == journal::Outcome::refused));
        // No dossier in a header that more people may read than the dossier itself.
        BOOST_TEST((event.header.subject_kind == journal::SubjectKind::none));
        BOOST_TEST((event.header.subject == std::array<std::uint8_t, 16>{}));
        BOOST_TEST((event.header.payload_key == journal::PayloadKey::system));
        BOOST_TEST(
            (event.header.actor == ledger().journal().pseudonym(as("altra").account(), 2026)));
        return refusal;
    };
    const auto check_alike = [](const Refusal& forbidden, const Refusal& missing) {
        BOOST_TEST(forbidden.name == "not_found");
        BOOST_TEST(forbidden.name == missing.name);
        BOOST_TEST(forbidden.message == missing.message);
        BOOST_TEST((forbidden.code == missing.code));
        BOOST_TEST(forbidden.action == missing.action);
    };
    const auto show = [&](const DossierId& id) {
        return refused([&] {
            door().ask_to_see<Action::dossier_show>(as("altra"), OnDossier{id}, {}, "show");
        });
    };
    check_alike(show(there), show(nowhere));
    BOOST_TEST(show(there).attempted == to_text(there));
    BOOST_TEST(show(nowhere).attempted == to_text(nowhere));
    const auto look = [&](const DocumentId& id) {
        return refused([&] {
            door().ask_to_see<Action::document_read>(as("altra"), OnDocument{id},
                                                     {"istruttoria", ""}, "content");
        });
    };
    check_alike(look(filed.document), look(unknown));
    BOOST_TEST(look(unknown).action == "document.read");
    const auto put = [&](const DossierId& id) {
        return refused([&] { door().ask<Action::document_file>(as("altra"), OnDossier{id}); });
    };
    check_alike(put(there), put(nowhere));
    // The purpose is asked only of those who may: asking it would tell that the thing exists.
    check_alike(
        refused(
            [&] { door().ask<Action::document_read>(as("altra"), OnDocument{filed.document}); }),
        refused([&] { door().ask<Action::document_read>(as("altra"), OnDocument{unknown}); }));
}

BOOST_FIXTURE_TEST_CASE(a_unit_of_a_caller_s_own_writing_is_not_kept_whole, OpenWorld) {
    for (const std::string& unit : {std::string(1U << 20U, 'u'), std::string("\xff\xfe")}) {
        BOOST_CHECK_EXCEPTION(door().ask<Action::dossier_open>(as("archivista"), OnUnit{unit}),
                              Error, is_missing());
        BOOST_TEST(last_event().payload.size() < 300U);
    }
    BOOST_CHECK_EXCEPTION(door().ask<Action::dossier_open>(as("archivista"), OnUnit{"affidi"}),
                          Error, is_missing());
    BOOST_TEST(nlohmann::json::parse(last_event().payload).at("attempted") == "affidi");
}

BOOST_FIXTURE_TEST_CASE(more_than_sixty_refusals_a_minute_are_counted_together, OpenWorld) {
    as("altra");
    const DossierId there = open_dossier("archivista", "Prima");
    const std::uint64_t before = events();
    std::vector<std::string> tried;
    const auto refuse = [&](const char* who) {
        DossierId id = there;
        id.bytes[3] = static_cast<std::uint8_t>(tried.size());
        tried.push_back(to_text(id));
        BOOST_CHECK_THROW(door().ask<Action::document_file>(as(who), OnDossier{id}), Error);
    };
    for (int i = 0; i < 100; ++i) refuse("altra");
    BOOST_TEST(events() - before == 60U);
    as("assistente");
    const std::uint64_t other = events();
    refuse("assistente");  // everybody has a count of their own
    BOOST_TEST(events() - other == 1U);
    door().flush_refusals();
    auto counted = last_event();
    BOOST_TEST((counted.header.action == journal::Action::refusals_counted));
    BOOST_TEST((counted.header.actor == ledger().journal().pseudonym(as("altra").account(), 2026)));
    auto payload = nlohmann::json::parse(counted.payload);
    BOOST_TEST(payload.at("count") == 40);
    BOOST_TEST((payload.at("attempted").get<std::vector<std::string>>() ==
                std::vector<std::string>(tried.begin() + 60, tried.begin() + 100)));
    // Flushing gives no fresh sixty in the same minute, and nothing is counted twice.
    std::uint64_t now = events();
    refuse("altra");
    BOOST_TEST(events() == now);
    door().flush_refusals();
    BOOST_TEST(nlohmann::json::parse(last_event().payload).at("count") == 1);
    now = events();
    door().flush_refusals();
    BOOST_TEST(events() == now);
    clock.pass(std::chrono::minutes(1));
    refuse("altra");
    BOOST_TEST(events() == now + 1);
}

BOOST_FIXTURE_TEST_CASE(counted_refusals_survive_a_disk_that_refuses, OpenWorld) {
    as("altra");
    DossierId id;
    for (int i = 0; i < 63; ++i)
        BOOST_CHECK_THROW(door().ask<Action::document_file>(as("altra"), OnDossier{id}), Error);
    {
        const NoWrites disk;
        BOOST_CHECK_THROW(door().flush_refusals(), Error);
    }
    while (ledger().read_only()) std::this_thread::yield();
    door().flush_refusals();
    BOOST_TEST(count(journal::Action::refusals_counted) == 1U);
    BOOST_TEST(nlohmann::json::parse(last_event().payload).at("count") == 3);
}

BOOST_FIXTURE_TEST_CASE(a_disclosure_is_durable_before_there_is_a_permit, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    const auto show =
        door().ask_to_see<Action::dossier_show>(as("archivista"), OnDossier{dossier}, {}, "show");
    BOOST_REQUIRE(show.disclosure().has_value());
    BOOST_TEST(*show.disclosure() < ledger().journal().size());
    const auto shown = event(*show.disclosure());
    BOOST_TEST((shown.header.action == journal::Action::disclosure_opened));
    BOOST_TEST((shown.header.subject_kind == journal::SubjectKind::dossier));
    BOOST_TEST((shown.header.payload_key == journal::PayloadKey::dossier));
    const auto read = door().ask_to_see<Action::document_read>(
        as("archivista"), OnDocument{filed.document}, {"istruttoria", "sentite le parti"},
        "document.content");
    BOOST_TEST(*read.disclosure() < ledger().journal().size());
    const auto opened = event(*read.disclosure());
    BOOST_TEST(opened.header.purpose == "istruttoria");
    BOOST_TEST((opened.header.payload_key == journal::PayloadKey::object));
    const auto payload = nlohmann::json::parse(opened.payload);
    BOOST_TEST(payload.at("reason") == "sentite le parti");
    BOOST_TEST(payload.at("account") == to_text(as("archivista").account()));
    BOOST_TEST(payload.at("rule") == "access.archivist.read");
    // It is there after a power cut, too.
    const std::uint64_t index = *read.disclosure();
    reopen();
    BOOST_TEST(nlohmann::json::parse(event(index).payload).at("reason") == "sentite le parti");
}

BOOST_FIXTURE_TEST_CASE(a_look_at_another_document_is_another_disclosure, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto one = file("archivista", dossier, content_of(10, 1)).document;
    const auto other = file("archivista", dossier, content_of(10, 2)).document;
    const auto look = [&](const char* who, const DocumentId& id, const char* purpose) {
        return *door()
                    .ask_to_see<Action::document_read>(as(who), OnDocument{id}, {purpose, ""},
                                                       "document.content")
                    .disclosure();
    };
    assign("archivista", dossier, "assistente");
    const auto first = look("archivista", one, "istruttoria");
    BOOST_TEST(look("archivista", one, "istruttoria") == first);  // read on, page by page
    BOOST_TEST(look("archivista", other, "istruttoria") != first);
    BOOST_TEST(look("archivista", one, "udienza") != first);
    BOOST_TEST(look("assistente", one, "istruttoria") != first);
    clock.pass(std::chrono::minutes(5));
    BOOST_TEST(look("archivista", one, "istruttoria") != first);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_disclosed_while_nothing_can_be_journaled, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    const auto& who = as("archivista");
    const auto read = [&] { return this->read("archivista", filed.document); };
    const auto& reading = parts->reading;
    // Permits of before do not help a list or a search, which journal what they show.
    const auto list = door().ask<Action::dossier_list>(who, OnNothing{});
    const auto documents = door().ask<Action::document_list>(who, OnDossier{dossier});
    const auto all = door().ask<Action::document_list>(who, OnNothing{});
    const auto find = door().ask<Action::search_dossiers>(who, OnNothing{});
    const auto find_documents = door().ask<Action::search_documents>(who, OnNothing{});
    const std::uint64_t before = events();
    {
        const NoWrites disk;
        const auto fails = [&](const auto& act) {
            BOOST_CHECK_EXCEPTION(act(), Error, [](const Error& error) {
                return error.code() == ErrorCode::storage || error.code() == ErrorCode::full;
            });
        };
        fails([&] { read(); });
        fails(
            [&] { door().ask_to_see<Action::dossier_show>(who, OnDossier{dossier}, {}, "show"); });
        fails([&] {
            door().ask_to_see<Action::document_list>(who, OnDocument{filed.document}, {}, "show");
        });
        fails([&] { parts->dossiers.list(list, "", "", 10); });
        fails([&] { parts->reading.list(documents, "", 10, false); });
        fails([&] { parts->reading.list_all(all, "", 10, false); });
        fails([&] { parts->searching.dossiers(find, "Prima"); });
        fails([&] { parts->searching.documents(find_documents, "decreto"); });
        fails([&] { parts->sessions.login("archivista", password); });
    }
    BOOST_TEST(&reading == &parts->reading);
    while (ledger().read_only()) std::this_thread::yield();
    BOOST_TEST((read() == content_of(10)));  // service comes back by itself
    BOOST_TEST(events() > before);
    BOOST_TEST(digests().findings.empty());
}

BOOST_FIXTURE_TEST_CASE(a_purpose_and_a_reason_keep_their_form, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    const auto ask = [&](const std::string& code, const std::string& reason) {
        door().ask_to_see<Action::document_read>(as("archivista"), OnDocument{filed.document},
                                                 {code, reason}, "document.content");
    };
    BOOST_CHECK_EXCEPTION(ask("", ""), Error,
                          is_error(ErrorCode::invalid_argument, "purpose.missing"));
    BOOST_CHECK_NO_THROW(ask(std::string(31, 'p'), ""));
    BOOST_CHECK_EXCEPTION(ask(std::string(32, 'p'), ""), Error,
                          is_error(ErrorCode::invalid_argument, "purpose.invalid"));
    BOOST_CHECK_EXCEPTION(ask("due parole", ""), Error,
                          is_error(ErrorCode::invalid_argument, "purpose.invalid"));
    BOOST_CHECK_NO_THROW(ask("x", std::string(4000, 'r')));
    BOOST_CHECK_EXCEPTION(ask("x", std::string(4001, 'r')), Error,
                          is_error(ErrorCode::invalid_argument, "reason.invalid"));
    BOOST_CHECK_EXCEPTION(ask("x", "\xff"), Error,
                          is_error(ErrorCode::invalid_argument, "reason.invalid"));
}

BOOST_FIXTURE_TEST_CASE(who_has_it_in_charge_types_nothing_and_the_journal_says_why, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    assign("archivista", dossier, "assistente");
    const auto ask = [&](const char* code) {
        return door()
            .ask_to_see<Action::document_read>(as("assistente"), OnDocument{filed.document},
                                               {code, ""}, "document.content")
            .purpose()
            .code;
    };
    BOOST_TEST(ask("") == "presa-in-carico");
    BOOST_TEST(ask("udienza") == "udienza");
    std::vector<std::string> purposes;
    ledger().visit_events(0, events(), [&](const journal::Header& header, const auto&) {
        if (header.action == journal::Action::disclosure_opened &&
            header.subject_kind == journal::SubjectKind::object)
            purposes.push_back(header.purpose);
    });
    BOOST_TEST((purposes == std::vector<std::string>{"presa-in-carico", "udienza"}));
}

BOOST_FIXTURE_TEST_CASE(a_shared_document_is_read_through_the_dossier_that_opens, OpenWorld) {
    const DossierId one = open_dossier("archivista", "Prima");
    const DossierId other = open_dossier("archivista", "Seconda");
    const auto filed = file("archivista", one, content_of(10), "", {other});
    assign("archivista", other, "assistente");
    const auto permit = door().ask_to_see<Action::document_read>(
        as("assistente"), OnDocument{filed.document}, {"istruttoria", ""}, "document.content");
    BOOST_TEST((permit.target().dossier->facts.id == other));
    BOOST_CHECK_EXCEPTION(
        door().ask<Action::document_list>(as("assistente"), OnDocumentIn{filed.document, one}),
        Error, is_missing());
}

BOOST_FIXTURE_TEST_CASE(a_grant_ends_with_its_day_and_an_administrator_reads_nothing, OpenWorld) {
    const DossierId dossier = open_dossier("archivista", "Prima");
    const auto filed = file("archivista", dossier, content_of(10));
    BOOST_CHECK_EXCEPTION(read("legale", filed.document), Error, is_missing());
    grant("archivista", dossier, "legale");  // until 30 June 2027
    BOOST_TEST((read("legale", filed.document) == content_of(10)));
    clock.set_wall(*from_rfc3339("2027-06-30T21:59:00.000Z"));  // 23:59 in Rome
    BOOST_TEST((read("legale", filed.document) == content_of(10)));
    clock.set_wall(*from_rfc3339("2027-06-30T22:00:00.000Z"));
    clock.pass(std::chrono::minutes(6));
    principals.clear();
    BOOST_CHECK_EXCEPTION(read("legale", filed.document), Error, is_missing());
    BOOST_CHECK_EXCEPTION(read("admin", filed.document), Error, is_missing());
}

BOOST_AUTO_TEST_SUITE_END()
