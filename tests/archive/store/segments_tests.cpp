#include "tests/archive/store/segments_support.h"

#include <sys/stat.h>

#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

unsigned mode_of(const std::filesystem::path& file) {
    struct stat about {};
    ::stat(file.c_str(), &about);
    return about.st_mode & 07777U;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(segments_tests)

BOOST_FIXTURE_TEST_CASE(an_appended_frame_is_read_back_whole_and_in_part, SegmentWorld) {
    const Extent extent = store->append(blob(1), 0, view("0123456789"));
    BOOST_TEST((extent == Extent{1, frame_head_bytes, 10}));
    BOOST_TEST(text(read(extent)) == "0123456789");
    Bytes part(4);
    store->read(extent, 3, part);
    BOOST_TEST(text(part) == "3456");
    store->read(extent, 6, part);
    BOOST_TEST(text(part) == "6789");
}

BOOST_FIXTURE_TEST_CASE(an_unused_store_has_no_file, SegmentWorld) {
    BOOST_TEST(std::filesystem::is_empty(path));
    BOOST_TEST(frames().empty());
    store->sync();
    store->close_full();
    BOOST_TEST(store->usage().segments == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_blob_may_lie_in_several_segments, SegmentWorld) {
    std::vector<Extent> extents;
    for (std::uint32_t i = 0; i < 5; ++i) extents.push_back(append(9, 400, i));
    BOOST_TEST(extents[0].segment == 1U);
    BOOST_TEST(extents[1].segment == 1U);
    BOOST_TEST(extents[2].segment == 2U);
    BOOST_TEST(extents[4].segment == 3U);
    for (const Extent& extent : extents) BOOST_TEST((read(extent) == Bytes(400, 9)));
    const auto all = frames();
    BOOST_REQUIRE(all.size() == 5U);
    for (std::uint32_t i = 0; i < 5; ++i) {
        BOOST_TEST(all[i].ordinal == i);
        BOOST_TEST((all[i].extent == extents[i]));
        BOOST_TEST((all[i].blob == blob(9)));
    }
}

BOOST_FIXTURE_TEST_CASE(a_segment_takes_frames_up_to_its_size_and_not_beyond, SegmentWorld) {
    BOOST_TEST(append(1, 100).segment == 1U);
    BOOST_TEST(append(2, 1000 - 140 - frame_head_bytes).segment == 1U);  // exactly full
    BOOST_TEST(append(3, 1).segment == 2U);
    BOOST_TEST(append(4, 1000 - 41 - frame_head_bytes + 1).segment == 3U);  // a byte too many
    BOOST_TEST(append(5, 5000).segment == 4U);  // larger than a segment: one of its own
    BOOST_TEST(append(6, 1).segment == 5U);
}

BOOST_FIXTURE_TEST_CASE(appending_goes_on_after_reopening, SegmentWorld) {
    const Extent first = append(1, 100);
    store->sync();
    reopen();
    const Extent second = append(2, 100);
    BOOST_TEST((second == Extent{1, first.offset + 100 + frame_head_bytes, 100}));
    BOOST_TEST((read(first) == Bytes(100, 1)));
    BOOST_TEST((read(second) == Bytes(100, 2)));
    BOOST_TEST(frames().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(the_tail_that_nothing_names_is_dropped, SegmentWorld) {
    const Extent kept = append(1, 100);
    const Extent unnamed = store->append(blob(2), 0, Bytes(100, 2));
    store->sync();
    reopen();
    BOOST_TEST(std::filesystem::file_size(file(1)) == kept.offset + kept.length);
    BOOST_TEST((read(kept) == Bytes(100, 1)));
    BOOST_CHECK_EXCEPTION(read(unnamed), Error, is_error(ErrorCode::corrupt, "segments.damaged"));
    BOOST_TEST((append(3, 50) == Extent{1, unnamed.offset, 50}));
    BOOST_TEST(store->damage().empty());
}

BOOST_FIXTURE_TEST_CASE(a_hole_before_a_named_extent_stays_as_dead_frames, SegmentWorld) {
    store->append(blob(1), 0, Bytes(100, 1));  // its upload was given up
    const Extent named_one = append(2, 100);
    reopen();
    BOOST_TEST((read(named_one) == Bytes(100, 2)));
    BOOST_TEST(frames().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_torn_frame_at_the_end_is_dropped_without_a_catalogue, SegmentWorld) {
    const Extent first = append(1, 100);
    append(2, 100);
    const std::uint64_t whole = std::filesystem::file_size(file(1));
    for (const std::uint64_t torn :
         {std::uint64_t{1}, std::uint64_t{99}, std::uint64_t{100}, std::uint64_t{139}}) {
        store.reset();
        const auto copy_of = folder.path / ("torn" + std::to_string(torn));
        std::filesystem::create_directory(copy_of);
        std::filesystem::copy_file(file(1), copy_of / segment_name(1));
        std::filesystem::resize_file(copy_of / segment_name(1), whole - torn);
        SegmentStore::Hooks hooks;
        hooks.seal_index = [](auto, BytesView index) { return copy(index); };
        hooks.open_index = [](auto, BytesView index) { return copy(index); };
        hooks.sha256 = [](const auto& pieces) { return toy_file_digest(pieces); };
        hooks.on_closed = [](auto, auto, const auto&) {};
        const SegmentStore scanned(copy_of, {}, hooks, nullptr);
        std::vector<FrameInfo> found;
        scanned.frames([&](const FrameInfo& frame) { found.push_back(frame); });
        BOOST_REQUIRE(found.size() == 1U);
        BOOST_TEST((found[0].extent == first));
        BOOST_TEST(std::filesystem::file_size(copy_of / segment_name(1)) == first.offset + 100);
    }
}

BOOST_FIXTURE_TEST_CASE(a_full_segment_is_closed_with_index_digest_and_mode, SegmentWorld) {
    append(1, 400);
    append(1, 400, 1);
    append(2, 400);
    const auto before = frames();
    BOOST_TEST(closed.empty());
    BOOST_TEST(mode_of(file(1)) == 0600U);
    store->close_full();
    BOOST_REQUIRE(closed.size() == 1U);  // the open one stays
    BOOST_TEST(closed[0].segment == 1U);
    BOOST_TEST(closed[0].bytes == std::filesystem::file_size(file(1)));
    BOOST_TEST((closed[0].digest == toy_file_digest(file(1))));
    BOOST_TEST(mode_of(file(1)) == 0400U);
    BOOST_TEST(mode_of(file(2)) == 0600U);
    BOOST_TEST((frames() == before));
    store->close_full();
    BOOST_TEST(closed.size() == 1U);
    reopen();
    BOOST_TEST((frames() == before));
    for (const FrameInfo& frame : before) BOOST_TEST(read(frame.extent).size() == 400U);
    store->close_full();
    BOOST_TEST(closed.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_segment_that_was_full_at_a_crash_is_closed_later, SegmentWorld) {
    append(1, fits);
    append(2, fits);
    append(3, 10);
    reopen();
    store->close_full();
    BOOST_TEST(closed.size() == 2U);
    BOOST_TEST(append(4, 10).segment == 3U);
}

// A crash between footer and journal: the journal must still learn of the segment.
BOOST_FIXTURE_TEST_CASE(an_announcement_cut_short_is_made_again, SegmentWorld) {
    append(1, fits);
    append(2, 10);
    before_closed = [] { throw std::runtime_error("journal is down"); };
    BOOST_CHECK_THROW(store->close_full(), std::runtime_error);
    BOOST_TEST(mode_of(file(1)) == 0600U);
    BOOST_TEST(closed.empty());
    before_closed = [] {};
    store->close_full();  // in the same life …
    BOOST_TEST(closed.size() == 1U);

    append(2, fits);
    append(3, 10);
    before_closed = [] { throw std::runtime_error("journal is down"); };
    BOOST_CHECK_THROW(store->close_full(), std::runtime_error);
    before_closed = [] {};
    reopen();  // … and in the next
    store->close_full();
    BOOST_REQUIRE(closed.size() == 3U);
    BOOST_TEST(closed[1].segment == 2U);
    BOOST_TEST((closed[1].digest == toy_file_digest(file(2))));
    BOOST_TEST(mode_of(file(2)) == 0400U);
    BOOST_TEST(frames().size() == 4U);
}

BOOST_FIXTURE_TEST_CASE(an_index_cut_short_is_dropped_and_written_again, SegmentWorld) {
    append(1, fits);
    append(2, 10);
    store->close_full();
    store.reset();
    std::filesystem::permissions(
        file(1), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::resize_file(file(1), std::filesystem::file_size(file(1)) - 1);
    closed.clear();
    store = open();
    store->close_full();
    BOOST_REQUIRE(closed.size() == 1U);
    BOOST_TEST((closed[0].digest == toy_file_digest(file(1))));
    BOOST_TEST(frames().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(usage_counts_the_bytes_of_the_files, SegmentWorld) {
    append(1, fits);
    append(2, 10);
    const auto on_disk = [&] {
        return std::filesystem::file_size(file(1)) + std::filesystem::file_size(file(2));
    };
    BOOST_TEST(store->usage().segments == 2U);
    BOOST_TEST(store->usage().bytes == on_disk());
    store->close_full();
    BOOST_TEST(store->usage().bytes == on_disk());
    reopen();
    BOOST_TEST(store->usage().bytes == on_disk());
}

BOOST_FIXTURE_TEST_CASE(files_with_other_names_are_left_alone, SegmentWorld) {
    std::ofstream(path / "000001.seg.bak") << "not ours";
    std::ofstream(path / "000000.seg") << "not ours";
    reopen();
    append(1, 10);
    BOOST_TEST(frames().size() == 1U);
    BOOST_TEST(text(contents(path / "000000.seg")) == "not ours");
}

BOOST_FIXTURE_TEST_CASE(frames_of_many_threads_never_mix, SegmentWorld) {
    options.segment_bytes_max = 100'000;
    reopen();
    constexpr int threads = 6;
    constexpr std::uint32_t each = 60;
    std::mutex mutex;
    std::vector<std::pair<FrameInfo, std::uint8_t>> written;
    std::atomic<bool> running{true};
    std::thread closer([&] {
        while (running) store->close_full();
    });
    std::vector<std::thread> writers;
    for (int t = 1; t <= threads; ++t)
        writers.emplace_back([&, t] {
            const auto number = static_cast<std::uint8_t>(t);
            for (std::uint32_t i = 0; i < each; ++i) {
                const Extent extent = store->append(blob(number), i, Bytes(1000 + i * 17U, number));
                if (i % 7 == 0) store->sync(blob(number));
                const std::lock_guard lock(mutex);
                written.push_back({{blob(number), i, extent}, number});
            }
            store->sync(blob(number));
        });
    for (auto& writer : writers) writer.join();
    running = false;
    closer.join();
    for (const auto& [frame, number] : written)
        BOOST_TEST((read(frame.extent) == Bytes(frame.extent.length, number)));
    BOOST_TEST(frames().size() == threads * each);
    BOOST_TEST(store->usage().segments > 3U);
}

BOOST_AUTO_TEST_SUITE_END()
