// archive/store/segment_state.h
#pragma once

#include "archive/store/segment_files.h"
#include "archive/store/segments.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
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

    mutable std::mutex list_mutex;
    std::map<std::uint32_t, SegmentPointer> segments;
    std::vector<Damage> damages;

    std::mutex append_mutex;
    SegmentPointer open;               ///< What is appended to; empty before the first append.
    std::vector<SegmentPointer> full;  ///< To be closed.
    std::uint32_t next_number = 1;

    std::mutex sync_mutex;
    std::condition_variable synced;
    bool leading = false;        ///< Somebody is in fdatasync for everybody.
    std::uint64_t appended = 0;  ///< Frames so far …
    std::uint64_t durable = 0;   ///< … and how many of them are settled: on disk or lost.
    std::map<std::uint32_t, SegmentPointer> dirty;
    std::set<BlobId> in_doubt;  ///< With a frame appended after the leader began …
    std::set<BlobId> syncing;   ///< … or before it.
    std::set<BlobId> lost;
    bool all_lost = false;

    std::mutex close_mutex;

    // Opening (constructor only).
    void open_folder(const NamedEnd& named_end);
    void open_segment(std::uint32_t number, const NamedEnd& named_end);
    void open_unclosed(const SegmentPointer& segment, std::uint64_t size,
                       const NamedEnd& named_end);

    // Appending; under append_mutex.
    void make_room(std::uint64_t bytes);
    void begin_segment();
    void note_appended(const BlobId& blob, std::uint64_t bytes);

    // Syncing.
    int sync_file(const File& file) const;
    void check_not_lost(const BlobId* blob) const;  // under sync_mutex
    void settle(const BlobId* blob, bool refuse_lost);
    void lead();
    void lose();
    bool cut_back(Segment& segment) const;

    // Closing; under close_mutex.
    void close(const SegmentPointer& segment);
    void write_index(Segment& segment);
    void announce(Segment& segment);
    void replace_closed(const Segment& segment);
    std::vector<FrameInfo> read_index(const Segment& segment) const;
    std::uint64_t visit_frames(const Segment& segment,
                               const std::function<void(const FrameInfo&)>& visit) const;

    SegmentPointer find(std::uint32_t number) const;
    std::vector<SegmentPointer> all() const;
    void add_damage(std::uint32_t number, std::uint64_t offset, const std::string& what);
};

}  // namespace custode::store
