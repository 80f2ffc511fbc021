// archive/exchange/old_digests.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

struct archive;

namespace custode::exchange {

/// The digests that bags of others use besides SHA-256, of one file fed in pieces.
///
/// MD5 and SHA-1 prove nothing against an adversary; they are here to check what others wrote and
/// nowhere else.  libarchive computes them: its mtree format is a list of names and digests, so
/// that neither a second library nor code of our own is needed for them.
///
/// Errors    Error(storage, "bag.digest") when libarchive fails.
/// Source    libarchive 3.6.2, archive_write_set_format_mtree.c.
class OldDigests {
public:
    static bool knows(const std::string& algorithm);  ///< "md5", "sha1", "sha512"

    /// `bytes`: exactly how many will come.
    OldDigests(const std::set<std::string>& algorithms, std::uint64_t bytes);
    ~OldDigests();

    void update(BytesView bytes);
    std::map<std::string, std::string> finish();  ///< Algorithm to lower-case hexadecimal.

private:
    struct Free {
        void operator()(archive* handle) const noexcept;
    };
    static long collect(archive*, void* text, const void* bytes, std::size_t size);

    std::string text_;
    std::unique_ptr<archive, Free> handle_;
};

}  // namespace custode::exchange
