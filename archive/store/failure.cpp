#include "archive/store/failure.h"

#include <lmdb.h>
#include <sys/statvfs.h>

#include <cerrno>

namespace custode::store {
namespace {

bool is_disk_full(const std::filesystem::path& where) {
    struct statvfs about {};
    if (where.empty() || ::statvfs(where.c_str(), &about) != 0) return false;
    return std::uint64_t{about.f_bavail} * about.f_frsize < full_disk_bytes;
}

}  // namespace

Error failure(int code, const std::string& area, const std::string& action,
              const std::filesystem::path& where) {
    const auto make = [&](ErrorCode kind, const char* name) {
        return Error(kind, area + "." + name, "could not " + action + ": " + mdb_strerror(code));
    };
    switch (code) {
        case MDB_KEYEXIST: return make(ErrorCode::conflict, "exists");
        case MDB_READERS_FULL:
        case EMFILE:
        case ENFILE: return make(ErrorCode::busy, "busy");
        case MDB_MAP_FULL:
        case ENOSPC:
        case EDQUOT: return make(ErrorCode::full, "full");
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_CURSOR_FULL:
        case MDB_INVALID: return make(ErrorCode::corrupt, "damaged");
        case MDB_VERSION_MISMATCH: return make(ErrorCode::unsupported, "version");
        case EROFS:
        case EACCES:
        case EPERM: return make(ErrorCode::storage, "not_writable");
        case EIO:
            if (is_disk_full(where)) return make(ErrorCode::full, "full");
            return make(ErrorCode::storage, "io");
        default: return make(ErrorCode::storage, "io");
    }
}

void check(int code, const std::string& action, const std::filesystem::path& where) {
    if (code != 0) throw failure(code, "store", action, where);
}

}  // namespace custode::store
