#include "tests/archive/store/support.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

BOOST_AUTO_TEST_SUITE(environment_tests)

BOOST_FIXTURE_TEST_CASE(a_missing_catalogue_is_made_only_when_asked, TemporaryFolder) {
    BOOST_CHECK_EXCEPTION(Environment(path / "catalogue.mdb", options(false)), Error,
                          is_error(ErrorCode::not_found, "store.missing"));
    BOOST_TEST(std::filesystem::is_empty(path));
    { Environment made(path / "catalogue.mdb", options(true)); }
    BOOST_CHECK_NO_THROW(Environment(path / "catalogue.mdb", options(false)));
}

BOOST_FIXTURE_TEST_CASE(a_missing_folder_is_named, TemporaryFolder) {
    BOOST_CHECK_EXCEPTION(Environment(path / "no" / "catalogue.mdb", options(true)), Error,
                          is_error(ErrorCode::not_found, "store.missing"));
}

// LMDB makes a blank environment of an empty file: a vault would start without its dossiers.
BOOST_FIXTURE_TEST_CASE(an_emptied_catalogue_is_not_taken_for_a_new_one, TemporaryFolder) {
    { Environment made(path / "catalogue.mdb", options(true)); }
    std::filesystem::resize_file(path / "catalogue.mdb", 0);
    BOOST_CHECK_EXCEPTION(Environment(path / "catalogue.mdb", options(false)), Error,
                          is_error(ErrorCode::corrupt, "store.damaged"));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_no_catalogue_is_refused, TemporaryFolder) {
    std::ofstream(path / "catalogue.mdb") << std::string(16384, 'x');
    BOOST_CHECK_EXCEPTION(Environment(path / "catalogue.mdb", options(false)), Error,
                          is_error(ErrorCode::corrupt, "store.damaged"));
}

BOOST_FIXTURE_TEST_CASE(a_catalogue_without_one_of_its_tables_is_refused, TemporaryFolder) {
    { Environment made(path / "catalogue.mdb", options(true)); }
    Environment::Options more = options(false);
    more.tables.push_back("later");
    BOOST_CHECK_EXCEPTION(Environment(path / "catalogue.mdb", more), Error,
                          is_error(ErrorCode::corrupt, "store.damaged"));
    more.create = true;  // as a new version's upgrade does
    BOOST_CHECK_NO_THROW(Environment(path / "catalogue.mdb", more));
}

BOOST_FIXTURE_TEST_CASE(a_second_opener_is_refused_until_the_first_ends, TemporaryStore) {
    BOOST_CHECK_EXCEPTION(Environment(file, options(false)), Error,
                          is_error(ErrorCode::conflict, "store.in_use"));
}

BOOST_FIXTURE_TEST_CASE(a_second_process_is_refused_until_the_first_ends, TemporaryFolder) {
    const auto status_of_opener = [&] {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                Environment second(path / "catalogue.mdb", options(false));
                ::_exit(0);
            } catch (const Error& error) {
                ::_exit(error.name() == "store.in_use" ? 3 : 4);
            }
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    };
    auto first = std::make_unique<Environment>(path / "catalogue.mdb", options(true));
    BOOST_TEST(status_of_opener() == 3);
    first.reset();
    BOOST_TEST(status_of_opener() == 0);
}

BOOST_FIXTURE_TEST_CASE(files_are_for_their_owner_only, TemporaryStore) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
        using std::filesystem::perms;
        const perms shared = entry.status().permissions() & (perms::group_all | perms::others_all);
        BOOST_TEST((shared == perms::none), entry.path());
    }
}

// An examiner started by the daemon must not inherit the catalogue.
BOOST_FIXTURE_TEST_CASE(no_file_of_the_store_is_inherited_by_children, TemporaryStore) {
    int seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        const auto target = std::filesystem::read_symlink(entry.path(), error);
        if (error || target.parent_path() != folder.path) continue;
        const int fd = std::stoi(entry.path().filename());
        BOOST_TEST((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, target);
        ++seen;
    }
    BOOST_TEST(seen >= 4);  // our lock, LMDB's lock, data and meta
}

BOOST_FIXTURE_TEST_CASE(reopening_keeps_what_was_committed, TemporaryStore) {
    Writer(environment, hooks, {}).run([](Changes& c) { c.put(rows, view("a"), bytes("1")); });
    environment.reopen();
    BOOST_TEST(stored(rows, "a").value() == bytes("1"));
    // … and the lock.
    BOOST_CHECK_EXCEPTION(Environment(file, options(false)), Error,
                          is_error(ErrorCode::conflict, "store.in_use"));
}

BOOST_FIXTURE_TEST_CASE(reopening_waits_for_readers, TemporaryStore) {
    auto read = std::make_unique<ReadTransaction>(environment);
    std::atomic<bool> reopened{false};
    std::thread other([&] {
        environment.reopen();
        reopened = true;
    });
    BOOST_TEST(read->count(rows) == 0U);
    BOOST_TEST(!reopened);
    read.reset();
    other.join();
    BOOST_TEST(reopened);
    BOOST_TEST(ReadTransaction(environment).count(rows) == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_catalogue_lost_while_reopening_closes_the_store, TemporaryStore) {
    std::filesystem::rename(file, folder.path / "aside");
    BOOST_CHECK_EXCEPTION(environment.reopen(), Error,
                          is_error(ErrorCode::not_found, "store.missing"));
    BOOST_CHECK_EXCEPTION(ReadTransaction{environment}, Error,
                          is_error(ErrorCode::storage, "store.closed"));
    std::filesystem::rename(folder.path / "aside", file);
    environment.reopen();
    BOOST_CHECK_NO_THROW(ReadTransaction{environment});
}

BOOST_FIXTURE_TEST_CASE(space_tells_the_disk_and_the_map, TemporaryStore) {
    const Environment::Space space = environment.space();
    BOOST_TEST(space.free_bytes > 0U);
    BOOST_TEST(space.free_bytes <= space.total_bytes);
    BOOST_TEST(space.map_bytes == test_map_bytes);
    BOOST_TEST(space.map_used_bytes > 0U);
    BOOST_TEST(space.map_used_bytes < space.map_bytes);
}

BOOST_FIXTURE_TEST_CASE(the_default_map_can_be_reserved, TemporaryFolder) {
    Environment::Options large = options(true);
    large.map_bytes = Environment::map_bytes_default;
    const Environment made(path / "catalogue.mdb", large);
    BOOST_TEST(made.space().map_bytes == Environment::map_bytes_default);
}

BOOST_FIXTURE_TEST_CASE(more_readers_than_slots_are_told_to_come_back, TemporaryFolder) {
    Environment::Options few = options(true);
    few.readers_max = 2;
    Environment made(path / "catalogue.mdb", few);
    {
        const ReadTransaction one(made);
        const ReadTransaction two(made);
        BOOST_CHECK_EXCEPTION(ReadTransaction{made}, Error,
                              is_error(ErrorCode::busy, "store.busy"));
    }
    BOOST_CHECK_NO_THROW(ReadTransaction{made});
}

BOOST_AUTO_TEST_SUITE_END()
