#include "archive/store/reserve.h"

#include "archive/base/error.h"
#include "archive/base/mutex.h"
#include "archive/store/failure.h"
#include "archive/store/file.h"
#include "archive/store/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {

struct Reserve::Impl {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    double full_ratio = 0;
    File file;
    mutable Mutex mutex;
    State state CUSTODE_GUARDED_BY(mutex) = State::released;

    bool is_full_with(const DiskSpace& disk, std::uint64_t more) const;
    bool has_blocks() const;
    bool take() CUSTODE_REQUIRES(mutex);
    void release() CUSTODE_REQUIRES(mutex);
};

/// Whether the disk reaches the ratio when `more` bytes of it are taken.
bool Reserve::Impl::is_full_with(const DiskSpace& disk, std::uint64_t more) const {
    const std::uint64_t free = disk.free_bytes > more ? disk.free_bytes - more : 0;
    const auto used = static_cast<double>(disk.total_bytes - std::min(free, disk.total_bytes));
    return used >= full_ratio * static_cast<double>(disk.total_bytes);
}

/// A copied or restored reserve may be a hole: only blocks that are really there count.
bool Reserve::Impl::has_blocks() const {
    struct stat about {};
    if (::fstat(file.fd(), &about) != 0) return false;
    return static_cast<std::uint64_t>(about.st_size) == bytes &&
           static_cast<std::uint64_t>(about.st_blocks) * 512 >= bytes;
}

bool Reserve::Impl::take() {
    if (has_blocks()) return true;
    if (::ftruncate(file.fd(), 0) == 0 &&
        ::posix_fallocate(file.fd(), 0, static_cast<off_t>(bytes)) == 0 && ::fsync(file.fd()) == 0)
        return true;
    release();
    return false;
}

void Reserve::Impl::release() {
    // fsync: ext4 gives the blocks of a truncated file back when its journal commits.
    if (::ftruncate(file.fd(), 0) != 0 || ::fsync(file.fd()) != 0)
        throw failure(errno, "store", "release the reserve");
}

Reserve::Reserve(const std::filesystem::path& file, std::uint64_t bytes, double full_ratio)
    : impl_(std::make_shared<Impl>()) {
    require(bytes > 0 && full_ratio > 0 && full_ratio <= 1, "a reserve has a size and a ratio");
    impl_->path = file;
    impl_->bytes = bytes;
    impl_->full_ratio = full_ratio;
    impl_->file = open_file(file, O_RDWR | O_CREAT);
    if (!impl_->file) throw failure(errno, "store", "open the reserve", file.parent_path());
    // A reserve that is there counts as held, whatever is left beside it; look() decides the rest.
    if (impl_->has_blocks()) {
        const Lock lock(impl_->mutex);
        impl_->state = State::held;
    }
    look();
}

Reserve::State Reserve::look(bool out_of_space) {
    Impl& impl = *impl_;
    const Lock lock(impl.mutex);
    DiskSpace disk = disk_space(impl.path);
    if (impl.state == State::held) {
        if (!out_of_space && !impl.is_full_with(disk, 0)) return impl.state;
        impl.release();
        disk = disk_space(impl.path);
    } else if (!out_of_space && disk.free_bytes >= 2 * impl.bytes &&
               !impl.is_full_with(disk, impl.bytes) && impl.take()) {
        return impl.state = State::held;
    }
    return impl.state = disk.free_bytes < spent_bytes ? State::spent : State::released;
}

Reserve::State Reserve::state() const {
    const Lock lock(impl_->mutex);
    return impl_->state;
}

}  // namespace custode::store
