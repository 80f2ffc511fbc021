#include "archive/store/segment_scan.h"

#include "archive/store/failure.h"
#include "archive/store/segment_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace custode::store {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20U;

File open_segment(const std::filesystem::path& folder, std::uint32_t segment) {
    File file = open_file(folder / segment_name(segment), O_RDONLY);
    if (!file) throw failure(errno, "segments", "open " + segment_name(segment));
    return file;
}

}  // namespace

std::vector<std::uint32_t> list_segments(const std::filesystem::path& folder) {
    std::vector<std::uint32_t> numbers;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (const auto number = segment_number(entry.path().filename().native()))
            numbers.push_back(*number);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

SegmentShape scan_segment(const std::filesystem::path& folder, std::uint32_t segment,
                          const std::function<void(const FrameInfo&)>& visit) {
    const File file = open_segment(folder, segment);
    struct stat about {};
    if (::fstat(file.fd(), &about) != 0) throw failure(errno, "segments", "look at a segment");
    SegmentShape shape{segment, static_cast<std::uint64_t>(about.st_size), false, 0, 0};
    const auto footer = read_footer(file, segment, shape.bytes);
    shape.has_footer = footer.has_value();
    shape.frames_end = footer ? footer->frames_end : shape.bytes;
    shape.whole_end = scan_frames(file, segment, shape.frames_end, visit);
    return shape;
}

void read_pieces(const std::filesystem::path& folder, const Extent& extent,
                 const std::function<void(BytesView)>& visit) {
    const File file = open_segment(folder, extent.segment);
    Bytes piece(std::min(piece_bytes, extent.length));
    for (std::uint64_t done = 0; done < extent.length;) {
        const auto size = std::min<std::uint64_t>(piece.size(), extent.length - done);
        const std::span<std::uint8_t> part(piece.data(), size);
        read_exactly(file, extent.segment, extent.offset + done, part);
        visit(part);
        done += size;
    }
}

}  // namespace custode::store
