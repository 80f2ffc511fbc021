// archive/store/failure.h
#pragma once

#include "archive/base/error.h"

#include <filesystem>
#include <string>

namespace custode::store {

/// Below this much free space a bare EIO is read as a full disk: LMDB reports a short write as EIO
/// (mdb.c: "TODO: Use which error code?"), and a short write has eaten all that was free.
constexpr std::uint64_t full_disk_bytes = std::uint64_t{1} << 20U;

/// The one place where a code of LMDB (negative) or of the system (errno) becomes an Error.
///
/// `area` begins the error's name: "store" or "segments".  `action` completes "could not …".
/// With `where`, EIO is looked at twice: see full_disk_bytes.
Error failure(int code, const std::string& area, const std::string& action,
              const std::filesystem::path& where = {});

/// Throws failure() unless the code is 0.
void check(int code, const std::string& action, const std::filesystem::path& where = {});

}  // namespace custode::store
