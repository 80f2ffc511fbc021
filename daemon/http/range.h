// daemon/http/range.h
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace custode::daemon {

/// Bytes `first` to `last`, both included, of something longer than `last`.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    std::uint64_t length() const { return last - first + 1; }
};

/// A range that lies outside: the answer is 416 with `Content-Range: bytes */size`.
struct Unsatisfiable {};

/// The one range that `header` ("bytes=A-B", "bytes=A-", "bytes=-N") asks of `size` bytes.
///
/// Nothing for a header of several ranges, another unit or any other spelling: RFC 9110 §14.2
/// lets a server ignore those, and then the whole is sent.  A last byte beyond the end is cut to
/// it.
std::optional<std::variant<ByteRange, Unsatisfiable>> parse_range(std::string_view header,
                                                                  std::uint64_t size);

}  // namespace custode::daemon
