// archive/store/file.h
#pragma once

#include "archive/base/bytes.h"

#include <filesystem>
#include <utility>

namespace custode::store {

/// An open file descriptor, closed at the end of its owner.
///
/// Errors    open_file() gives an empty File and leaves errno; the transfers throw through
///           failure() with the area of their caller.
/// Threads   One descriptor may be used by several threads: every transfer names its offset.
class File {
public:
    File() = default;
    explicit File(int fd) : fd_(fd) {}
    File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();

    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// Opens with O_CLOEXEC and O_NOFOLLOW: a child never inherits a file of the vault, and a link
/// planted in its folders is not followed.
File open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);

/// Writes `head` and then `body` at `offset`, whole.  Returns 0 or errno.
[[nodiscard]] int write_at(const File& file, std::uint64_t offset, BytesView head, BytesView body);

/// Reads until `into` is full or the file ends; gives the bytes read, or -errno.
[[nodiscard]] std::int64_t read_at(const File& file, std::uint64_t offset,
                                   std::span<std::uint8_t> into);

/// Makes the entries of a folder durable: a new file survives a power cut only after this.
/// Returns 0 or errno.
[[nodiscard]] int sync_folder(const std::filesystem::path& folder);

}  // namespace custode::store
