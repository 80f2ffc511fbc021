// archive/store/segment_scan.h
#pragma once

#include "archive/store/segments.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace custode::store {

/// What a segment file shows to somebody who has no key and changes nothing.
struct SegmentShape {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;       ///< Of the file.
    bool has_footer = false;       ///< It was closed: index and footer follow the frames.
    std::uint64_t frames_end = 0;  ///< Where the footer, or else the file, ends the frames …
    std::uint64_t whole_end = 0;   ///< … and where the last whole one ends: less means damage,
                                   ///< or, at the end of the newest file, a write cut by a crash.
};

/// The segments of a folder, read only: for a verifier, which must not cut a tail as SegmentStore
/// does when it opens.
///
/// Errors    Error(storage, "segments.io"), Error(corrupt, "segments.damaged") for a file that ends
///           before what is asked of it.
/// Threads   Each function is one call; any.
/// Source    FORMAT-notes.md.
std::vector<std::uint32_t> list_segments(const std::filesystem::path& folder);

SegmentShape scan_segment(const std::filesystem::path& folder, std::uint32_t segment,
                          const std::function<void(const FrameInfo&)>& visit);

/// The bytes of an extent, or of a whole file with {segment, 0, bytes}, in pieces of 1 MiB.
void read_pieces(const std::filesystem::path& folder, const Extent& extent,
                 const std::function<void(BytesView)>& visit);

}  // namespace custode::store
