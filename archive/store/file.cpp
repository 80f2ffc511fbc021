#include "archive/store/file.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace custode::store {
namespace {

iovec vector_of(BytesView bytes) {
    // writev takes a non-const pointer and never writes through it.
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

BytesView drop(BytesView bytes, std::size_t& count) {
    const std::size_t dropped = std::min(bytes.size(), count);
    count -= dropped;
    return bytes.subspan(dropped);
}

}  // namespace

File::~File() {
    if (fd_ >= 0) ::close(fd_);
}

File open_file(const std::filesystem::path& path, int flags, unsigned mode) {
    return File(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
}

int write_at(const File& file, std::uint64_t offset, BytesView head, BytesView body) {
    while (!head.empty() || !body.empty()) {
        const std::array<iovec, 2> parts{vector_of(head), vector_of(body)};
        const ssize_t written =
            ::pwritev(file.fd(), parts.data(), parts.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        if (written == 0) return EIO;
        auto count = static_cast<std::size_t>(written);
        offset += count;
        head = drop(head, count);
        body = drop(body, count);
    }
    return 0;
}

std::int64_t read_at(const File& file, std::uint64_t offset, std::span<std::uint8_t> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t got = ::pread(file.fd(), into.data() + done, into.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return static_cast<std::int64_t>(done);
}

int sync_folder(const std::filesystem::path& folder) {
    const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened || ::fsync(opened.fd()) != 0) return errno;
    return 0;
}

}  // namespace custode::store
