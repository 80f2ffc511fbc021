#include "tools/verify/segments_check.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/store/segment_scan.h"

#include <algorithm>
#include <tuple>

namespace custode::verify {
namespace {

using store::FrameInfo;

std::string name_of(std::uint32_t segment) {
    const std::string digits = std::to_string(segment);
    return "segments/" + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits +
           ".seg";
}

bool is_named(Contents& contents, const Sha256Digest& digest) {
    const auto named = contents.find(digest);
    if (named == contents.end()) return false;
    named->second.found = true;
    return true;
}

/// A container whose digest no event names: an upload that was cut, or an altered one.
struct Stranger {
    FrameInfo first;
    std::uint64_t bytes = 0;
};

class SegmentCheck {
public:
    SegmentCheck(const std::filesystem::path& folder, Contents& contents, bool complete,
                 Report& report)
        : folder_(folder), contents_(contents), complete_(complete), report_(report) {}

    void run() {
        const auto numbers = store::list_segments(folder_);
        for (const std::uint32_t number : numbers)
            guarded(number, [&] { check_segment(number, number == numbers.back()); });
        check_blobs();
        tell_missing();
        report_.figure("segments", numbers.size());
        report_.figure("segment_bytes", bytes_);
        report_.figure("objects", objects_);
        report_.figure("object_bytes", object_bytes_);
    }

private:
    /// A file that the system or its own shape keeps from being read is a finding like any other.
    template <class Do>
    void guarded(std::uint32_t segment, Do work) try {
        work();
    } catch (const Error& error) {
        report_.find("segment.unreadable", name_of(segment), {error.what()});
    }

    void check_segment(std::uint32_t number, bool is_last) {
        const auto shape = store::scan_segment(
            folder_, number, [&](const FrameInfo& frame) { frames_.push_back(frame); });
        bytes_ += shape.bytes;
        const std::string left = std::to_string(shape.frames_end - shape.whole_end);
        if (shape.whole_end != shape.frames_end) {
            // What a crash leaves at the end of the newest file is dropped at the next start, and
            // nothing names it; anything that was named is missed below.
            const std::string at = std::to_string(shape.whole_end);
            if (is_last && !shape.has_footer)
                report_.note("segment.tail", name_of(number), {at, left});
            else
                report_.find("segment.cut", name_of(number), {at, left});
        }
        if (!shape.has_footer) return;
        crypto::Sha256 digest;
        store::read_pieces(folder_, {number, 0, shape.bytes},
                           [&](BytesView piece) { digest.update(piece); });
        if (is_named(contents_, digest.finish())) return;
        if (complete_)
            report_.find("segment.changed", name_of(number));
        else
            report_.note("segment.unknown", name_of(number));
    }

    /// Blobs in the order in which they begin on disk, each with its frames in their order.
    void check_blobs() {
        std::sort(frames_.begin(), frames_.end(), [](const FrameInfo& a, const FrameInfo& b) {
            return std::tie(a.blob, a.ordinal, a.extent.segment, a.extent.offset) <
                   std::tie(b.blob, b.ordinal, b.extent.segment, b.extent.offset);
        });
        std::vector<std::pair<std::size_t, std::size_t>> blobs;
        for (std::size_t begin = 0; begin < frames_.size();) {
            std::size_t end = begin;
            while (end < frames_.size() && frames_[end].blob == frames_[begin].blob) ++end;
            blobs.emplace_back(begin, end);
            begin = end;
        }
        std::sort(blobs.begin(), blobs.end(), [&](const auto& a, const auto& b) {
            return std::tie(frames_[a.first].extent.segment, frames_[a.first].extent.offset) <
                   std::tie(frames_[b.first].extent.segment, frames_[b.first].extent.offset);
        });
        for (const auto& blob : blobs)
            guarded(frames_[blob.first].extent.segment,
                    [&] { check_blob(blob.first, blob.second); });
    }

    void check_blob(std::size_t begin, std::size_t end) {
        crypto::Sha256 digest;
        Stranger blob{frames_[begin], 0};
        for (std::size_t i = begin; i < end; ++i) {
            store::read_pieces(folder_, frames_[i].extent,
                               [&](BytesView piece) { digest.update(piece); });
            blob.bytes += frames_[i].extent.length;
        }
        if (!is_named(contents_, digest.finish())) return strangers_.push_back(blob);
        ++objects_;
        object_bytes_ += blob.bytes;
    }

    void tell_missing() {
        std::vector<std::pair<std::uint64_t, std::string>> missing;
        for (const auto& [digest, content] : contents_)
            if (!content.found) missing.emplace_back(content.event, to_hex(digest));
        std::sort(missing.begin(), missing.end());
        for (const auto& [event, digest] : missing)
            report_.find("content.missing", "event " + std::to_string(event), {digest});
        if (!missing.empty()) report_.note("content.destroyed");
        for (const Stranger& blob : strangers_) {
            const std::vector<std::string> place = {std::to_string(blob.first.extent.offset),
                                                    std::to_string(blob.bytes)};
            // Beside a missing object it is most likely that object, altered.
            if (!missing.empty())
                report_.find("blob.unknown", name_of(blob.first.extent.segment), place);
            else
                report_.note(complete_ ? "blob.unnamed" : "blob.not_covered",
                             name_of(blob.first.extent.segment), place);
        }
    }

    const std::filesystem::path& folder_;
    Contents& contents_;
    const bool complete_;
    Report& report_;
    std::vector<FrameInfo> frames_;
    std::vector<Stranger> strangers_;
    std::uint64_t bytes_ = 0;
    std::uint64_t objects_ = 0;
    std::uint64_t object_bytes_ = 0;
};

}  // namespace

void check_segments(const std::filesystem::path& folder, Contents& contents, bool complete,
                    Report& report) {
    SegmentCheck(folder, contents, complete, report).run();
}

}  // namespace custode::verify
