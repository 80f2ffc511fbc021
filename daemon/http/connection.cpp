#include "daemon/http/connection.h"

#include "archive/base/error.h"
#include "daemon/tls/context.h"

#include <algorithm>

namespace custode::daemon {

namespace {

/// A peer with a series of requests sends the next at once: waiting for it here is cheaper than
/// going through the poll set and the queue.
constexpr std::chrono::milliseconds warm_wait{2};
constexpr std::string_view problem_type = "application/problem+json";

std::string host_name(const std::string& host) {
    if (!host.empty() && host.front() == '[') return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

}  // namespace

Connection::Connection(const Front& front, Poco::Net::StreamSocket socket, std::string peer,
                       Census::Ticket ticket)
    : front_(front),
      ticket_(std::move(ticket)),
      peer_(std::move(peer)),
      stream_(std::move(socket), front.halt) {}

bool Connection::shake_hands() {
    greeted_ = true;
    if (front_.options.tls == nullptr) return true;
    const auto until = Steady::now() + front_.options.deadlines.handshake;
    if (stream_.secure(front_.options.tls->current(), until) == Stream::Flow::ok) return true;
    front_.counters.cut(Cut::handshake);
    return false;
}

Connection::Next Connection::serve(bool overdue) {
    if (overdue) front_.counters.cut(Cut::overload);
    if (!greeted_ && (overdue || !shake_hands())) return Next::close;
    while (stream_.readable_within(warm_wait)) {
        if (serve_one(overdue)) continue;
        if (!answer_cut_) {
            const auto linger = front_.options.deadlines.linger;
            stream_.finish(peer_closed_ ? std::chrono::milliseconds(0) : linger);
        }
        return Next::close;
    }
    return front_.stopping.load() ? Next::close : Next::park;
}

bool Connection::read_head(Head& head) {
    const auto until = Steady::now() + front_.options.deadlines.head;
    std::size_t seen = 0;
    for (;;) {
        HeadScan scan = scan_head(stream_.buffered(), seen);
        if (scan.state == HeadScan::State::refused) return refuse(scan.refusal);
        if (scan.state == HeadScan::State::complete) break;
        seen = stream_.buffered().size();
        const Stream::Flow flow = Steady::now() < until ? stream_.fill(until) : Stream::Flow::late;
        if (flow == Stream::Flow::ok) continue;
        peer_closed_ = true;
        answer_cut_ = seen != 0;
        if (flow != Stream::Flow::late) return false;
        front_.counters.cut(Cut::head_slow);
        return seen != 0 && refuse({408, "head.slow", "the head took too long"});
    }
    std::variant<Head, Refusal> parsed = parse_head(stream_.buffered());
    if (const auto* refused = std::get_if<Refusal>(&parsed)) return refuse(*refused);
    head = std::get<Head>(std::move(parsed));
    stream_.take(head.bytes_count);
    return true;
}

/// Answers what has no Exchange, since its head could not be read.  Always false.
bool Connection::refuse(const Refusal& refusal) {
    if (refusal.status != 408) front_.counters.cut(Cut::head_refused);
    front_.counters.answered(refusal.status);
    answer_cut_ = false;
    peer_closed_ = false;
    const std::string body =
        front_.options.problem({refusal.status, refusal.code, refusal.detail, "", ""});
    std::string text = render({.status = refusal.status,
                               .content_type = std::string(problem_type),
                               .length = body.size(),
                               .close = true,
                               .layers = {&front_.fixed}});
    // After HEAD a body would be read as the beginning of another answer.
    if (!custode::text(stream_.buffered()).starts_with("HEAD ")) text += body;
    if (stream_.write_paced(view(text)) != Stream::Flow::ok) answer_cut_ = true;
    return false;
}

bool Connection::serve_one(bool overdue) {
    const Deadlines& deadlines = front_.options.deadlines;
    stream_.start_pace(deadlines.grace, deadlines.bytes_per_second_min);
    Head head;
    if (!read_head(head)) return false;
    const bool last = ++requests_ >= front_.options.limits.requests_per_connection_max || overdue;
    Exchange exchange(front_, stream_, std::move(head), peer_, last);
    try {
        return dispatch(exchange, overdue);
    } catch (...) {
        // The error handler itself failed, mostly because the peer is gone: nobody is left to tell.
        answer_cut_ = !exchange.answered() || exchange.gone_ || exchange.answer_left_ != 0;
        return false;
    }
}

void Connection::reject(Exchange& exchange, int status, const char* code, const char* detail,
                        const Headers& more) {
    const std::string body =
        front_.options.problem({status, code, detail, exchange.correlation_id(),
                                exchange.header("accept-language").value_or("")});
    exchange.reply(status, problem_type, view(body), more);
}

/// Calls the route's handler; true when the connection can go on.
bool Connection::dispatch(Exchange& exchange, bool overdue) {
    const Router::Match match = front_.router.find(exchange.method(), exchange.segments());
    const auto& hosts = front_.options.hosts_allowed;
    if (overdue) {
        reject(exchange, 503, "server.busy", "all threads are busy", {{"Retry-After", "5"}});
    } else if (!hosts.empty() && std::find(hosts.begin(), hosts.end(),
                                           host_name(exchange.head_.host)) == hosts.end()) {
        reject(exchange, 421, "head.host", "this server has another name");
    } else if (match.route != nullptr) {
        exchange.parameters_ = match.parameters;
        call(exchange, *match.route);
    } else if (match.allow.empty()) {
        reject(exchange, 404, "route.none", "nothing is served here");
    } else if (exchange.method() == "OPTIONS") {
        exchange.reply(204, "", {}, {{"Allow", match.allow}});
    } else {
        reject(exchange, 405, "route.method", "this method is not served here",
               {{"Allow", match.allow}});
    }
    answer_cut_ = exchange.gone_ || exchange.answer_left_ != 0;
    return !answer_cut_ && !exchange.last_ && exchange.body_left_ == 0;
}

void Connection::call(Exchange& exchange, const Route& route) {
    exchange.route_headers_ = &route.headers;
    if (exchange.content_length() > route.body_bytes_max) {
        reject(exchange, 413, "body.too_large", "the body is longer than this route allows");
        return;
    }
    try {
        route.handler(exchange);
    } catch (...) {
        front_.on_error(exchange, std::current_exception());
    }
    if (!exchange.answered()) reject(exchange, 500, "route.silent", "the request was not answered");
}

}  // namespace custode::daemon
