#include "archive/store/file_system.h"

#include "archive/base/error.h"
#include "archive/store/failure.h"

#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace custode::store {
namespace {

// Values of statfs(2) and linux/magic.h; the headers lack half of them.
constexpr std::array<std::uint64_t, 7> local_magics{
    0xEF53,      // ext2, ext3, ext4
    0x58465342,  // XFS
    0x9123683E,  // Btrfs
    0x2FC12FC1,  // ZFS
    0xF2F52010,  // F2FS
    0x01021994,  // tmpfs
    0x858458F6,  // ramfs
};
constexpr std::array<std::uint64_t, 15> network_magics{
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x01021997,  // 9P
    0x5346414F,  // AFS
    0x6B414653,  // kAFS
    0x73757245,  // Coda
    0x564C,      // NCP
    0x00C36400,  // Ceph
    0x0BD00BD3,  // Lustre
    0x47504653,  // GPFS
    0x01161970,  // GFS2
    0x7461636F,  // OCFS2
    0x19830326,  // BeeGFS
};

template <std::size_t size>
bool contains(const std::array<std::uint64_t, size>& magics, std::uint64_t magic) {
    return std::find(magics.begin(), magics.end(), magic) != magics.end();
}

}  // namespace

FileSystemKind kind_of_magic(std::uint64_t magic) {
    if (contains(local_magics, magic)) return FileSystemKind::local;
    if (contains(network_magics, magic)) return FileSystemKind::network;
    return FileSystemKind::layered;
}

void check_file_system(const std::filesystem::path& folder, bool allow_layered) {
    struct statfs about {};
    if (::statfs(folder.c_str(), &about) != 0) {
        if (errno == ENOENT)
            throw Error(ErrorCode::not_found, "store.missing", "could not find the vault's folder");
        throw failure(errno, "store", "ask for the vault's file system");
    }
    // f_type is a signed word on some machines; a magic is 32 bits.
    const FileSystemKind kind = kind_of_magic(static_cast<std::uint32_t>(about.f_type));
    if (kind == FileSystemKind::local) return;
    if (kind == FileSystemKind::layered && allow_layered) return;
    throw Error(ErrorCode::unsupported, "store.file_system",
                kind == FileSystemKind::network
                    ? "could not open the vault: it lies on a network file system"
                    : "could not open the vault: it lies on an overlay, FUSE or unknown file "
                      "system, and that was not allowed");
}

DiskSpace disk_space(const std::filesystem::path& path) {
    struct statvfs about {};
    if (::statvfs(path.c_str(), &about) != 0)
        throw failure(errno, "store", "ask for the free space");
    const std::uint64_t unit = about.f_frsize;
    return {.free_bytes = about.f_bavail * unit,
            .total_bytes = (about.f_blocks - about.f_bfree + about.f_bavail) * unit};
}

}  // namespace custode::store
