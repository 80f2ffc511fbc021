#include "archive/store/file_system.h"

#include "tests/archive/store/support.h"

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

BOOST_AUTO_TEST_SUITE(file_system_tests)

BOOST_AUTO_TEST_CASE(local_file_systems_are_told_from_network_and_layered_ones) {
    for (const std::uint64_t magic : {0xEF53U, 0x58465342U, 0x9123683EU, 0x01021994U})
        BOOST_TEST((kind_of_magic(magic) == FileSystemKind::local), std::hex << magic);
    for (const std::uint64_t magic : {0x6969U, 0x517BU, 0xFF534D42U, 0xFE534D42U, 0x01021997U})
        BOOST_TEST((kind_of_magic(magic) == FileSystemKind::network), std::hex << magic);
    for (const std::uint64_t magic : {0x794C7630U, 0x65735546U})  // overlay, FUSE
        BOOST_TEST((kind_of_magic(magic) == FileSystemKind::layered), std::hex << magic);
}

// 9P is one digit from tmpfs, and an unknown one is not trusted.
BOOST_AUTO_TEST_CASE(neighbours_of_known_magics_are_not_local) {
    BOOST_TEST((kind_of_magic(0x01021994) == FileSystemKind::local));
    BOOST_TEST((kind_of_magic(0x01021997) == FileSystemKind::network));
    BOOST_TEST((kind_of_magic(0x01021995) == FileSystemKind::layered));
}

BOOST_AUTO_TEST_CASE(a_vault_on_proc_is_refused_unless_any_is_allowed) {
    BOOST_CHECK_EXCEPTION(check_file_system("/proc", false), Error,
                          is_error(ErrorCode::unsupported, "store.file_system"));
    BOOST_CHECK_NO_THROW(check_file_system("/proc", true));
}

BOOST_AUTO_TEST_CASE(a_real_overlay_is_refused_unless_allowed) {
    SmallDisk disk("1m");
    if (!disk.mounted) return;
    const auto root = disk.folder.path;
    for (const char* name : {"lower", "upper", "work", "merged"})
        std::filesystem::create_directory(root / name);
    const std::string data = "lowerdir=" + (root / "lower").string() +
                             ",upperdir=" + (root / "upper").string() +
                             ",workdir=" + (root / "work").string();
    if (::mount("overlay", (root / "merged").c_str(), "overlay", 0, data.c_str()) != 0) {
        BOOST_TEST_MESSAGE("skipped: no overlay can be mounted here");
        return;
    }
    BOOST_CHECK_NO_THROW(check_file_system(root, false));  // the tmpfs below
    BOOST_CHECK_EXCEPTION(check_file_system(root / "merged", false), Error,
                          is_error(ErrorCode::unsupported, "store.file_system"));
    BOOST_CHECK_NO_THROW(check_file_system(root / "merged", true));
    ::umount2((root / "merged").c_str(), MNT_DETACH);
}

BOOST_AUTO_TEST_SUITE_END()
