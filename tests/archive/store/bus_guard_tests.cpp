#include "archive/store/bus_guard.h"

#include "tests/archive/store/support.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

/// In a child: maps a file, shortens it unless told not to, reads the second page.
void read_past_the_end(const std::filesystem::path& file, bool shorten, int report) {
    ::dup2(report, STDERR_FILENO);
    install_bus_guard();
    const int fd = ::open(file.c_str(), O_RDWR);
    const auto* map =
        static_cast<const volatile char*>(::mmap(nullptr, 8192, PROT_READ, MAP_SHARED, fd, 0));
    if (shorten && ::ftruncate(fd, 4096) != 0) ::_exit(1);
    [[maybe_unused]] const char byte = map[4096];
    ::_exit(0);
}

std::pair<int, std::string> run_child(const std::filesystem::path& file, bool shorten) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) read_past_the_end(file, shorten, ends[1]);
    ::close(ends[1]);
    std::string said;
    std::array<char, 256> piece{};
    for (ssize_t got = 0; (got = ::read(ends[0], piece.data(), piece.size())) > 0;)
        said.append(piece.data(), static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bus_guard_tests)

BOOST_FIXTURE_TEST_CASE(a_map_that_lost_its_file_ends_with_status_7_and_one_line, TemporaryFolder) {
    std::ofstream(path / "file") << std::string(8192, 'x');
    const auto [status, said] = run_child(path / "file", true);
    BOOST_TEST(status == 7);
    BOOST_TEST(said.starts_with("custode: "));
    BOOST_TEST(std::count(said.begin(), said.end(), '\n') == 1);
}

BOOST_FIXTURE_TEST_CASE(a_whole_map_is_read_in_silence, TemporaryFolder) {
    std::ofstream(path / "file") << std::string(8192, 'x');
    const auto [status, said] = run_child(path / "file", false);
    BOOST_TEST(status == 0);
    BOOST_TEST(said.empty());
}

BOOST_AUTO_TEST_SUITE_END()
