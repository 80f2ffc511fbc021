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
    int halt = -1;  ///< Becomes readable when the server cuts everything.
    std::atomic<bool> stopping{false};
};

/// One accepted connection: shakes hands, reads heads, calls handlers, one request at a time.
///
/// Threads   Owned by one thread at a time: the accepting one while it waits, a worker while it
///           serves.
class Connection {
public:
    enum class Next { park, close };

    Connection(const Front& front, Poco::Net::StreamSocket socket, std::string peer,
               Census::Ticket ticket);

    /// Serves until the peer has nothing more to ask for the moment, or the connection is over.
    /// `overdue`: no thread was free for too long, so the request is answered with 503.
    Next serve(bool overdue);

    void say_goodbye() { stream_.finish(std::chrono::milliseconds(0)); }  ///< Never waits.
    int descriptor() const { return stream_.descriptor(); }
    bool is_fresh() const { return !greeted_; }  ///< Before its first byte.

    Steady::time_point parked_until;  ///< Set by the accepting thread.
    Steady::time_point queued_at;     ///< Set by the queue.

private:
    bool shake_hands();
    bool serve_one(bool overdue);
    bool read_head(Head& head);
    bool refuse(const Refusal& refusal);
    bool dispatch(Exchange& exchange, bool overdue);
    void call(Exchange& exchange, const Route& route);
    void reject(Exchange& exchange, int status, const char* code, const char* detail,
                const Headers& more = {});

    const Front& front_;
    Census::Ticket ticket_;
    std::string peer_;
    Stream stream_;
    std::size_t requests_ = 0;
    bool greeted_ = false;
    bool answer_cut_ = false;   ///< The last answer is not whole: no goodbye, so that it shows.
    bool peer_closed_ = false;  ///< Nothing more comes: no need to linger.
};

}  // namespace custode::daemon
