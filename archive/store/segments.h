// archive/store/segments.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/id.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
    friend bool operator==(const FrameInfo&, const FrameInfo&) = default;
};

/// Append-only files of sealed chunks: segments/000001.seg, …
///
/// Appends are framed (blob id, ordinal, length, check), so that an open segment can be scanned.
/// A segment that reaches its size is closed: an index of its frames, sealed by the caller's
/// function, goes at its end, it is fsynced, its SHA-256 handed to `on_closed` (which journals it),
/// made 0400, and never written again.  A blob may lie in several segments.
///
/// Failing   A failed fdatasync may have lost any byte since the last good one, and a second
///           fdatasync would not tell.  The open segment is cut back to its last durable length,
///           else left for ever and the next one begun; every blob with a byte in between is lost:
///           append() and sync() of it throw Error(storage, "segments.lost").  Others go on.
/// Damage    A segment that is shorter than what the catalogue names, or whose frames do not
///           follow one another, is listed in damage(), still read where it can be, and never
///           appended to.
/// Errors    Error(full, "segments.full"), Error(storage, "segments.io" | "segments.lost"),
///           Error(corrupt, "segments.damaged").
/// Threads   Any.  Appends take turns; sync() is shared: callers that wait together pay one
///           fdatasync, and it runs beside appends and reads.  close_full() reads a whole segment:
///           for a job, not for a request.
/// Source    design §3, §6.2–6.3; archive/FORMAT.md §9.
class SegmentStore {
public:
    /// Feeds the pieces of a file to its argument, in order.
    using Pieces = std::function<void(const std::function<void(BytesView)>& update)>;

    struct Hooks {
        std::function<Bytes(std::uint32_t segment, BytesView index)> seal_index;
        std::function<std::optional<Bytes>(std::uint32_t segment, BytesView sealed)> open_index;
        std::function<Sha256Digest(const Pieces& pieces)> sha256;
        /// The segment is whole and durable.  Called again after a crash before it was made 0400,
        /// so journaling the same segment twice must be harmless.
        std::function<void(std::uint32_t segment, std::uint64_t bytes, const Sha256Digest& sha256)>
            on_closed;
    };
    struct Options {
        std::uint64_t segment_bytes_max = std::uint64_t{4} << 30U;  ///< Frames; the index is extra.
        std::function<int(int fd)> sync_file{};  ///< Instead of fdatasync, for tests that fail it.
    };
    using NamedEnd = std::function<std::uint64_t(std::uint32_t segment)>;

    /// `named_end`: per segment the end of the last extent that the catalogue names, 0 for none;
    /// the tail of the open segment past it is dropped.  Without the function every whole frame is
    /// kept.
    SegmentStore(const std::filesystem::path& folder, const Options& options, Hooks hooks,
                 const NamedEnd& named_end);
    ~SegmentStore();

    /// Appends one frame of a blob, 1 byte to 16 MiB; gives where its bytes lie.  Not durable yet.
    Extent append(const BlobId& blob, std::uint32_t ordinal, BytesView bytes);
    /// Returns when everything of the blob appended before the call is on disk.
    void sync(const BlobId& blob);
    /// The same for every blob: after a failed fdatasync it cannot tell whose bytes are meant, so
    /// it throws until the store is opened again.
    void sync();
    /// Fills `into` from the extent, starting `skip` bytes into it.
    void read(const Extent& extent, std::uint64_t skip, std::span<std::uint8_t> into) const;
    /// Lists the frames of every segment: closed ones from their index, others by scanning.
    /// @throws Error(corrupt, "segments.damaged") at the end, when some could not be listed
    void frames(const std::function<void(const FrameInfo&)>& visit) const;
    /// Closes the segments that are full and announces those whose announcement a crash cut short.
    void close_full();

    struct Usage {
        std::uint32_t segments = 0;
        std::uint64_t bytes = 0;  ///< Of the files.
    };
    Usage usage() const;

    struct Damage {
        std::uint32_t segment = 0;
        std::uint64_t offset = 0;  ///< Up to here the segment is whole.
        std::string what;
    };
    std::vector<Damage> damage() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::store
