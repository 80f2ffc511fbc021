#include "daemon/http/stream.h"

#include "archive/base/guard.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace custode::daemon {

namespace {

using Poco::Net::SecureStreamSocket;

constexpr std::size_t fill_bytes = 4 * 1024;
/// One TLS record: what a single SSL_write puts on the wire, and our step of progress.
constexpr std::size_t send_bytes_max = 16 * 1024;
/// Poco's non-blocking answers: nothing moved, poll and call again.
constexpr int want_read = SecureStreamSocket::ERR_SSL_WANT_READ;
constexpr int want_write = SecureStreamSocket::ERR_SSL_WANT_WRITE;
static_assert(want_read < 0 && want_write < 0);

constexpr int broken = 0;

/// So long a peer is waited for as if it were at work: between two packets of a network it is.
constexpr std::chrono::milliseconds brief_wait{5};
/// Before others have their turn.
constexpr std::size_t discards_max = 16;

int milliseconds_until(Steady::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
    constexpr std::int64_t step_max = 60 * 1000;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, step_max));
}

/// The result of a system call in the words of Poco's TLS socket.
int plain(ssize_t count, int want) {
    if (count >= 0) return static_cast<int>(count);
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? want : broken;
}

/// Runs a TLS call; Poco throws for resets and TLS alerts, which all mean that the peer is gone.
template <class Call>
int guarded(Call call) {
    ERR_clear_error();  // SSL_get_error() would report what other work left in this thread's queue
    try {
        return call();
    } catch (const Poco::Exception&) {
        return broken;
    }
}

}  // namespace

void Allowance::moved(std::uint64_t bytes) {
    constexpr std::uint64_t second_ns = 1'000'000'000;
    const std::uint64_t counted = std::min<std::uint64_t>(bytes, std::uint64_t{1} << 32);
    const std::chrono::nanoseconds earned(
        static_cast<std::int64_t>(counted * second_ns / bytes_per_second_));
    left_ = std::min(grace_, left_ + std::chrono::duration_cast<Steady::duration>(earned));
}

Stream::Stream(Poco::Net::StreamSocket socket, int halt, Waits& waits, const std::string& address)
    : socket_(std::move(socket)),
      descriptor_(socket_.impl()->sockfd()),
      halt_(halt),
      waits_(waits),
      address_(address),
      wanted_(POLLIN) {
    socket_.setBlocking(false);
}

Stream::Flow Stream::wait(short events, Steady::time_point until) const {
    std::array<pollfd, 2> descriptors = {pollfd{descriptor_, events, 0}, pollfd{halt_, POLLIN, 0}};
    for (;;) {
        const int ready = ::poll(descriptors.data(), descriptors.size(), milliseconds_until(until));
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return Flow::closed;
        if (descriptors[1].revents != 0) return Flow::halted;
        if (ready > 0) return Flow::ok;
        if (Steady::now() >= until) return Flow::late;
    }
}

Stream::Flow Stream::wait_until(Steady::time_point until) { return wait(wanted_, until); }

/// Waits in the middle of a body or an answer; what it takes is taken from the allowance.
Stream::Flow Stream::wait_for_peer(Allowance& allowance, bool sends) {
    const auto start = Steady::now();
    const auto until =
        stands(Guard::peer_deadlines) ? start + allowance.left() : Steady::time_point::max();
    Flow flow = wait(wanted_, std::min(until, start + brief_wait));
    if (flow == Flow::late && start + brief_wait < until) {
        const Waits::Place place(waits_, {address_, descriptor_, sends, until});
        flow = wait(wanted_, until);
        if (place.is_cut()) flow = Flow::late;
        if (place.is_cut()) allowance = {};
    }
    allowance.waited(Steady::now() - start);
    return flow;
}

/// What a TLS call or its like came to, which is below zero when nothing moved.
Stream::Flow Stream::flow_of(int count) {
    if (count > 0) return Flow::ok;
    if (count == broken) return Flow::closed;
    wanted_ = count == want_write ? POLLOUT : POLLIN;
    return Flow::again;
}

Stream::Flow Stream::secure(const Poco::Net::Context::Ptr& context) {
    try {
        if (!is_secure_) socket_ = SecureStreamSocket::attach(socket_, context);
        is_secure_ = true;
        SecureStreamSocket secured(socket_);
        return flow_of(guarded([&] { return secured.completeHandshake(); }));
    } catch (const Poco::Exception&) {
        return Flow::closed;
    }
}

void Stream::start_pace(Steady::duration grace, std::uint64_t bytes_per_second) {
    incoming_ = Allowance(grace, bytes_per_second);
    outgoing_ = Allowance(grace, bytes_per_second);
}

int Stream::try_receive(std::span<std::uint8_t> into) {
    constexpr std::size_t once_max = 1 << 20;
    const int size = static_cast<int>(std::min(into.size(), once_max));
    if (!is_secure_) {
        return plain(::recv(descriptor_, into.data(), static_cast<std::size_t>(size), 0),
                     want_read);
    }
    return guarded([&] { return socket_.receiveBytes(into.data(), size); });
}

int Stream::try_send(BytesView bytes) {
    const int size = static_cast<int>(std::min(bytes.size(), send_bytes_max));
    if (!is_secure_) {  // Poco's plain socket throws where it would block
        return plain(
            ::send(descriptor_, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL),
            want_write);
    }
    return guarded([&] { return socket_.sendBytes(bytes.data(), size); });
}

void Stream::take(std::size_t count) {
    taken_ += count;
    if (taken_ < buffer_.size()) return;
    taken_ = 0;
    Bytes().swap(buffer_);  // an idle connection keeps no buffer
}

Stream::Flow Stream::fill() {
    if (taken_ != 0) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
    }
    const std::size_t before = buffer_.size();
    buffer_.resize(before + fill_bytes);
    const int count = try_receive(std::span(buffer_).subspan(before));
    buffer_.resize(before + static_cast<std::size_t>(std::max(count, 0)));
    if (buffer_.empty()) Bytes().swap(buffer_);  // an idle connection keeps no buffer
    return flow_of(count);
}

Stream::Got Stream::read_paced(std::span<std::uint8_t> into) {
    if (const BytesView ready = buffered(); !ready.empty()) {
        const std::size_t count = std::min(ready.size(), into.size());
        std::copy_n(ready.begin(), count, into.begin());
        take(count);
        return {Flow::ok, count};
    }
    for (;;) {
        const int count = try_receive(into);
        const Flow flow = flow_of(count);
        if (flow == Flow::ok) {
            incoming_.moved(static_cast<std::uint64_t>(count));
            return {flow, static_cast<std::size_t>(count)};
        }
        if (flow == Flow::closed) return {flow, 0};
        if (const Flow waited = wait_for_peer(incoming_, false); waited != Flow::ok) {
            return {waited, 0};
        }
    }
}

int Stream::unacknowledged() const {
    int count = 0;
    return ::ioctl(descriptor_, SIOCOUTQ, &count) == 0 ? count : 0;
}

/// Corked, TLS records of 16 KiB become full packets: a reader is woken once for four of them.
void Stream::cork(bool on) {
    if (on == is_corked_) return;
    const int value = on ? 1 : 0;
    is_corked_ = ::setsockopt(descriptor_, IPPROTO_TCP, TCP_CORK, &value, sizeof value) == 0 && on;
}

Stream::Flow Stream::write_paced(BytesView bytes, bool more) {
    if (more || bytes.size() > send_bytes_max) cork(true);
    while (!bytes.empty()) {
        const int count = try_send(bytes);
        if (count > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            continue;
        }
        if (flow_of(count) == Flow::closed) return Flow::closed;
        // The kernel wakes a writer only when a third of its buffer is free, so a reader at an
        // honest pace may be silent for long; what it acknowledged meanwhile is the measure.
        const int before = unacknowledged();
        const Flow flow = wait_for_peer(outgoing_, true);
        const int drained = before - unacknowledged();
        if (drained > 0) outgoing_.moved(static_cast<std::uint64_t>(drained));
        if (flow == Flow::late && outgoing_.left() > Steady::duration::zero()) continue;
        if (flow != Flow::ok) return flow;
    }
    if (!more) cork(false);
    return Flow::ok;
}

void Stream::finish() {
    if (is_secure_) {
        guarded([&] {
            socket_.shutdown();  // non-blocking: sends close_notify and leaves the socket open
            return 1;
        });
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void Stream::abandon() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Stream::Flow Stream::discard() {
    std::array<std::uint8_t, send_bytes_max> discarded;
    for (std::size_t round = 0; round < discards_max; ++round) {
        const auto count = ::recv(descriptor_, discarded.data(), discarded.size(), MSG_DONTWAIT);
        const Flow flow = flow_of(plain(count, want_read));
        if (flow != Flow::ok) return flow;
    }
    return Flow::again;
}

}  // namespace custode::daemon
