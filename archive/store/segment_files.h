// archive/store/segment_files.h
#pragma once

#include "archive/base/error.h"
#include "archive/base/mutex.h"
#include "archive/store/file.h"
#include "archive/store/frame.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace custode::store {

constexpr std::uint32_t segment_number_max = 999'999;  ///< Six digits: 4 PB of 4 GiB segments.

/// "000001.seg"; the parser gives nothing for any other name.
std::string segment_name(std::uint32_t number);
std::optional<std::uint32_t> segment_number(std::string_view name);

/// Walks the frames of a file from its start and visits each.
/// @returns where the last whole frame ends; less than `end` when what follows is torn or damaged.
/// @throws Error(storage, "segments.io")
std::uint64_t scan_frames(const File& file, std::uint32_t segment, std::uint64_t end,
                          const std::function<void(const FrameInfo&)>& visit);

/// The footer at the end of a file of that size, if there is one that accounts for every byte.
std::optional<Footer> read_footer(const File& file, std::uint32_t segment, std::uint64_t size);

/// Fills `into` from that offset. @throws Error(corrupt, "segments.damaged") at the end of the file
void read_exactly(const File& file, std::uint32_t segment, std::uint64_t offset,
                  std::span<std::uint8_t> into);

/// Closed segments opened for reading, the least recently used given up first: thousands of
/// segments do not take thousands of descriptors.
///
/// Lifetime  A File is shared by the cache and the reads under way; the last one closes it.
/// Threads   Any; a private mutex.
class FileCache {
public:
    static constexpr std::size_t files_max = 64;

    explicit FileCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
    /// @throws Error(corrupt, "segments.damaged") when the file is gone
    std::shared_ptr<const File> get(std::uint32_t segment);

private:
    struct Slot {
        std::shared_ptr<const File> file;
        std::uint64_t used = 0;
    };
    const std::filesystem::path folder_;
    Mutex mutex_;
    std::map<std::uint32_t, Slot> slots_ CUSTODE_GUARDED_BY(mutex_);
    std::uint64_t clock_ CUSTODE_GUARDED_BY(mutex_) = 0;
};

/// Error(corrupt, "segments.damaged") that names the segment.
Error damaged_segment(std::uint32_t segment, const std::string& what);

}  // namespace custode::store
