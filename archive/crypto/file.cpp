#include "archive/crypto/file.h"

#include "archive/base/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace custode::crypto::detail {
namespace {

/// Names the file by its last part only: a path may tell where a custodian keeps a holder.
[[noreturn]] void fail(const char* action, const std::string& name) {
    const int reason = errno;
    const bool no_room = reason == ENOSPC || reason == EDQUOT;
    const std::string message = std::string("could not ") + action + " " + name + ": " +
                                std::generic_category().message(reason);
    if (reason == ENOENT) throw Error(ErrorCode::not_found, "file.missing", message);
    if (reason == EEXIST) throw Error(ErrorCode::conflict, "file.exists", message);
    throw Error(no_room ? ErrorCode::full : ErrorCode::storage,
                no_room ? "disk.full" : "file.failed", message);
}

void sync_folder_of(const std::filesystem::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    File(folder, O_RDONLY | O_DIRECTORY).sync();
}

void write_and_sync(const std::filesystem::path& path, int flags, BytesView bytes) {
    const File file(path, O_WRONLY | O_CREAT | flags);
    file.write(0, bytes);
    file.sync();
}

}  // namespace

File::File(const std::filesystem::path& path, int flags, unsigned mode)
    : handle_(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode)) {
    if (handle_ < 0) fail("open", path.filename());
}

File::~File() {
    if (handle_ >= 0) close(handle_);
}

std::uint64_t File::size() const {
    struct stat facts {};
    if (fstat(handle_, &facts) != 0) fail("look at", "a key file");
    return static_cast<std::uint64_t>(facts.st_size);
}

Bytes File::read(std::uint64_t from, std::size_t size) const {
    Bytes bytes(size);
    for (std::size_t done = 0; done < size;) {
        const ssize_t got =
            pread(handle_, bytes.data() + done, size - done, static_cast<off_t>(from + done));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;  // it shrank between size() and here
        if (got <= 0) fail("read", "a key file");
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

void File::write(std::uint64_t at, BytesView bytes) const {
    while (!bytes.empty()) {
        const ssize_t put = pwrite(handle_, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) fail("write", "a key file");
        at += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void File::resize(std::uint64_t size) const {
    if (ftruncate(handle_, static_cast<off_t>(size)) != 0) fail("resize", "a key file");
}

void File::sync() const {
    if (fsync(handle_) != 0) fail("sync", "a key file");
}

std::optional<Bytes> read_whole(const std::filesystem::path& path, std::size_t bytes_max) {
    std::optional<File> file;
    try {
        file.emplace(path, O_RDONLY);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found) return std::nullopt;
        throw;
    }
    const std::uint64_t size = file->size();
    if (size > bytes_max)
        throw Error(ErrorCode::corrupt, "file.too_large",
                    "could not read " + path.filename().string() + ": larger than it can be");
    return file->read(0, static_cast<std::size_t>(size));
}

void write_new(const std::filesystem::path& path, BytesView bytes) {
    write_and_sync(path, O_EXCL, bytes);
    sync_folder_of(path);
}

void replace_durably(const std::filesystem::path& path, BytesView bytes) {
    const std::filesystem::path temporary = path.string() + ".tmp";
    write_and_sync(temporary, O_TRUNC, bytes);
    rename_durably(temporary, path);
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (rename(from.c_str(), to.c_str()) != 0) fail("rename", from.filename());
    sync_folder_of(to);
}

bool erase_file(const std::filesystem::path& path) noexcept try {
    {
        const File file(path, O_WRONLY);
        constexpr std::size_t step = 65'536;
        const Bytes zeroes(step);
        const std::uint64_t size = file.size();
        for (std::uint64_t at = 0; at < size; at += step)
            file.write(at, BytesView(zeroes).first(std::min<std::uint64_t>(step, size - at)));
        file.sync();
    }
    if (unlink(path.c_str()) != 0) return false;
    sync_folder_of(path);
    return true;
} catch (const Error& error) {
    return error.code() == ErrorCode::not_found;
}

}  // namespace custode::crypto::detail
