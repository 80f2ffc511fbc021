// archive/store/frame.h
#pragma once

#include "archive/store/segments.h"

#include <optional>
#include <vector>

namespace custode::store {

/// What stands in a segment file: frames one after another without gaps, then, when it is closed,
/// the sealed index and the footer.  archive/FORMAT.md §9 has the tables.
///
/// The check of a head is CRC-32C: it tells a torn write and a flipped bit from a frame, no more.
/// What the frame carries is sealed, and the index is sealed by the caller's function.
///
/// Errors    Decoders give nothing for what the encoders would not write.

constexpr std::size_t frame_head_bytes = 40;
constexpr std::size_t frame_bytes_max = std::size_t{16} << 20U;  ///< Content of one frame.
constexpr std::size_t footer_bytes = 36;
constexpr std::size_t index_entry_bytes = 24;
constexpr std::uint64_t index_bytes_max = std::uint64_t{1} << 30U;  ///< Sealed.

struct FrameHead {
    std::uint32_t segment = 0;
    std::uint32_t ordinal = 0;
    BlobId blob;
    std::uint32_t length = 0;  ///< 1 … frame_bytes_max
};
Bytes encode_frame_head(const FrameHead& head);
std::optional<FrameHead> decode_frame_head(BytesView bytes);

/// The index lists all frames in their order; offsets follow from the lengths.
Bytes encode_index(std::uint32_t segment, const std::vector<FrameInfo>& frames);
/// @param frames_end  Where the frames end in the file; the index must account for every byte.
std::optional<std::vector<FrameInfo>> decode_index(std::uint32_t segment, std::uint64_t frames_end,
                                                   BytesView bytes);

struct Footer {
    std::uint32_t segment = 0;
    std::uint64_t frames_end = 0;    ///< Offset of the sealed index.
    std::uint64_t index_length = 0;  ///< Sealed; the footer follows it and ends the file.
};
Bytes encode_footer(const Footer& footer);
std::optional<Footer> decode_footer(BytesView bytes);

/// CRC-32C (Castagnoli, reflected), as in RFC 3720 §B.4.
std::uint32_t crc32c(BytesView bytes);

}  // namespace custode::store
