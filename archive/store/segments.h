// archive/store/segments.h
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "archive/base/bytes.h"
#include "archive/base/id.h"

namespace custode::store {

/// Where a run of an object's container bytes lies.
struct Extent {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;  ///< Of the bytes themselves, past the frame head.
    std::uint64_t length = 0;
    friend bool operator==(const Extent&, const Extent&) = default;
};

/// A frame as a scan or an index lists it.
struct FrameInfo {
    BlobId blob;
    std::uint32_t ordinal = 0;  ///< 0, 1, 2 … within its blob
    Extent extent;
};

/// Append-only files of sealed chunks: segments/000001.seg, …
///
/// Appends are framed (blob id, ordinal, length, check), so that an open segment can be scanned.
/// A segment that reaches its size is closed: an index of its frames, sealed by the caller's
/// function, goes at its end, it is fsynced, made 0400, its SHA-256 handed to `on_closed` (which
/// journals it), and never written again.
///
/// Errors    Error(full, "segments.full"), Error(storage, …), Error(corrupt, "segments.damaged").
///           A failed fdatasync poisons the open segment: it is cut back to its last durable
///           length when that is possible, else closed for ever, and everything since fails.
/// Threads   Any.  Appends take a short mutex; sync() is shared: callers that wait together pay
///           one fdatasync.
/// Source    design §3, §6.2–6.3.
class SegmentStore {
public:
    struct Hooks {
        std::function<Bytes(std::uint32_t segment, BytesView index)> seal_index;
        std::function<std::optional<Bytes>(std::uint32_t segment, BytesView sealed)> open_index;
        std::function<void(std::uint32_t segment, std::uint64_t bytes, const Sha256Digest& sha256)>
            on_closed;
    };
    struct Options {
        std::uint64_t segment_bytes_max = std::uint64_t{4} << 30U;
    };

    /// `named_end`: per segment the last byte that the catalogue names; the tail of the open
    /// segment past it is dropped.
    SegmentStore(const std::filesystem::path& folder, const Options& options, Hooks hooks,
                 const std::function<std::uint64_t(std::uint32_t segment)>& named_end);
    ~SegmentStore();

    /// Appends one frame of a blob; gives where its bytes lie.  Not durable yet.
    Extent append(const BlobId& blob, std::uint32_t ordinal, BytesView bytes);
    /// Returns when everything appended before the call is on disk.
    void sync();
    /// Fills `into` from the extent, starting `skip` bytes into it.
    void read(const Extent& extent, std::uint64_t skip, std::span<std::uint8_t> into) const;
    /// Lists the frames of every segment: closed ones from their index, the open one by scanning.
    void frames(const std::function<void(const FrameInfo&)>& visit) const;
    /// Closes segments that are full and have no append in flight; called between filings.
    void close_full();

    struct Usage {
        std::uint32_t segments = 0;
        std::uint64_t bytes = 0;
    };
    Usage usage() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::store
