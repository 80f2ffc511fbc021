#include "tests/archive/journal/journal_support.h"

using namespace custode;
using namespace custode::journal;
using namespace custode::journal::testing;
using custode::store::testing::FileSizeLimit;
using custode::store::testing::is_error;

namespace {

/// What an attacker or a dying disk does to a row of the environment that is open here.
void flip_row(OneJournal& world, store::Table table, BytesView key, std::size_t at) {
    Bytes value;
    {
        const store::ReadTransaction read(*world.environment);
        value = copy(read.find(table, key).value());
    }
    value.at(at) ^= 1U;
    Tamperer(*world.environment).put(table, key, value);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_failure_tests)

// A public log died of one bit that flipped between the leaf and its signature.
BOOST_FIXTURE_TEST_CASE(a_leaf_that_changes_before_it_is_signed_is_never_signed, OneJournal) {
    append(draft());
    const auto before = checkpoint();
    hooks->committed = [&] { flip_row(*this, tables.journal, big_endian(1), 40); };
    BOOST_CHECK_EXCEPTION(append(draft()), Error,
                          is_error(ErrorCode::corrupt, "journal.leaf_changed"));
    BOOST_TEST((checkpoint() == before));
    BOOST_TEST(durable.size() == 1U);
    // Poisoned for ever: the writer tries to recover and the journal does not agree.
    for (int i = 0; i < 3; ++i) {
        BOOST_CHECK_THROW(append(draft()), Error);
        std::this_thread::sleep_for(std::chrono::milliseconds(3));  // more than a retry's pause
    }
    BOOST_TEST((checkpoint() == before));
    BOOST_TEST(writer->read_only());
    BOOST_TEST(hooks->verified == 0);
    close();
    open_environment(false);
    BOOST_CHECK_EXCEPTION(open(head()), Error, is_error(ErrorCode::corrupt, "tiles.root"));
}

BOOST_FIXTURE_TEST_CASE(a_head_row_that_was_touched_is_refused, OneJournal) {
    append_many(3);
    writer.reset();
    Bytes sealed;
    {
        const store::ReadTransaction read(*environment);
        sealed = copy(read.find(tables.head, view("head")).value());
    }
    BOOST_CHECK_NO_THROW(head());
    Tamperer tamperer(*environment);
    for (std::size_t at = 0; at < sealed.size(); at += 7) {
        Bytes changed = sealed;
        changed[at] ^= 1U;
        tamperer.put(tables.head, view("head"), changed);
        BOOST_CHECK_EXCEPTION(head(), Error, is_error(ErrorCode::corrupt, "vault.head_damaged"));
    }
    tamperer.erase(tables.head, view("head"));
    BOOST_CHECK_EXCEPTION(head(), Error, is_error(ErrorCode::corrupt, "vault.head_missing"));
    tamperer.put(tables.head, view("head"), sealed);
    BOOST_TEST(head().size == 3U);
}

BOOST_FIXTURE_TEST_CASE(a_head_row_of_yesterday_does_not_fit_the_events_of_today, OneJournal) {
    append_many(3);
    const Head yesterday = head();
    append_many(2);
    close();
    open_environment(false);
    // The head alone put back: the journal opens at its place, and the next event's number is
    // taken.
    open(yesterday);
    BOOST_CHECK_EXCEPTION(append(draft()), Error, is_error(ErrorCode::conflict, "store.exists"));
    BOOST_TEST(checkpoint().size == 3U);
    close();
    open_environment(false);
    // A row of the tail altered under the right head.
    const Head today = head();
    flip_row(*this, tables.journal, big_endian(4), 60);
    BOOST_CHECK_EXCEPTION(open(today), Error, is_error(ErrorCode::corrupt, "tiles.root"));
    flip_row(*this, tables.journal, big_endian(4), 60);
    Tamperer(*environment).erase(tables.journal, big_endian(2));
    BOOST_CHECK_EXCEPTION(open(today), Error,
                          is_error(ErrorCode::corrupt, "journal.event_damaged"));
}

BOOST_FIXTURE_TEST_CASE(after_a_failed_commit_the_journal_goes_on_where_it_was, OneJournal) {
    append_many(3);
    const auto before = checkpoint();
    {
        const FileSizeLimit limit(std::filesystem::file_size(folder.path / "catalogue.mdb"));
        BOOST_CHECK_THROW(append(draft(std::string(2U << 20U, 'x'))), Error);
    }
    BOOST_TEST((checkpoint() == before));
    wait_until_writable();
    BOOST_TEST(hooks->verified >= 1);
    BOOST_TEST(append(draft("after")) == 3U);
    BOOST_TEST(checkpoint().size == 4U);
    BOOST_TEST(durable.size() == 4U);
    reopen();
    BOOST_TEST(checkpoint().size == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_commit_that_reached_the_disk_after_all_is_taken_in, OneJournal) {
    append_many(2);
    hooks->committed = [] {
        throw Error(ErrorCode::storage, "test.after", "could not tell whether it is on disk");
    };
    BOOST_CHECK_EXCEPTION(append(draft("doubtful")), Error,
                          is_error(ErrorCode::storage, "test.after"));
    wait_until_writable();
    BOOST_TEST(journal->size() == 3U);
    BOOST_TEST(checkpoint().size == 3U);
    BOOST_TEST((durable == std::vector<std::uint64_t>{0, 1, 2}));  // memory above learns of it
    BOOST_TEST(append(draft("next")) == 3U);
    reopen();
    BOOST_TEST(checkpoint().size == 4U);
}

// What could not be read at the first attempt to recover is still known at the second.
BOOST_FIXTURE_TEST_CASE(a_doubtful_commit_outlives_a_failed_recovery, OneJournal) {
    append_many(2);
    Bytes good;
    hooks->committed = [&] {
        good = stored(2);
        Tamperer(*environment).put(tables.journal, big_endian(2), Bytes{0});  // undecodable
    };
    int attempts = 0;
    hooks->verifying = [&] {
        if (++attempts == 3) Tamperer(*environment).put(tables.journal, big_endian(2), good);
    };
    BOOST_CHECK_EXCEPTION(append(draft("doubtful")), Error,
                          is_error(ErrorCode::corrupt, "journal.event_damaged"));
    wait_until_writable();
    BOOST_TEST(attempts == 3);
    BOOST_TEST(checkpoint().size == 3U);
    BOOST_TEST(append(draft("next")) == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
