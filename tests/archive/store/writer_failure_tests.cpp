#include "tests/archive/store/support.h"

#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

constexpr std::chrono::milliseconds soon{1};

void put(Writer& writer, std::string_view key, std::size_t value_bytes = 1) {
    writer.run([=](Changes& c) { c.put(rows, view(key), Bytes(value_bytes, 'v')); });
}

/// Retries until the writer takes tasks again; bounded by the test's time limit.
void put_when_taken(Writer& writer, std::string_view key) {
    while (writer.read_only()) std::this_thread::yield();
    put(writer, key);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(writer_failure_tests)

// LMDB frees a transaction whose commit fails; freeing it again crashed the next writer.
BOOST_FIXTURE_TEST_CASE(a_failed_commit_leaves_the_store_usable, TemporaryStore) {
    Writer writer(environment, hooks, {.retry_pause = soon});
    put(writer, "before");
    {
        const FileSizeLimit limit(std::filesystem::file_size(file));
        BOOST_CHECK_EXCEPTION(put(writer, "failed", 1U << 20U), Error, [](const Error& error) {
            return error.code() == ErrorCode::storage || error.code() == ErrorCode::full;
        });
    }
    BOOST_TEST(hooks.rollbacks == 1);
    put_when_taken(writer, "after");
    BOOST_TEST(hooks.verifications >= 1);
    BOOST_TEST(stored(rows, "before").has_value());
    BOOST_TEST(!stored(rows, "failed").has_value());
    BOOST_TEST(stored(rows, "after").has_value());
    BOOST_TEST((writer.sums() == recount(environment)));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_written_until_the_tail_is_verified_again, TemporaryStore) {
    Writer writer(environment, hooks, {.retry_pause = soon});
    hooks.refuse_verification = true;
    {
        const FileSizeLimit limit(std::filesystem::file_size(file));
        BOOST_CHECK_THROW(put(writer, "failed", 1U << 20U), Error);
    }
    while (hooks.verifications < 3) std::this_thread::yield();
    BOOST_TEST(writer.read_only());
    BOOST_CHECK_EXCEPTION(put(writer, "refused"), Error,
                          is_error(ErrorCode::storage, "store.read_only"));
    BOOST_CHECK_NO_THROW(ReadTransaction(environment).count(rows));

    hooks.refuse_verification = false;
    put_when_taken(writer, "taken");
    BOOST_TEST(!stored(rows, "refused").has_value());
    BOOST_TEST(stored(rows, "taken").has_value());
}

BOOST_FIXTURE_TEST_CASE(all_of_a_group_fail_with_its_commit, TemporaryStore) {
    Writer writer(environment, hooks, {.retry_pause = soon});
    std::promise<void> entered;
    std::promise<void> release;
    auto large = writer.submit([&](Changes& c) {
        c.put(rows, view("large"), Bytes(1U << 20U));
        entered.set_value();
        release.get_future().wait();
    });
    entered.get_future().wait();
    auto small = writer.submit([](Changes& c) { c.put(rows, view("small"), bytes("v")); });
    auto thrown = writer.submit([](Changes&) { throw std::runtime_error("alone"); });
    {
        const FileSizeLimit limit(std::filesystem::file_size(file));
        release.set_value();
        BOOST_CHECK_THROW(large.get(), Error);
        BOOST_CHECK_THROW(small.get(), Error);
        BOOST_CHECK_THROW(thrown.get(),
                          Error);  // of the group, not its own: it saw no committed state
    }
    put_when_taken(writer, "after");
    BOOST_TEST(ReadTransaction(environment).count(rows) == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_full_map_fails_the_group_and_the_next_one_goes_on, TemporaryFolder) {
    Environment::Options small = options(true);
    small.map_bytes = 1U << 20U;
    Environment environment(path / "catalogue.mdb", small);
    RecordingHooks hooks;
    Writer writer(environment, hooks, {.retry_pause = soon});
    put(writer, "kept", 1000);
    BOOST_CHECK_EXCEPTION(put(writer, "too large", 2U << 20U), Error,
                          is_error(ErrorCode::full, "store.full"));
    put_when_taken(writer, "after");
    BOOST_TEST(ReadTransaction(environment).count(rows) == 2U);
    BOOST_TEST((writer.sums() == recount(environment)));

    // Row by row to the brim: the failure may come from a put or from the commit itself.
    const auto fill = [&] {
        for (int i = 0; i < 10'000; ++i) put(writer, "fill" + std::to_string(i), 3000);
    };
    BOOST_CHECK_EXCEPTION(fill(), Error, is_error(ErrorCode::full, "store.full"));
    while (writer.read_only()) std::this_thread::yield();
    BOOST_TEST((writer.sums() == recount(environment)));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_named_and_needs_no_restart) {
    SmallDisk disk("8m");
    if (!disk.mounted) return;
    Environment environment(disk.folder.path / "catalogue.mdb", options(true));
    RecordingHooks hooks;
    Writer writer(environment, hooks, {.retry_pause = soon});
    put(writer, "before");
    const auto ballast = fill_disk(disk.folder.path);
    BOOST_CHECK_EXCEPTION(put(writer, "full", 1U << 20U), Error,
                          is_error(ErrorCode::full, "store.full"));
    BOOST_TEST(!writer.read_only());  // found before the commit: nothing is in doubt
    BOOST_TEST(hooks.verifications == 0);
    std::filesystem::remove(ballast);
    put(writer, "after", 1U << 20U);
    BOOST_TEST(ReadTransaction(environment).count(rows) == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_head_that_cannot_be_made_fails_the_group_only, TemporaryStore) {
    Writer writer(environment, hooks, {.retry_pause = soon});
    hooks.fail_before_commit = true;
    BOOST_CHECK_EXCEPTION(put(writer, "k"), Error, is_error(ErrorCode::storage, "test.before"));
    BOOST_TEST(!writer.read_only());
    BOOST_TEST(hooks.rollbacks == 1);
    BOOST_TEST(!stored(rows, "k").has_value());
    hooks.fail_before_commit = false;
    put(writer, "k");
    BOOST_TEST((writer.sums() == recount(environment)));
}

// The rows are on disk and nobody was told: the sums must follow the disk, not the answer.
BOOST_FIXTURE_TEST_CASE(a_group_on_disk_but_not_announced_is_taken_up_again, TemporaryStore) {
    Writer writer(environment, hooks, {.retry_pause = soon});
    hooks.fail_after_commit = true;
    BOOST_CHECK_EXCEPTION(put(writer, "k"), Error, is_error(ErrorCode::storage, "test.after"));
    put_when_taken(writer, "next");
    BOOST_TEST(hooks.verifications == 1);
    BOOST_TEST(stored(rows, "k").has_value());
    BOOST_TEST((writer.sums() == recount(environment)));
}

BOOST_FIXTURE_TEST_CASE(a_read_only_writer_ends_without_waiting, TemporaryStore) {
    hooks.refuse_verification = true;
    Writer writer(environment, hooks, {.retry_pause = std::chrono::hours(1)});
    hooks.fail_after_commit = true;
    BOOST_CHECK_THROW(put(writer, "k"), Error);
    while (hooks.verifications < 1) std::this_thread::yield();
    BOOST_TEST(writer.read_only());
}

BOOST_AUTO_TEST_SUITE_END()
