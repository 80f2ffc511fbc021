#include "archive/store/failure.h"
#include "archive/store/segment_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {
namespace {

std::set<std::uint32_t> list_numbers(const std::filesystem::path& folder) {
    std::set<std::uint32_t> numbers;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (const auto number = segment_number(entry.path().filename().native()))
            numbers.insert(*number);
    return numbers;
}

}  // namespace

void SegmentStore::State::open_folder(const NamedEnd& named_end) {
    std::error_code error;
    std::filesystem::create_directory(folder, error);
    if (error) throw failure(error.value(), "segments", "make the segments' folder", folder);
    const std::set<std::uint32_t> numbers = list_numbers(folder);
    for (const std::uint32_t number : numbers) open_segment(number, named_end);
    const std::uint32_t last = numbers.empty() ? 0 : *numbers.rbegin();
    // A number that the catalogue names is never given to a new file, lost though the old one is.
    for (next_number = 1; next_number <= segment_number_max; ++next_number) {
        if (numbers.contains(next_number)) continue;
        const bool is_named = named_end && named_end(next_number) > 0;
        if (!is_named && next_number > last) break;
        if (is_named) add_damage(next_number, 0, "its file is missing");
    }
    // Only the newest segment is appended to; older ones that are not closed are to be.
    if (!full.empty() && full.back()->number == last && !full.back()->has_footer) {
        if (next_number == last + 1) {
            open = full.back();
            full.pop_back();
        }
    }
}

void SegmentStore::State::open_segment(std::uint32_t number, const NamedEnd& named_end) {
    const auto segment = std::make_shared<Segment>(number);
    {
        const Lock lock(list_mutex);
        segments[number] = segment;
    }
    File file = open_file(folder / segment_name(number), O_RDONLY);
    if (!file) throw failure(errno, "segments", "open " + segment_name(number));
    struct stat about {};
    if (::fstat(file.fd(), &about) != 0) throw failure(errno, "segments", "look at a segment");
    const auto size = static_cast<std::uint64_t>(about.st_size);
    const bool is_read_only = (about.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;

    const auto footer = read_footer(file, number, size);
    segment->end = segment->durable = footer ? footer->frames_end : size;
    segment->bytes = size;
    segment->has_footer = footer.has_value();
    if (!footer && !is_read_only) return open_unclosed(segment, size, named_end);
    if (!footer) return add_damage(number, 0, "its footer does not fit");
    if (named_end && named_end(number) > footer->frames_end)
        return add_damage(number, footer->frames_end, "it is shorter than the catalogue says");
    if (is_read_only) return;
    segment->file = std::move(file);  // closed, but a crash may have kept that from the journal
    full.push_back(segment);
}

void SegmentStore::State::open_unclosed(const SegmentPointer& segment, std::uint64_t size,
                                        const NamedEnd& named_end) {
    segment->file = open_file(folder / segment_name(segment->number), O_RDWR);
    if (!segment->file) throw failure(errno, "segments", "open " + segment_name(segment->number));
    const std::uint64_t end =
        named_end ? named_end(segment->number)
                  : scan_frames(segment->file, segment->number, size, [](const FrameInfo&) {});
    if (size < end) {
        // Appending here would put new bytes under old names.
        segment->file = File();
        return add_damage(segment->number, size, "it is shorter than the catalogue says");
    }
    if (size > end && (::ftruncate(segment->file.fd(), static_cast<off_t>(end)) != 0 ||
                       sync_file(segment->file) != 0))
        throw failure(errno, "segments", "drop the tail of " + segment_name(segment->number));
    segment->end = segment->durable = end;
    segment->bytes = 0;
    full.push_back(segment);
}

void SegmentStore::State::add_damage(std::uint32_t number, std::uint64_t offset,
                                     const std::string& what) {
    const Lock lock(list_mutex);
    damages.push_back({number, offset, what});
    if (const auto found = segments.find(number); found != segments.end())
        found->second->is_damaged = true;
}

}  // namespace custode::store
