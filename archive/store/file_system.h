// archive/store/file_system.h
#pragma once

#include <cstdint>
#include <filesystem>

namespace custode::store {

/// What a memory-mapped database may expect of the file system below it.
enum class FileSystemKind {
    local,  ///< Locks, maps and fdatasync mean what they say (tmpfs too, for as long as it lives).
    layered,  ///< Overlay, FUSE, or one that we do not know: only when the operator says so.
    network,  ///< Another machine may change the file under our map: never.
};

/// Sorts by the magic number of statfs(2).
FileSystemKind kind_of_magic(std::uint64_t magic);

/// Refuses a vault on a file system that would lose or mix its data.
/// @throws Error(unsupported, "store.file_system"), Error(not_found, "store.missing")
void check_file_system(const std::filesystem::path& folder, bool allow_layered);

struct DiskSpace {
    std::uint64_t free_bytes = 0;   ///< For us, without what is kept for root.
    std::uint64_t total_bytes = 0;  ///< Used by anyone + free for us, as df counts.
};
/// @throws Error(storage, "store.io")
DiskSpace disk_space(const std::filesystem::path& path);

}  // namespace custode::store
