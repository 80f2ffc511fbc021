// daemon/http/stream.h
#pragma once

#include "archive/base/bytes.h"
#include "daemon/http/waits.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstdint>
#include <span>

namespace custode::daemon {

/// How long a peer may still stand still.  Waiting spends it, bytes refill it at the pace, and it
/// never holds more than the grace: a fast start does not buy a long sleep.  Only waiting for the
/// peer is spent, never the time that we ourselves take between two reads.
class Allowance {
public:
    Allowance() = default;
    Allowance(Steady::duration grace, std::uint64_t bytes_per_second)
        : grace_(grace), left_(grace), bytes_per_second_(bytes_per_second) {}

    Steady::duration left() const { return left_; }
    void waited(Steady::duration time) { left_ -= time; }
    void moved(std::uint64_t bytes);

private:
    Steady::duration grace_{};
    Steady::duration left_{};
    std::uint64_t bytes_per_second_ = 1;
};

/// One accepted socket, plain or TLS, never blocking longer than told.
///
/// The socket is non-blocking.  secure(), fill() and discard() do what can be done at once and say
/// `again` when the peer must first do something: it is waited for without a thread.  A body or an
/// answer is waited for where it is, in poll()s whose deadline is total: a peer that drips a byte a
/// second gains nothing.  Each wait also ends when `halt` becomes readable, which is how a stopping
/// server cuts its connections without touching other threads' sockets.
///
/// Errors    None thrown; Flow says what happened.
/// Threads   One at a time.
class Stream {
public:
    enum class Flow { ok, again, closed, late, halted };

    /// `address`: what the peer is counted under; outlives the stream, as `waits` does.
    Stream(Poco::Net::StreamSocket socket, int halt, Waits& waits, const std::string& address);

    /// The server side of a TLS handshake, as far as it goes now: ok, again, closed.
    Flow secure(const Poco::Net::Context::Ptr& context);

    /// The pace of one request's body and answer starts anew.
    void start_pace(Steady::duration grace, std::uint64_t bytes_per_second);

    BytesView buffered() const { return BytesView(buffer_).subspan(taken_); }
    void take(std::size_t count);  ///< Drops bytes from the front of buffered().
    /// Adds at least one byte to buffered(): ok, again, closed.
    Flow fill();

    short wanted() const { return wanted_; }    ///< What poll() must wait for after `again`.
    Flow wait_until(Steady::time_point until);  ///< For that, in this thread.

    struct Got {
        Flow flow = Flow::ok;
        std::size_t count = 0;
    };
    Got read_paced(std::span<std::uint8_t> into);  ///< Buffered bytes first.
    /// `more`: another write follows at once, and the packets may wait for it.
    Flow write_paced(BytesView bytes, bool more = false);

    /// Says goodbye (close_notify, FIN).  What still comes must then be discarded until the peer
    /// closes too: to close over unread bytes would reset the connection and destroy the answer on
    /// its way.
    void finish();
    Flow discard();  ///< What is there now: again, or closed.
    /// Nothing of what the peer has not read yet is worth keeping: the kernel would for minutes.
    void abandon();

    int descriptor() const { return descriptor_; }

private:
    Flow wait(short events, Steady::time_point until) const;
    Flow wait_for_peer(Allowance& allowance, bool sends);
    Flow flow_of(int count);
    int try_receive(std::span<std::uint8_t> into);
    int try_send(BytesView bytes);
    int unacknowledged() const;
    void cork(bool on);

    Poco::Net::StreamSocket socket_;
    int descriptor_;
    int halt_;
    Waits& waits_;
    const std::string& address_;
    short wanted_;
    bool is_secure_ = false;
    bool is_corked_ = false;
    Bytes buffer_;
    std::size_t taken_ = 0;
    Allowance incoming_;
    Allowance outgoing_;
};

}  // namespace custode::daemon
