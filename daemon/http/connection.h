// daemon/http/connection.h
#pragma once

#include "daemon/http/census.h"
#include "daemon/http/router.h"
#include "daemon/http/stream.h"

#include <atomic>
#include <memory>
#include <string>

namespace custode::daemon {

/// What all connections of one server share; unchanged while it runs, but for the atomics.
struct Front {
    ServerOptions options;
    Router router;
    ErrorHandler on_error;
    Headers fixed;
    Counters& counters;
    Waits& waits;
    int halt = -1;  ///< Becomes readable when the server cuts everything.
    std::atomic<bool> stopping{false};
};

/// One accepted connection: shakes hands, reads heads, calls handlers, one request at a time.
///
/// serve() does what the bytes that have come allow and then gives its thread back: handshakes,
/// heads and farewells are waited for in the poll set, until deadline().  Only a handler waits in
/// its thread, for a body or for a reader.
///
/// Threads   Owned by one thread at a time: the accepting one while it waits, a worker while it
///           serves.
class Connection {
public:
    enum class Next { park, close };

    Connection(const Front& front, Poco::Net::StreamSocket socket, std::string peer,
               Census::Ticket ticket);

    /// Serves until the peer must do something first, or the connection is over.
    /// `overdue`: no thread was free for too long, so the request is answered with 503.
    Next serve(bool overdue);

    /// Ends it where it stands, without waiting; `evicted`: its place was needed.
    void end(bool evicted);

    int descriptor() const { return stream_.descriptor(); }
    short wanted() const { return stream_.wanted(); }          ///< What poll() waits for.
    Steady::time_point deadline() const { return deadline_; }  ///< Of what it waits for.
    bool is_idle() const { return phase_ == Phase::idle; }     ///< Nothing is asked of us.
    /// Its deadline is answered (408), which needs a thread.
    bool has_last_word() const { return phase_ == Phase::head; }
    const Census::Ticket& ticket() const { return ticket_; }

    Steady::time_point queued_at;  ///< Set by the queue.

private:
    enum class Phase {
        handshake,  ///< From accept to the end of the TLS handshake, or to the first byte.
        idle,       ///< Nothing of a request has come.
        head,       ///< From its first byte to its last.
        farewell    ///< We have said all; the peer has not closed.
    };
    enum class Step { onward, wait, close };

    void enter(Phase phase, std::chrono::milliseconds time);
    Step advance(bool overdue);
    Step wait_here();
    Step shake_hands(bool overdue);
    Stream::Flow hear();
    Step read_head(bool overdue);
    Step leave();
    bool serve_one(Head head, bool overdue);
    Step refuse(const Refusal& refusal);
    bool dispatch(Exchange& exchange, bool overdue);
    void call(Exchange& exchange, const Route& route);
    void reject(Exchange& exchange, int status, const char* code, const char* detail,
                const Headers& more = {});

    const Front& front_;
    Census::Ticket ticket_;
    std::string peer_;
    Stream stream_;
    Phase phase_ = Phase::handshake;
    Steady::time_point deadline_;
    std::size_t scanned_ = 0;  ///< So much of the head was looked at.
    std::size_t requests_ = 0;
    bool is_warm_ = true;       ///< The next request is likely to come at once.
    bool answer_cut_ = false;   ///< The last answer is not whole: no goodbye, so that it shows.
    bool peer_closed_ = false;  ///< Nothing more comes: no need to linger.
};

}  // namespace custode::daemon
