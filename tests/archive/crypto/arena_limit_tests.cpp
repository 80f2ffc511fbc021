#include "archive/base/error.h"
#include "archive/crypto/secret.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

// A suite of its own, hence a process of its own: its arena must not exist yet.
BOOST_AUTO_TEST_SUITE(arena_limit_tests)

namespace {

/// Whether making the arena under a limit of locked memory is refused by its name; run in a child,
/// as another user, because root is above the limit.
int open_arena_without_room() {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 2;
    if (geteuid() == 0 && setuid(65534) != 0) return 3;
    try {
        custode::crypto::open_arena();
    } catch (const custode::Error& error) {
        return error.name() == "arena.not_lockable" ? 0 : 4;
    }
    return 5;
}

}  // namespace

BOOST_AUTO_TEST_CASE(memory_that_cannot_be_locked_is_refused) {
    const pid_t child = fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) _exit(open_arena_without_room());
    int status = -1;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
