#include "archive/base/encoding.h"
#include "tests/archive/journal/journal_support.h"

using namespace custode;
using namespace custode::journal;
using namespace custode::journal::testing;
using custode::store::testing::is_error;

namespace {

/// Opens the payload of an event as it lies under `sequence`, with the system key of its year.
std::optional<std::string> payload_of(const OneJournal& world, const StoredEvent& event,
                                      std::uint64_t sequence, Action action) {
    const auto id = world.keys->find(crypto::EntryKind::system_year, event.year);
    const auto key = id ? world.keys->key(*id) : std::nullopt;
    BOOST_REQUIRE(key.has_value());
    const auto padded = crypto::open_record(
        *key, payload_context(world.keys->vault(), big_endian(sequence), action, id->bytes),
        event.payload);
    return padded ? unpad_payload(*padded) : std::nullopt;
}

Draft::Statement statement_of(const std::string& text) {
    Draft::Statement statement;
    crypto::fill_random(statement.salt);
    statement.text = text;
    return statement;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_tests)

BOOST_FIXTURE_TEST_CASE(an_event_is_counted_signed_and_told_once_it_is_durable, OneJournal) {
    BOOST_TEST(journal->size() == 0U);
    BOOST_TEST(checkpoint().size == 0U);
    BOOST_TEST(append(draft("one")) == 0U);
    BOOST_TEST(append(draft("two")) == 1U);
    BOOST_TEST(journal->size() == 2U);
    BOOST_TEST(checkpoint().size == 2U);
    BOOST_TEST((durable == std::vector<std::uint64_t>{0, 1}));
    BOOST_TEST((head().root == checkpoint().root));
    proof::Frontier frontier;
    for (std::uint64_t i = 0; i < 2; ++i) frontier.append(event(i).leaf_entry().leaf());
    BOOST_TEST((frontier.root() == checkpoint().root));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_durable_yet_is_in_no_checkpoint, OneJournal) {
    append(draft());
    std::promise<void> staged;
    std::promise<void> release;
    auto slow = journal->submit(*writer, [&](store::Changes& changes) {
        journal->append(changes, draft());
        staged.set_value();
        release.get_future().wait();
    });
    staged.get_future().wait();
    BOOST_TEST(journal->size() == 1U);
    BOOST_TEST(checkpoint().size == 1U);
    BOOST_TEST(durable.size() == 1U);
    release.set_value();
    slow.get();
    BOOST_TEST(checkpoint().size == 2U);
    BOOST_TEST(durable.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(an_event_says_who_when_and_what_by_pseudonym, OneJournal) {
    Draft full = draft(R"({"what":"x"})");
    AccountId account;
    account.bytes.fill(7);
    full.actor = account;
    full.purpose = "istruttoria";
    full.outcome = Outcome::refused;
    full.subject_kind = SubjectKind::dossier;
    full.subject.fill(8);
    full.counters = {{2026, "VII.11", 4}};
    append(full);
    const StoredEvent stored_event = event(0);
    const auto header = open_header(*keys, 0, stored_event);
    BOOST_REQUIRE(header.has_value());
    BOOST_TEST((header->time == clock.now()));
    BOOST_TEST(header->boot_millis == clock.boot_millis());
    BOOST_TEST((header->actor == journal->pseudonym(account, 2026)));
    BOOST_TEST((header->actor != account.bytes));
    BOOST_TEST(header->purpose == "istruttoria");
    BOOST_TEST((header->outcome == Outcome::refused));
    BOOST_TEST((header->subject == full.subject));
    BOOST_TEST((header->counters == full.counters));
    BOOST_TEST(payload_of(*this, stored_event, 0, full.action).value() == full.payload);
    // The account's bytes stand nowhere in the stored row.
    const Bytes row = stored(0);
    BOOST_TEST((std::search(row.begin(), row.end(), account.bytes.begin(), account.bytes.end()) ==
                row.end()));
}

BOOST_FIXTURE_TEST_CASE(an_event_moved_to_another_number_does_not_open, OneJournal) {
    append(draft("first"));
    append(draft("second"));
    const StoredEvent first = event(0);
    BOOST_TEST(open_header(*keys, 0, first).has_value());
    BOOST_TEST(!open_header(*keys, 1, first).has_value());
    BOOST_TEST(payload_of(*this, first, 0, Action::disclosure_opened).value() == "first");
    BOOST_TEST(!payload_of(*this, first, 1, Action::disclosure_opened).has_value());
    BOOST_TEST(!payload_of(*this, first, 0, Action::export_created).has_value());
    StoredEvent mixed = event(1);
    mixed.header = first.header;
    BOOST_TEST(!open_header(*keys, 1, mixed).has_value());
    StoredEvent other_year = first;
    other_year.year = 2027;
    BOOST_TEST(!open_header(*keys, 0, other_year).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_task_that_throws_leaves_nothing_and_its_neighbours_stay, OneJournal) {
    append(draft());
    std::promise<void> entered;
    std::promise<void> release;
    auto holding = journal->submit(*writer, [&](store::Changes& changes) {
        entered.set_value();
        release.get_future().wait();
        journal->append(changes, draft("before"));
    });
    entered.get_future().wait();
    auto thrown = journal->submit(*writer, [&](store::Changes& changes) {
        journal->append(changes, draft("gone"));
        journal->append(changes, draft("gone too"));
        throw Error(ErrorCode::conflict, "test.thrown", "could not go on");
    });
    auto after = post(draft("after"));
    release.set_value();
    holding.get();
    BOOST_CHECK_EXCEPTION(thrown.get(), Error, is_error(ErrorCode::conflict, "test.thrown"));
    after.get();
    BOOST_TEST(journal->size() == 3U);
    BOOST_TEST(payload_of(*this, event(1), 1, Action::disclosure_opened).value() == "before");
    BOOST_TEST(payload_of(*this, event(2), 2, Action::disclosure_opened).value() == "after");
    reopen();
    BOOST_TEST(checkpoint().size == 3U);
}

// The store finds a task too large only after it returned; its events stayed staged, the root then
// counted what was nowhere, and the vault was read-only for ever.
BOOST_FIXTURE_TEST_CASE(a_task_refused_for_its_size_stages_nothing_either, OneJournal) {
    append(draft());
    const std::string large(payload_bytes_max - 1000, 'x');
    auto refused = journal->submit(*writer, [&](store::Changes& changes) {
        for (int i = 0; i < 3; ++i) journal->append(changes, draft(large));
    });
    BOOST_CHECK_EXCEPTION(refused.get(), Error,
                          is_error(ErrorCode::invalid_argument, "store.task_too_large"));
    BOOST_TEST(append(draft("next")) == 1U);
    BOOST_TEST(journal->size() == 2U);
    BOOST_TEST(!writer->read_only());
    reopen();
    BOOST_TEST(checkpoint().size == 2U);
}

BOOST_FIXTURE_TEST_CASE(every_event_has_a_receipt_that_holds, OneJournal) {
    std::vector<Draft::Statement> statements;
    for (int i = 0; i < 300; ++i) {  // past the first full tile
        Draft one = draft();
        one.statement = statement_of("{\"number\":" + std::to_string(i) + "}");
        statements.push_back(*one.statement);
        append(one);
    }
    const std::string early = journal->checkpoint();
    append_many(20);
    const auto key = journal->verifier_key();
    for (std::uint64_t i = 0; i < statements.size(); ++i) {
        const auto receipt = journal->receipt(i, statements[i]);
        const auto fault = proof::check(receipt, key);
        BOOST_TEST(!fault.has_value(), i << ": " << fault.value_or(""));
    }
    BOOST_TEST(!proof::check(journal->receipt(7, statements[7], early), key).has_value());
    proof::Receipt other = journal->receipt(7, statements[7]);
    other.statement = statements[8].text;
    BOOST_TEST(proof::check(other, key).has_value());
    other = journal->receipt(7, statements[8]);
    BOOST_TEST(proof::check(other, key).has_value());
    const auto parsed = proof::Receipt::parse(journal->receipt(3, statements[3]).json());
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(!proof::check(*parsed, key).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_later_checkpoint_is_consistent_with_an_earlier_one, OneJournal) {
    append_many(5);
    const auto before = checkpoint();
    append_many(7);
    const auto after = checkpoint();
    const auto path = journal->consistency(before.size, after.size);
    BOOST_TEST(proof::verify_consistency(before.size, before.root, after.size, after.root, path));
    proof::Hash wrong = before.root;
    wrong.bytes[0] ^= 1U;
    BOOST_TEST(!proof::verify_consistency(before.size, wrong, after.size, after.root, path));
}

BOOST_FIXTURE_TEST_CASE(reopening_gives_the_same_origin_size_and_root, OneJournal) {
    append_many(30);
    const auto before = checkpoint();
    reopen();
    const auto after = checkpoint();
    BOOST_TEST(after.origin == before.origin);
    BOOST_TEST(after.origin == "custode/" + to_text(keys->vault()));
    BOOST_TEST(after.size == before.size);
    BOOST_TEST((after.root == before.root));
    BOOST_TEST(append(draft()) == 30U);
    BOOST_TEST((writer->sums()[tables.journal.index].count == 31U));
}

BOOST_FIXTURE_TEST_CASE(a_clock_set_back_is_remarked, OneJournal) {
    append(draft());
    BOOST_TEST(!journal->clock_was_set_back());
    clock.set_wall({clock.now().value - 1'900});  // as a disciplined clock may step
    append(draft());
    BOOST_TEST(!journal->clock_was_set_back());
    clock.set_wall({clock.now().value - 3'600'000});
    append(draft());
    BOOST_TEST(journal->clock_was_set_back());
}

// The last event before a restart counts too: a machine is set back while the service is down.
BOOST_FIXTURE_TEST_CASE(a_clock_set_back_while_closed_is_remarked, OneJournal) {
    append(draft());
    clock.set_wall({clock.now().value - 3'600'000});
    reopen();
    append(draft());
    BOOST_TEST(journal->clock_was_set_back());
}

BOOST_FIXTURE_TEST_CASE(each_year_has_keys_of_its_own_and_all_open, OneJournal) {
    AccountId account;
    account.bytes.fill(7);
    Draft by_someone = draft("year");
    by_someone.actor = account;
    append(by_someone);
    clock.set_wall(*from_rfc3339("2026-12-31T22:59:59.999Z"));  // 23:59 in Rome
    append(by_someone);
    BOOST_TEST(!keys->find(crypto::EntryKind::system_year, 2027).has_value());
    clock.set_wall(*from_rfc3339("2026-12-31T23:00:00.000Z"));  // midnight in Rome
    append(by_someone);
    BOOST_TEST(keys->find(crypto::EntryKind::system_year, 2027).has_value());
    BOOST_TEST(keys->find(crypto::EntryKind::actor_year, 2027).has_value());
    reopen();
    const int years[] = {2026, 2026, 2027};
    std::vector<std::array<std::uint8_t, 16>> actors;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const StoredEvent one = event(i);
        BOOST_TEST(one.year == years[i]);
        const auto header = open_header(*keys, i, one);
        BOOST_REQUIRE(header.has_value());
        actors.push_back(header->actor);
        BOOST_TEST(payload_of(*this, one, i, by_someone.action).value() == "year");
    }
    BOOST_TEST((actors[0] == actors[1]));
    BOOST_TEST((actors[0] != actors[2]));  // nobody can follow a person over the years
}

BOOST_AUTO_TEST_SUITE_END()
