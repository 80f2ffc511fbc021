// archive/crypto/file.h
#pragma once

#include "archive/base/bytes.h"

#include <filesystem>
#include <optional>
#include <utility>

namespace custode::crypto::detail {

/// An open file; closed by its destructor.
class File {
public:
    /// @throws Error(not_found | storage); never follows a link in the last place.
    File(const std::filesystem::path& path, int flags, unsigned mode = 0600);
    ~File();
    File(File&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }

    std::uint64_t size() const;
    Bytes read(std::uint64_t from, std::size_t size) const;  ///< Exactly that many, or storage.
    void write(std::uint64_t at, BytesView bytes) const;  ///< All of them. @throws full | storage
    void resize(std::uint64_t size) const;
    void sync() const;  ///< fsync: what was written is on the disk when it returns.

private:
    int handle_ = -1;
};

/// The whole of a small file, or nothing when there is none.
/// @throws Error(corrupt, "file.too_large") above `bytes_max`
std::optional<Bytes> read_whole(const std::filesystem::path& path, std::size_t bytes_max);

/// A file that must not exist yet, mode 0600; durable when it returns.
/// @throws Error(conflict, "file.exists")
void write_new(const std::filesystem::path& path, BytesView bytes);

/// Old bytes or new bytes, never a mixture: temporary file, fsync, rename, fsync of the folder.
/// The old ones stay on the device (tried), so nothing erasable is ever written this way.
void replace_durably(const std::filesystem::path& path, BytesView bytes);
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Overwrites in place, syncs, then unlinks; false when something of it may be left.
bool erase_file(const std::filesystem::path& path) noexcept;

}  // namespace custode::crypto::detail
