// daemon/http/server.h
#pragma once

#include "daemon/http/counters.h"
#include "daemon/http/exchange.h"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace custode::daemon {

class TlsContext;  // daemon/tls/context.h

/// One line of the route table.
///
/// A pattern is literal segments and `{name}`s: "/api/v1/dossiers/{id}/documents"; a last
/// `{name*}` stands for one or more segments.  A literal beats a parameter.  A GET route answers
/// HEAD too: the handler runs and the body is left out.  OPTIONS is answered by the server.
struct Route {
    std::string method;
    std::string pattern;
    std::function<void(Exchange&)> handler;
    std::uint64_t body_bytes_max = 1024 * 1024;  ///< Above it 413, before the handler is called.
    Headers headers = {};                        ///< Added to, or instead of, the fixed ones.
};

/// Called when a handler threw; may reply() when nothing was answered yet.  What it throws itself
/// ends the connection.
using ErrorHandler = std::function<void(Exchange&, std::exception_ptr)>;

struct Deadlines {
    std::chrono::milliseconds handshake{5000};  ///< From accept to the end of the TLS handshake.
    std::chrono::milliseconds head{5000};       ///< From the first byte of a head to its last.
    std::chrono::milliseconds idle{15000};      ///< Between an answer and the next request.
    std::chrono::milliseconds grace{5000};      ///< How long bodies may stand still, either way.
    std::uint64_t bytes_per_second_min = 16 * 1024;  ///< Pace that refills the grace.
    std::chrono::milliseconds linger{
        2000};                              ///< For the peer to read an answer sent before its end.
    std::chrono::milliseconds queue{5000};  ///< For a thread; afterwards 503.
};

struct Limits {
    std::size_t threads_max = 256;       ///< That work at once.
    std::size_t waits_max = 512;         ///< That wait besides, for a body or for a reader.
    std::size_t thread_stack_bytes = 0;  ///< 0: 256 KiB, or 2 MiB under sanitizers.
    std::size_t connections_max = 2048;
    std::size_t connections_per_address_max = 64;
    std::size_t requests_per_connection_max = 10000;
};

struct ServerOptions {
    std::string address = "127.0.0.1:0";   ///< "a.b.c.d:port" or "[v6]:port"; port 0 picks one.
    std::shared_ptr<TlsContext> tls = {};  ///< Empty: plain HTTP, on a loopback address only.
    std::vector<std::string> hosts_allowed = {};  ///< Lower case, without port; empty: any.
    Deadlines deadlines = {};
    Limits limits = {};
    std::function<std::string(const Problem&)> problem =
        plain_problem;  ///< application/problem+json.
};

/// The HTTP front: accepts, judges heads, calls handlers, keeps every deadline.
///
/// It serves from construction to stop().  A connection without work waits in one poll set and
/// holds no thread; one with a request holds a thread for that request.
///
/// Errors    The constructor throws Error(storage, "listen.failed") and
///           Error(invalid_argument, "route.bad" | "listen.bad").
/// Threads   Any.  Owns "http-accept" and up to `threads_max` of "http"; see README.md.
class Server {
public:
    Server(ServerOptions options, std::vector<Route> routes, ErrorHandler on_error);
    ~Server();  ///< stop(0).

    std::string address() const;  ///< "127.0.0.1:8443" with the port that was got.
    std::uint16_t port() const;

    /// Stops accepting, lets running requests finish for `grace`, cuts the rest, joins.
    void stop(std::chrono::milliseconds grace);

    CountersSnapshot counters() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace custode::daemon
