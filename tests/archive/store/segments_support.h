// tests/archive/store/segments_support.h
#pragma once

#include "archive/store/frame.h"
#include "archive/store/segment_files.h"
#include "tests/archive/store/support.h"

#include <mutex>

namespace custode::store::testing {

/// A frame of this size fills a segment of the 1,000 bytes below.
constexpr std::size_t fits = 1000 - frame_head_bytes;

inline BlobId blob(std::uint8_t number) {
    BlobId id;
    id.bytes.fill(number);
    return id;
}

/// Not SHA-256 but enough to see that every byte of the file was fed, in order: FNV-1a.
inline Sha256Digest toy_file_digest(const SegmentStore::Pieces& pieces) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    pieces([&](BytesView piece) {
        for (const std::uint8_t byte : piece) hash = (hash ^ byte) * 0x100000001B3U;
    });
    Sha256Digest digest;
    for (std::size_t i = 0; i < 8; ++i)
        digest.bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    return digest;
}

inline Bytes contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline Sha256Digest toy_file_digest(const std::filesystem::path& file) {
    const Bytes all = contents(file);
    return toy_file_digest([&](const auto& update) { update(all); });
}

/// What on_closed was told.
struct Closed {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;
    Sha256Digest digest;
};

/// A folder of segments and a catalogue that names what it is told; reopened like after a crash.
struct SegmentWorld {
    TemporaryFolder folder;
    std::filesystem::path path = folder.path / "segments";
    std::map<std::uint32_t, std::uint64_t> named;
    std::vector<Closed> closed;
    SegmentStore::Options options{.segment_bytes_max = 1000};
    std::function<void()> before_closed = [] {};
    std::unique_ptr<SegmentStore> store = open();

    std::unique_ptr<SegmentStore> open() {
        // The seal is an inversion bound to the segment: a wrong one does not open.
        const auto invert = [](Bytes bytes) {
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(~byte);
            return bytes;
        };
        SegmentStore::Hooks hooks;
        hooks.seal_index = [=](std::uint32_t segment, BytesView index) {
            Bytes sealed = invert(copy(index));
            sealed.push_back(static_cast<std::uint8_t>(segment));
            return sealed;
        };
        hooks.open_index = [=](std::uint32_t segment, BytesView sealed) -> std::optional<Bytes> {
            if (sealed.empty() || sealed.back() != static_cast<std::uint8_t>(segment)) return {};
            return invert(copy(sealed.first(sealed.size() - 1)));
        };
        hooks.sha256 = [](const auto& pieces) { return toy_file_digest(pieces); };
        hooks.on_closed = [this](std::uint32_t segment, std::uint64_t bytes, const auto& digest) {
            before_closed();
            closed.push_back({segment, bytes, digest});
        };
        return std::make_unique<SegmentStore>(path, options, hooks, [this](std::uint32_t segment) {
            const auto found = named.find(segment);
            return found == named.end() ? 0 : found->second;
        });
    }
    void reopen() {
        store.reset();
        store = open();
    }

    /// Appends a frame filled with one byte; does what a filing does when it is committed.
    Extent append(std::uint8_t number, std::size_t size, std::uint32_t ordinal = 0) {
        const Extent extent = store->append(blob(number), ordinal, Bytes(size, number));
        named[extent.segment] = extent.offset + extent.length;
        return extent;
    }
    Bytes read(const Extent& extent) const {
        Bytes into(extent.length);
        store->read(extent, 0, into);
        return into;
    }
    std::vector<FrameInfo> frames() const {
        std::vector<FrameInfo> all;
        store->frames([&](const FrameInfo& frame) { all.push_back(frame); });
        return all;
    }
    std::filesystem::path file(std::uint32_t segment) const { return path / segment_name(segment); }

    void flip(std::uint32_t segment, std::uint64_t offset) const {
        std::filesystem::permissions(file(segment), std::filesystem::perms::owner_write,
                                     std::filesystem::perm_options::add);
        std::fstream raw(file(segment), std::ios::binary | std::ios::in | std::ios::out);
        raw.seekg(static_cast<std::streamoff>(offset));
        const int byte = raw.get();
        raw.seekp(static_cast<std::streamoff>(offset));
        raw.put(static_cast<char>(byte ^ 1));
    }
};

}  // namespace custode::store::testing
