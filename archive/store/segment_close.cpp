#include "archive/store/failure.h"
#include "archive/store/segment_state.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20U;

void feed(const Segment& segment, const std::function<void(BytesView)>& update) {
    Bytes piece(piece_bytes);
    for (std::uint64_t offset = 0; offset < segment.bytes; offset += piece_bytes) {
        const std::size_t size = std::min<std::uint64_t>(piece_bytes, segment.bytes - offset);
        const std::span<std::uint8_t> part(piece.data(), size);
        read_exactly(segment.file, segment.number, offset, part);
        update(part);
    }
}

}  // namespace

/// Every step may be cut short by a crash and is then done again: without a footer the index is
/// dropped as tail, with a footer and still writable the segment is announced again.
void SegmentStore::State::close(const SegmentPointer& segment) {
    if (!segment->has_footer) write_index(*segment);
    announce(*segment);
    replace_closed(*segment);
}

void SegmentStore::State::write_index(Segment& segment) {
    std::vector<FrameInfo> frames;
    const std::uint64_t end = segment.end;
    const std::uint64_t whole =
        scan_frames(segment.file, segment.number, end,
                    [&](const FrameInfo& frame) { frames.push_back(frame); });
    if (whole != end) {
        add_damage(segment.number, whole, "a frame does not follow the one before");
        throw damaged_segment(segment.number, "a frame does not follow the one before");
    }
    const Bytes index = hooks.seal_index(segment.number, encode_index(segment.number, frames));
    if (index.size() > index_bytes_max)
        throw damaged_segment(segment.number, "its index is too large");
    const Bytes footer = encode_footer({segment.number, end, index.size()});
    int code = write_at(segment.file, end, index, footer);
    if (code == 0 && sync_file(segment.file) != 0) code = errno;
    if (code != 0) {
        // Whether or not the cut succeeds, the index is written again at the same place.
        [[maybe_unused]] const int cut = ::ftruncate(segment.file.fd(), static_cast<off_t>(end));
        throw failure(code, "segments", "close " + segment_name(segment.number), folder);
    }
    segment.bytes = end + index.size() + footer.size();
    segment.has_footer = true;
}

/// Read-only last: the mode is what tells the next start that the journal knows.
void SegmentStore::State::announce(Segment& segment) {
    const Sha256Digest digest =
        hooks.sha256([&](const std::function<void(BytesView)>& update) { feed(segment, update); });
    hooks.on_closed(segment.number, segment.bytes, digest);
    if (::fchmod(segment.file.fd(), 0400) != 0 || ::fsync(segment.file.fd()) != 0)
        throw failure(errno, "segments", "make " + segment_name(segment.number) + " read-only");
}

/// Puts a segment without a descriptor in the list; reads under way keep the old one alive.
void SegmentStore::State::replace_closed(const Segment& segment) {
    const auto closed = std::make_shared<Segment>(segment.number);
    closed->end = segment.end.load();
    closed->durable = closed->end;
    closed->bytes = segment.bytes.load();
    closed->has_footer = true;
    const Lock lock(list_mutex);
    segments[segment.number] = closed;
}

void SegmentStore::close_full() {
    State& state = *state_;
    const Lock closing(state.close_mutex);
    state.settle(nullptr, false);  // a full segment gets no more frames: now all it has is durable
    std::vector<SegmentPointer> full;
    {
        const Lock lock(state.append_mutex);
        full = state.full;
    }
    for (const SegmentPointer& segment : full) {
        if (!segment->is_damaged) state.close(segment);
        const Lock lock(state.append_mutex);
        std::erase(state.full, segment);
    }
}

std::vector<FrameInfo> SegmentStore::State::read_index(const Segment& segment) const {
    const auto file = cache.get(segment.number);
    const auto footer = read_footer(*file, segment.number, segment.bytes);
    if (!footer) throw damaged_segment(segment.number, "its footer does not fit");
    Bytes sealed(footer->index_length);
    read_exactly(*file, segment.number, footer->frames_end, sealed);
    const auto opened = hooks.open_index(segment.number, sealed);
    if (!opened) throw damaged_segment(segment.number, "its index does not open");
    auto frames = decode_index(segment.number, footer->frames_end, *opened);
    if (!frames) throw damaged_segment(segment.number, "its index does not fit");
    return std::move(*frames);
}

/// @returns where the frames end that could be listed
std::uint64_t SegmentStore::State::visit_frames(
    const Segment& segment, const std::function<void(const FrameInfo&)>& visit) const {
    const std::uint64_t end = segment.end;
    if (!segment.has_footer) {
        const auto file = cache.get(segment.number);
        return scan_frames(*file, segment.number, end, visit);
    }
    for (const FrameInfo& frame : read_index(segment)) visit(frame);
    return end;
}

void SegmentStore::frames(const std::function<void(const FrameInfo&)>& visit) const {
    std::string unlisted;
    for (const SegmentPointer& segment : state_->all()) {
        const std::uint64_t end = segment->end;  // what is appended meanwhile is not damage
        try {
            if (state_->visit_frames(*segment, visit) >= end) continue;
        } catch (const Error& error) {
            if (error.name() != "segments.damaged") throw;
        }
        unlisted += " " + segment_name(segment->number);
    }
    if (!unlisted.empty())
        throw Error(ErrorCode::corrupt, "segments.damaged",
                    "could not list all frames of" + unlisted);
}

}  // namespace custode::store
