#include "tests/archive/store/segments_support.h"

#include <unistd.h>

#include <cerrno>
#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

/// A store whose fdatasync can be made to fail or to wait.
struct FailingWorld : SegmentWorld {
    std::atomic<int> syncs{0};
    std::atomic<int> failures_left{0};
    std::function<void()> during_sync = [] {};

    FailingWorld() {
        options.sync_file = [this](int fd) {
            ++syncs;
            during_sync();
            if (failures_left > 0) {
                --failures_left;
                errno = EIO;
                return -1;
            }
            return ::fdatasync(fd);
        };
        reopen();
    }
};

const auto lost = is_error(ErrorCode::storage, "segments.lost");
const auto damaged = is_error(ErrorCode::corrupt, "segments.damaged");

}  // namespace

BOOST_AUTO_TEST_SUITE(segments_failure_tests)

BOOST_FIXTURE_TEST_CASE(a_failed_sync_loses_what_was_not_durable_and_nothing_else, FailingWorld) {
    const Extent durable = append(1, 100);
    store->sync(blob(1));
    const Extent gone = store->append(blob(2), 0, Bytes(100, 2));
    failures_left = 1;  // the cut-back's own sync succeeds
    BOOST_CHECK_EXCEPTION(store->sync(blob(2)), Error, lost);
    BOOST_TEST((read(durable) == Bytes(100, 1)));
    BOOST_CHECK_EXCEPTION(read(gone), Error, damaged);
    BOOST_TEST(std::filesystem::file_size(file(1)) == durable.offset + durable.length);
    BOOST_TEST(store->damage().empty());

    // The blob stays lost: its earlier frames are gone, so a later success would prove nothing.
    BOOST_CHECK_EXCEPTION(store->append(blob(2), 1, Bytes(1)), Error, lost);
    BOOST_CHECK_EXCEPTION(store->sync(blob(2)), Error, lost);
    BOOST_CHECK_EXCEPTION(store->sync(), Error, lost);  // cannot tell whose bytes are meant

    BOOST_TEST((append(3, 100) == Extent{1, gone.offset, 100}));
    BOOST_CHECK_NO_THROW(store->sync(blob(3)));
    BOOST_CHECK_NO_THROW(store->sync(blob(1)));
    reopen();
    BOOST_TEST(frames().size() == 2U);
    BOOST_CHECK_NO_THROW(store->sync());
}

BOOST_FIXTURE_TEST_CASE(a_segment_that_cannot_be_cut_back_is_left_for_ever, FailingWorld) {
    const Extent durable = append(1, 100);
    store->sync();
    store->append(blob(2), 0, Bytes(100, 2));
    failures_left = 2;
    BOOST_CHECK_EXCEPTION(store->sync(blob(2)), Error, lost);
    BOOST_REQUIRE(store->damage().size() == 1U);
    BOOST_TEST(store->damage()[0].segment == 1U);
    BOOST_TEST(store->damage()[0].offset == durable.offset + durable.length);
    const Extent next = append(3, 100);
    BOOST_TEST(next.segment == 2U);
    store->sync(blob(3));
    BOOST_TEST((read(durable) == Bytes(100, 1)));
    store->close_full();
    BOOST_TEST(closed.empty());
    reopen();  // the tail that nothing names is dropped, and the old segment closed
    BOOST_TEST(store->damage().empty());
    BOOST_TEST((read(durable) == Bytes(100, 1)));
    BOOST_TEST((read(next) == Bytes(100, 3)));
    store->close_full();
    BOOST_REQUIRE(closed.size() == 1U);
    BOOST_TEST(closed[0].segment == 1U);
}

BOOST_FIXTURE_TEST_CASE(whoever_appended_while_a_sync_failed_is_told, FailingWorld) {
    append(1, 100);
    during_sync = [&] {
        if (failures_left == 1) store->append(blob(2), 0, Bytes(100, 2));
    };
    failures_left = 1;
    BOOST_CHECK_EXCEPTION(store->sync(blob(1)), Error, lost);
    during_sync = [] {};
    BOOST_CHECK_EXCEPTION(store->sync(blob(2)), Error, lost);
}

BOOST_FIXTURE_TEST_CASE(those_who_wait_together_share_one_sync, FailingWorld) {
    constexpr int threads = 12;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::promise<void> leader_inside;
    std::atomic<bool> first{true};
    during_sync = [&] {
        if (first.exchange(false)) {
            leader_inside.set_value();
            released.wait();
        }
    };
    append(1, 10);
    std::thread leader([&] { store->sync(blob(1)); });
    leader_inside.get_future().wait();
    for (int t = 0; t < threads; ++t) append(static_cast<std::uint8_t>(10 + t), 10);
    std::vector<std::thread> followers;
    for (int t = 0; t < threads; ++t)
        followers.emplace_back([&, t] { store->sync(blob(static_cast<std::uint8_t>(10 + t))); });
    release.set_value();
    leader.join();
    for (auto& follower : followers) follower.join();
    BOOST_TEST(syncs == 2);  // the leader's, and one for all the others
}

BOOST_FIXTURE_TEST_CASE(a_sync_with_nothing_new_asks_the_disk_for_nothing, FailingWorld) {
    append(1, 10);
    store->sync(blob(1));
    const int before = syncs;
    store->sync(blob(1));
    store->sync();
    BOOST_TEST(syncs == before);
    append(2, 10);
    store->sync(blob(1));  // not waiting for another's upload
    BOOST_TEST(syncs == before);
    store->sync(blob(2));
    BOOST_TEST(syncs == before + 1);
}

BOOST_FIXTURE_TEST_CASE(a_rolled_segment_is_synced_with_the_open_one, FailingWorld) {
    append(1, 900, 0);
    append(1, 900, 1);  // in the next segment
    store->sync(blob(1));
    BOOST_TEST(syncs == 2);
}

BOOST_FIXTURE_TEST_CASE(a_failed_append_leaves_the_next_one_whole, SegmentWorld) {
    options.segment_bytes_max = 100'000;
    reopen();
    append(1, 100);
    {
        const FileSizeLimit limit(1000);
        BOOST_CHECK_EXCEPTION(store->append(blob(2), 0, Bytes(5000, 2)), Error,
                              is_error(ErrorCode::storage, "segments.io"));
    }
    const Extent next = append(3, 200);
    BOOST_TEST((next == Extent{1, 180, 200}));
    reopen();
    BOOST_TEST((read(next) == Bytes(200, 3)));
    BOOST_TEST(frames().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_named_and_appends_go_on_when_there_is_room) {
    SmallDisk disk("2m");
    if (!disk.mounted) return;
    SegmentWorld world;
    world.path = disk.folder.path / "segments";
    world.options.segment_bytes_max = 10U << 20U;
    world.reopen();
    const Extent first = world.append(1, 1000);
    const auto ballast = fill_disk(disk.folder.path);
    BOOST_CHECK_EXCEPTION(world.store->append(blob(2), 0, Bytes(100'000, 2)), Error,
                          is_error(ErrorCode::full, "segments.full"));
    std::filesystem::remove(ballast);
    const Extent next = world.append(3, 100'000);
    world.store->sync(blob(3));
    BOOST_TEST((world.read(first) == Bytes(1000, 1)));
    BOOST_TEST((world.read(next) == Bytes(100'000, 3)));
    world.store.reset();
}

BOOST_FIXTURE_TEST_CASE(a_segment_shorter_than_the_catalogue_says_is_named, SegmentWorld) {
    const Extent first = append(1, 100);
    const Extent second = append(2, 100);
    store.reset();
    std::filesystem::resize_file(file(1), second.offset + 99);
    store = open();
    BOOST_REQUIRE(store->damage().size() == 1U);
    BOOST_TEST(store->damage()[0].segment == 1U);
    BOOST_TEST((read(first) == Bytes(100, 1)));  // the others are still served
    BOOST_CHECK_EXCEPTION(read(second), Error, damaged);
    BOOST_TEST(append(3, 10).segment == 2U);  // never over what is named
    BOOST_CHECK_EXCEPTION(frames(), Error, damaged);
}

BOOST_FIXTURE_TEST_CASE(a_missing_segment_is_named_and_its_number_not_used_again, SegmentWorld) {
    const Extent first = append(1, fits);
    const Extent second = append(2, fits);
    const Extent third = append(3, 10);
    store.reset();
    std::filesystem::remove(file(1));
    std::filesystem::remove(file(3));
    store = open();
    BOOST_TEST(store->damage().size() == 2U);
    BOOST_CHECK_EXCEPTION(read(first), Error, damaged);
    BOOST_CHECK_EXCEPTION(read(third), Error, damaged);
    BOOST_TEST((read(second) == Bytes(fits, 2)));
    BOOST_TEST(append(4, 10).segment == 4U);
}

BOOST_FIXTURE_TEST_CASE(an_extent_outside_its_segment_is_damage, SegmentWorld) {
    const Extent good = append(1, 100);
    BOOST_CHECK_NO_THROW(read(good));
    for (const Extent& bad :
         {Extent{1, good.offset, 101}, Extent{1, good.offset + 1, 100}, Extent{1, 39, 1},
          Extent{2, 40, 1}, Extent{1, ~0ULL, 100}, Extent{1, good.offset + 100, 1}})
        BOOST_CHECK_EXCEPTION(read(bad), Error, damaged);
    BOOST_CHECK_NO_THROW(read({1, good.offset + 99, 1}));
}

BOOST_FIXTURE_TEST_CASE(a_broken_frame_keeps_its_segment_from_being_closed, SegmentWorld) {
    append(1, 400);
    append(2, 400);
    append(3, 400);
    flip(1, 440 + 5);  // in the head of the second frame
    BOOST_CHECK_EXCEPTION(store->close_full(), Error, damaged);
    BOOST_TEST(closed.empty());
    BOOST_REQUIRE(store->damage().size() == 1U);
    BOOST_TEST(store->damage()[0].offset == 440U);
    BOOST_CHECK_NO_THROW(store->close_full());  // told once; evidence is left as it is
    std::size_t listed = 0;
    BOOST_CHECK_EXCEPTION(store->frames([&](const FrameInfo&) { ++listed; }), Error, damaged);
    BOOST_TEST(listed == 2U);  // the first, and that of the second segment
}

BOOST_FIXTURE_TEST_CASE(a_broken_index_or_footer_is_named_and_frames_are_still_read, SegmentWorld) {
    const Extent first = append(1, fits);
    append(2, 10);
    store->close_full();
    const std::uint64_t size = std::filesystem::file_size(file(1));
    flip(1, size - footer_bytes - 2);  // in the index
    std::filesystem::permissions(file(1), std::filesystem::perms::owner_read);
    reopen();
    BOOST_CHECK_EXCEPTION(frames(), Error, damaged);
    flip(1, size - footer_bytes - 2);
    std::filesystem::permissions(file(1), std::filesystem::perms::owner_read);
    reopen();
    BOOST_TEST(frames().size() == 2U);
    flip(1, size - 10);  // in the footer
    std::filesystem::permissions(file(1), std::filesystem::perms::owner_read);
    reopen();
    BOOST_REQUIRE(store->damage().size() == 1U);
    BOOST_TEST((read(first) == Bytes(fits, 1)));
}

BOOST_FIXTURE_TEST_CASE(a_link_in_place_of_a_segment_is_not_followed, SegmentWorld) {
    append(1, 10);
    store.reset();
    std::filesystem::rename(file(1), folder.path / "elsewhere");
    std::filesystem::create_symlink(folder.path / "elsewhere", file(1));
    BOOST_CHECK_THROW(open(), Error);
}

BOOST_AUTO_TEST_SUITE_END()
