#include "daemon/http/waits.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>

using namespace custode::daemon;
using namespace std::chrono_literals;

namespace {

/// A thread that waits, as far as Waits knows: a socket and a place.
struct Waiting {
    Waiting(Waits& waits, const std::string& address, Steady::duration patience, bool sends = false)
        : sockets(connected()),
          place(waits, {address, sockets[0], sends, Steady::now() + patience}) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        for (const int one : sockets) ::close(one);
    }

    static std::array<int, 2> connected() {
        std::array<int, 2> made{};
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, made.data()) == 0);
        return made;
    }

    bool is_woken(short events) const {
        pollfd polled{sockets[0], events, 0};
        return ::poll(&polled, 1, 0) == 1;
    }

    std::array<int, 2> sockets;
    Waits::Place place;
};

const std::string one = "192.0.2.1";
const std::string other = "192.0.2.2";

}  // namespace

BOOST_AUTO_TEST_SUITE(waits_tests)

BOOST_AUTO_TEST_CASE(who_waits_is_counted_until_it_leaves) {
    Waits waits(10);
    int begun = 0;
    waits.on_begin([&] { ++begun; });
    {
        const Waiting first(waits, one, 1s);
        const Waiting second(waits, one, 1s);
        BOOST_TEST(waits.count() == 2U);
        BOOST_TEST(begun == 2);
    }
    BOOST_TEST(waits.count() == 0U);
}

BOOST_AUTO_TEST_CASE(up_to_the_limit_nobody_is_cut) {
    Waits waits(2);
    const Waiting first(waits, one, 1s);
    const Waiting second(waits, one, 2s);
    BOOST_TEST(!first.place.is_cut());
    BOOST_TEST(!first.is_woken(POLLIN));
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_the_slowest_is_cut_and_woken) {
    Waits waits(2);
    const Waiting quick(waits, one, 3s);
    const Waiting slow(waits, one, 1s);
    const Waiting next(waits, one, 5s);
    BOOST_TEST(slow.place.is_cut());
    BOOST_TEST(slow.is_woken(POLLIN));
    BOOST_TEST(!quick.place.is_cut());
    BOOST_TEST(!next.place.is_cut());
}

BOOST_AUTO_TEST_CASE(who_comes_alone_is_not_cut_for_a_crowd) {
    Waits waits(3);
    const Waiting alone(waits, one, 1s);  // the slowest of all
    const Waiting first(waits, other, 3s);
    const Waiting second(waits, other, 2s);
    const Waiting third(waits, other, 5s);
    BOOST_TEST(!alone.place.is_cut());
    BOOST_TEST(second.place.is_cut());
}

BOOST_AUTO_TEST_CASE(who_was_cut_makes_room_once) {
    Waits waits(1);
    const Waiting first(waits, one, 1s);
    const Waiting second(waits, one, 2s);
    BOOST_TEST(first.place.is_cut());
    const Waiting third(waits, one, 3s);
    BOOST_TEST(second.place.is_cut());
    BOOST_TEST(!third.place.is_cut());
    BOOST_TEST(waits.count() == 1U);  // whoever was cut is about to work
}

BOOST_AUTO_TEST_CASE(who_only_writes_slowly_can_still_be_told_why) {
    Waits waits(0);
    const Waiting writer(waits, one, 1s);
    BOOST_TEST(writer.place.is_cut());
    BOOST_TEST(::send(writer.sockets[0], "x", 1, MSG_NOSIGNAL) == 1);
    const Waiting reader(waits, one, 1s, true);
    BOOST_TEST(reader.is_woken(POLLOUT));
    BOOST_TEST(::send(reader.sockets[0], "x", 1, MSG_NOSIGNAL) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
