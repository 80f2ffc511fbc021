#include "archive/store/segments.h"

#include "archive/base/guard.h"
#include "archive/store/failure.h"
#include "archive/store/segment_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace custode::store {
namespace {

/// Blobs remembered as lost; beyond it every append and sync fails until the store is opened again.
constexpr std::size_t lost_blobs_max = 65'536;

}  // namespace

SegmentStore::SegmentStore(const std::filesystem::path& folder, const Options& options, Hooks hooks,
                           const NamedEnd& named_end)
    : state_(std::make_unique<State>(folder, options, std::move(hooks))) {
    require(state_->hooks.seal_index && state_->hooks.open_index && state_->hooks.sha256 &&
                state_->hooks.on_closed,
            "the segments have their hooks");
    const Lock lock(state_->append_mutex);
    state_->open_folder(named_end);
}

SegmentStore::~SegmentStore() = default;

Extent SegmentStore::append(const BlobId& blob, std::uint32_t ordinal, BytesView bytes) {
    require(!bytes.empty() && bytes.size() <= frame_bytes_max, "a frame has 1 byte to 16 MiB");
    State& state = *state_;
    {
        const Lock lock(state.sync_mutex);
        state.check_not_lost(&blob);
    }
    const Lock lock(state.append_mutex);
    state.make_room(frame_head_bytes + bytes.size());
    Segment& segment = *state.open;
    const std::uint64_t start = segment.end;
    const Bytes head = encode_frame_head(
        {segment.number, ordinal, blob, static_cast<std::uint32_t>(bytes.size())});
    if (const int code = write_at(segment.file, start, head, bytes); code != 0) {
        // The next frame goes to the same place, so a tail that stays does no harm.
        [[maybe_unused]] const int cut = ::ftruncate(segment.file.fd(), static_cast<off_t>(start));
        throw failure(code, "segments", "append to a segment", state.folder);
    }
    state.note_appended(blob, head.size() + bytes.size());
    return {segment.number, start + frame_head_bytes, bytes.size()};
}

void SegmentStore::State::make_room(std::uint64_t bytes) {
    if (open && open->end > 0 && open->end + bytes > options.segment_bytes_max) {
        full.push_back(open);
        open = nullptr;
    }
    if (!open) begin_segment();
}

void SegmentStore::State::begin_segment() {
    if (next_number > segment_number_max)
        throw Error(ErrorCode::full, "segments.full", "could not begin a segment: none is left");
    const auto segment = std::make_shared<Segment>(next_number);
    segment->file = open_file(folder / segment_name(next_number), O_RDWR | O_CREAT | O_EXCL);
    if (!segment->file) throw failure(errno, "segments", "begin a segment", folder);
    ++next_number;
    // Its name is durable before anything in it can be promised.
    const int code = sync_folder(folder);
    const Lock lock(list_mutex);
    segments[segment->number] = segment;
    if (code != 0) {
        full.push_back(segment);
        throw failure(code, "segments", "begin a segment", folder);
    }
    open = segment;
}

void SegmentStore::State::note_appended(const BlobId& blob, std::uint64_t bytes) {
    const Lock lock(sync_mutex);
    open->end += bytes;
    ++appended;
    dirty[open->number] = open;
    in_doubt.insert(blob);
}

int SegmentStore::State::sync_file(const File& file) const {
    if (!stands(Guard::segment_sync)) return 0;
    return options.sync_file ? options.sync_file(file.fd()) : ::fdatasync(file.fd());
}

void SegmentStore::State::check_not_lost(const BlobId* blob) const {
    const bool is_lost = all_lost || (blob != nullptr ? lost.contains(*blob) : !lost.empty());
    if (is_lost)
        throw Error(ErrorCode::storage, "segments.lost",
                    "could not make the document durable: the disk failed while it was written");
}

void SegmentStore::sync(const BlobId& blob) { state_->settle(&blob, true); }
void SegmentStore::sync() { state_->settle(nullptr, true); }

/// Whoever comes first syncs for all that was appended so far; who comes meanwhile waits, and one
/// of those leads the next round for all of them.
void SegmentStore::State::settle(const BlobId* blob, bool refuse_lost) {
    Lock lock(sync_mutex);
    const std::uint64_t target = appended;
    for (;;) {
        if (refuse_lost) check_not_lost(blob);
        if (durable >= target) return;
        if (blob != nullptr && !in_doubt.contains(*blob) && !syncing.contains(*blob)) return;
        if (leading) {
            synced.wait(lock);
            continue;
        }
        leading = true;
        lock.unlock();
        lead();
        lock.lock();
        leading = false;
        synced.notify_all();
    }
}

void SegmentStore::State::lead() {
    std::vector<std::pair<SegmentPointer, std::uint64_t>> batch;
    std::uint64_t reached = 0;
    {
        const Lock lock(sync_mutex);
        for (const auto& [number, segment] : dirty) batch.emplace_back(segment, segment->end);
        reached = appended;
        syncing.swap(in_doubt);
    }
    for (const auto& [segment, end] : batch)
        if (sync_file(segment->file) != 0) return lose();
    const Lock lock(sync_mutex);
    for (const auto& [segment, end] : batch) {
        segment->durable = end;
        if (segment->end == end) dirty.erase(segment->number);
    }
    durable = reached;
    syncing.clear();
}

/// After a failed fdatasync the kernel calls the pages clean that it could not write: asking again
/// would succeed and prove nothing.
void SegmentStore::State::lose() {
    const Lock appending(append_mutex);
    std::map<std::uint32_t, SegmentPointer> suspects;
    {
        const Lock lock(sync_mutex);
        suspects.swap(dirty);
        lost.merge(syncing);
        lost.merge(in_doubt);
        syncing.clear();
        in_doubt.clear();
        all_lost = lost.size() > lost_blobs_max;
        durable = appended;
    }
    for (const auto& [number, segment] : suspects) {
        const bool is_cut = cut_back(*segment);
        segment->end = segment->durable;
        if (is_cut) continue;
        add_damage(number, segment->durable, "it could not be cut back after a failed sync");
        if (open == segment) open = nullptr;
        std::erase(full, segment);
    }
}

bool SegmentStore::State::cut_back(Segment& segment) const {
    return ::ftruncate(segment.file.fd(), static_cast<off_t>(segment.durable)) == 0 &&
           sync_file(segment.file) == 0;
}

void SegmentStore::read(const Extent& extent, std::uint64_t skip,
                        std::span<std::uint8_t> into) const {
    require(skip <= extent.length && into.size() <= extent.length - skip,
            "a read stays within its extent");
    const SegmentPointer segment = state_->find(extent.segment);
    const std::uint64_t end = segment->end;
    if (extent.offset < frame_head_bytes || extent.offset > end ||
        extent.length > end - extent.offset)
        throw damaged_segment(segment->number, "it is shorter than the catalogue says");
    if (segment->file)
        return read_exactly(segment->file, segment->number, extent.offset + skip, into);
    read_exactly(*state_->cache.get(segment->number), segment->number, extent.offset + skip, into);
}

SegmentPointer SegmentStore::State::find(std::uint32_t number) const {
    const Lock lock(list_mutex);
    const auto found = segments.find(number);
    if (found != segments.end()) return found->second;
    throw Error(ErrorCode::corrupt, "segments.damaged",
                "could not find segment " + std::to_string(number));
}

std::vector<SegmentPointer> SegmentStore::State::all() const {
    const Lock lock(list_mutex);
    std::vector<SegmentPointer> found;
    for (const auto& [number, segment] : segments) found.push_back(segment);
    return found;
}

SegmentStore::Usage SegmentStore::usage() const {
    Usage sum;
    for (const SegmentPointer& segment : state_->all()) {
        ++sum.segments;
        sum.bytes += segment->has_footer ? segment->bytes.load() : segment->end.load();
    }
    return sum;
}

std::vector<SegmentStore::Damage> SegmentStore::damage() const {
    const Lock lock(state_->list_mutex);
    return state_->damages;
}

}  // namespace custode::store
