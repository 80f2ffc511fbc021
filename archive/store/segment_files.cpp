#include "archive/store/segment_files.h"

#include "archive/store/failure.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace custode::store {

std::string segment_name(std::uint32_t number) {
    const std::string digits = std::to_string(number);
    require(number >= 1 && number <= segment_number_max, "a segment's number has six digits");
    return std::string(6 - digits.size(), '0') + digits + ".seg";
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
    if (name.size() != 10 || name.substr(6) != ".seg") return std::nullopt;
    std::uint32_t number = 0;
    for (const char digit : name.substr(0, 6)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    if (number == 0) return std::nullopt;
    return number;
}

std::uint64_t scan_frames(const File& file, std::uint32_t segment, std::uint64_t end,
                          const std::function<void(const FrameInfo&)>& visit) {
    std::array<std::uint8_t, frame_head_bytes> bytes{};
    std::uint64_t offset = 0;
    while (end - offset > frame_head_bytes) {
        const std::int64_t got = read_at(file, offset, bytes);
        if (got < 0) throw failure(static_cast<int>(-got), "segments", "scan a segment");
        if (got < static_cast<std::int64_t>(bytes.size())) break;
        const auto head = decode_frame_head(bytes);
        if (!head || head->segment != segment) break;
        if (head->length > end - offset - frame_head_bytes) break;
        visit({head->blob, head->ordinal, {segment, offset + frame_head_bytes, head->length}});
        offset += frame_head_bytes + head->length;
    }
    return offset;
}

std::optional<Footer> read_footer(const File& file, std::uint32_t segment, std::uint64_t size) {
    if (size < footer_bytes) return std::nullopt;
    std::array<std::uint8_t, footer_bytes> bytes{};
    read_exactly(file, segment, size - footer_bytes, bytes);
    const auto footer = decode_footer(bytes);
    if (!footer || footer->segment != segment) return std::nullopt;
    const std::uint64_t before = size - footer_bytes;
    if (footer->frames_end > before || footer->index_length != before - footer->frames_end)
        return std::nullopt;
    return footer;
}

void read_exactly(const File& file, std::uint32_t segment, std::uint64_t offset,
                  std::span<std::uint8_t> into) {
    const std::int64_t got = read_at(file, offset, into);
    if (got < 0) throw failure(static_cast<int>(-got), "segments", "read " + segment_name(segment));
    if (got < static_cast<std::int64_t>(into.size()))
        throw damaged_segment(segment, "it ends early");
}

std::shared_ptr<const File> FileCache::get(std::uint32_t segment) {
    const Lock lock(mutex_);
    if (const auto found = slots_.find(segment); found != slots_.end()) {
        found->second.used = ++clock_;
        return found->second.file;
    }
    auto file = std::make_shared<const File>(open_file(folder_ / segment_name(segment), O_RDONLY));
    if (!*file && errno == ENOENT) throw damaged_segment(segment, "its file is missing");
    if (!*file) throw failure(errno, "segments", "open " + segment_name(segment));
    if (slots_.size() >= files_max)
        slots_.erase(std::min_element(slots_.begin(), slots_.end(), [](auto& a, auto& b) {
            return a.second.used < b.second.used;
        }));
    slots_[segment] = {file, ++clock_};
    return file;
}

Error damaged_segment(std::uint32_t segment, const std::string& what) {
    return {ErrorCode::corrupt, "segments.damaged",
            "could not use " + segment_name(segment) + ": " + what};
}

}  // namespace custode::store
