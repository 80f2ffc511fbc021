// archive/store/segment_state.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/store/segment_files.h"
#include "archive/store/segments.h"

#include <atomic>
#include <map>
#include <set>

namespace custode::store {

/// One file of the store.  What is appended to, or waits to be closed, holds its descriptor; the
/// others are opened through the FileCache.
struct Segment {
    explicit Segment(std::uint32_t number_) : number(number_) {}

    const std::uint32_t number;
    File file;
    std::atomic<std::uint64_t> end{0};    ///< Where its frames end: reads stay before it.
    std::uint64_t durable = 0;            ///< Frames up to here are on disk; under `sync_mutex`.
    std::atomic<std::uint64_t> bytes{0};  ///< Of the file, once it has a footer.
    std::atomic<bool> has_footer{false};  ///< Index and footer are written and durable.
    std::atomic<bool> is_damaged{false};
};
using SegmentPointer = std::shared_ptr<Segment>;  // shared by the list, and reads under way

/// Everything behind SegmentStore; the steps of opening and closing are in segment_open.cpp and
/// segment_close.cpp.
///
/// Locks     In this order: close_mutex, append_mutex, then one of the leaves sync_mutex and
///           list_mutex.  append_mutex is held over the write of a frame on purpose: the kernel
///           lets one writer at a time into a file anyway, and a frame begun behind an unfinished
///           one would leave a hole at which a scan stops.
struct SegmentStore::State {
    State(std::filesystem::path folder_, Options options_, Hooks hooks_)
        : folder(std::move(folder_)),
          options(std::move(options_)),
          hooks(std::move(hooks_)),
          cache(folder) {}

    const std::filesystem::path folder;
    const Options options;
    const Hooks hooks;
    mutable FileCache cache;

    mutable Mutex list_mutex;
    std::map<std::uint32_t, SegmentPointer> segments CUSTODE_GUARDED_BY(list_mutex);
    std::vector<Damage> damages CUSTODE_GUARDED_BY(list_mutex);

    Mutex append_mutex;
    /// What is appended to; empty before the first append.
    SegmentPointer open CUSTODE_GUARDED_BY(append_mutex);
    std::vector<SegmentPointer> full CUSTODE_GUARDED_BY(append_mutex);  ///< To be closed.
    std::uint32_t next_number CUSTODE_GUARDED_BY(append_mutex) = 1;

    Mutex sync_mutex;
    Condition synced;
    /// Somebody is in fdatasync for everybody.
    bool leading CUSTODE_GUARDED_BY(sync_mutex) = false;
    /// Frames so far …
    std::uint64_t appended CUSTODE_GUARDED_BY(sync_mutex) = 0;
    /// … and how many of them are settled: on disk or lost.
    std::uint64_t durable CUSTODE_GUARDED_BY(sync_mutex) = 0;
    std::map<std::uint32_t, SegmentPointer> dirty CUSTODE_GUARDED_BY(sync_mutex);
    /// With a frame appended after the leader began …
    std::set<BlobId> in_doubt CUSTODE_GUARDED_BY(sync_mutex);
    /// … or before it.
    std::set<BlobId> syncing CUSTODE_GUARDED_BY(sync_mutex);
    std::set<BlobId> lost CUSTODE_GUARDED_BY(sync_mutex);
    bool all_lost CUSTODE_GUARDED_BY(sync_mutex) = false;

    Mutex close_mutex;

    // Opening (constructor only: nobody else knows the store yet).
    void open_folder(const NamedEnd& named_end) CUSTODE_REQUIRES(append_mutex);
    void open_segment(std::uint32_t number, const NamedEnd& named_end)
        CUSTODE_REQUIRES(append_mutex);
    void open_unclosed(const SegmentPointer& segment, std::uint64_t size, const NamedEnd& named_end)
        CUSTODE_REQUIRES(append_mutex);

    // Appending.
    void make_room(std::uint64_t bytes) CUSTODE_REQUIRES(append_mutex);
    void begin_segment() CUSTODE_REQUIRES(append_mutex);
    void note_appended(const BlobId& blob, std::uint64_t bytes) CUSTODE_REQUIRES(append_mutex);

    // Syncing.
    int sync_file(const File& file) const;
    void check_not_lost(const BlobId* blob) const CUSTODE_REQUIRES(sync_mutex);
    void settle(const BlobId* blob, bool refuse_lost);
    void lead();
    void lose();
    bool cut_back(Segment& segment) const;

    // Closing.
    void close(const SegmentPointer& segment) CUSTODE_REQUIRES(close_mutex);
    void write_index(Segment& segment) CUSTODE_REQUIRES(close_mutex);
    void announce(Segment& segment) CUSTODE_REQUIRES(close_mutex);
    void replace_closed(const Segment& segment) CUSTODE_REQUIRES(close_mutex);
    std::vector<FrameInfo> read_index(const Segment& segment) const;
    std::uint64_t visit_frames(const Segment& segment,
                               const std::function<void(const FrameInfo&)>& visit) const;

    SegmentPointer find(std::uint32_t number) const;
    std::vector<SegmentPointer> all() const;
    void add_damage(std::uint32_t number, std::uint64_t offset, const std::string& what);
};

}  // namespace custode::store
