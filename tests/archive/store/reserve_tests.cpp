#include "archive/store/reserve.h"

#include "tests/archive/store/support.h"

#include <sys/stat.h>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

using State = Reserve::State;
constexpr std::uint64_t mib = 1U << 20U;

std::uint64_t free_of(const std::filesystem::path& folder) {
    return std::filesystem::space(folder).available;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reserve_tests)

BOOST_FIXTURE_TEST_CASE(a_reserve_takes_real_blocks, TemporaryFolder) {
    const Reserve reserve(path / "reserve", 2 * mib, 1.0);
    BOOST_TEST((reserve.state() == State::held));
    BOOST_TEST(std::filesystem::file_size(path / "reserve") == 2 * mib);
}

BOOST_AUTO_TEST_CASE(the_reserve_is_released_spent_and_taken_back_with_the_space) {
    SmallDisk disk("64m");
    if (!disk.mounted) return;
    const auto& folder = disk.folder.path;
    Reserve reserve(folder / "reserve", 16 * mib, 0.95);
    BOOST_TEST((reserve.look() == State::held));
    BOOST_TEST(free_of(folder) <= 48 * mib);

    const auto ballast = fill_disk(folder, 4 * mib);  // 60 of 64 MiB: under 95 %
    BOOST_TEST((reserve.look() == State::held));
    std::ofstream(folder / "more") << std::string(2 * mib, 'x');
    BOOST_TEST((reserve.look() == State::released));
    BOOST_TEST(std::filesystem::file_size(folder / "reserve") == 0U);
    BOOST_TEST(free_of(folder) > 16 * mib);

    const auto rest = folder / "rest";
    std::ofstream(rest) << std::string(free_of(folder) - 8 * mib, 'x');
    BOOST_TEST((reserve.look() == State::released));  // exactly what must stay
    std::ofstream(folder / "last") << std::string(4096, 'x');
    BOOST_TEST((reserve.look() == State::spent));

    std::filesystem::remove(folder / "last");
    BOOST_TEST((reserve.look() == State::released));
    std::filesystem::remove(rest);
    BOOST_TEST((reserve.look() == State::released));  // 18 MiB are not twice 16
    std::filesystem::remove(ballast);
    BOOST_TEST((reserve.look() == State::held));
    BOOST_TEST(std::filesystem::file_size(folder / "reserve") == 16 * mib);
}

BOOST_AUTO_TEST_CASE(a_report_of_enospc_releases_before_the_ratio_does) {
    SmallDisk disk("64m");
    if (!disk.mounted) return;
    Reserve reserve(disk.folder.path / "reserve", 16 * mib, 0.95);
    BOOST_TEST((reserve.look(false) == State::held));
    BOOST_TEST((reserve.look(true) == State::released));
    BOOST_TEST((reserve.look(false) == State::held));  // there is room twice over
}

BOOST_AUTO_TEST_CASE(a_reserve_that_finds_no_room_is_a_state_and_not_an_error) {
    SmallDisk disk("16m");
    if (!disk.mounted) return;
    BOOST_TEST((Reserve(disk.folder.path / "large", 32 * mib).state() == State::released));
    fill_disk(disk.folder.path, mib);
    BOOST_TEST((Reserve(disk.folder.path / "large", 32 * mib).state() == State::spent));
}

// A restored copy of the file may be all hole.
BOOST_FIXTURE_TEST_CASE(a_sparse_reserve_is_filled, TemporaryFolder) {
    std::ofstream(path / "reserve");
    std::filesystem::resize_file(path / "reserve", 2 * mib);
    const Reserve reserve(path / "reserve", 2 * mib, 1.0);
    BOOST_TEST((reserve.state() == State::held));
    struct stat about {};
    BOOST_TEST(::stat((path / "reserve").c_str(), &about) == 0);
    BOOST_TEST(static_cast<std::uint64_t>(about.st_blocks) * 512 >= 2 * mib);
}

BOOST_FIXTURE_TEST_CASE(a_held_reserve_is_still_held_after_a_restart, TemporaryFolder) {
    { const Reserve reserve(path / "reserve", 2 * mib, 1.0); }
    const auto written = std::filesystem::last_write_time(path / "reserve");
    BOOST_TEST((Reserve(path / "reserve", 2 * mib, 1.0).state() == State::held));
    BOOST_TEST((std::filesystem::last_write_time(path / "reserve") == written));
}

BOOST_AUTO_TEST_SUITE_END()
