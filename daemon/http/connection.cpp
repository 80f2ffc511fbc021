#include "daemon/http/connection.h"

#include "archive/base/error.h"
#include "archive/base/guard.h"
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
      stream_(std::move(socket), front.halt, front.waits, Census::key(ticket_)) {
    const Deadlines& deadlines = front.options.deadlines;
    enter(Phase::handshake, front.options.tls ? deadlines.handshake : deadlines.head);
}

void Connection::enter(Phase phase, std::chrono::milliseconds time) {
    phase_ = phase;
    deadline_ = stands(Guard::peer_deadlines) ? Steady::now() + time : Steady::time_point::max();
}

Connection::Next Connection::serve(bool overdue) {
    if (overdue) front_.counters.cut(Cut::overload);
    for (;;) {
        Step step = advance(overdue);
        if (step == Step::wait) {
            // While stopping nobody keeps what waits, and what was begun may be finished.
            const bool parks = stands(Guard::thread_shares) && !front_.stopping.load();
            if (parks) return Next::park;
            step = wait_here();
        }
        if (step == Step::close) return Next::close;
    }
}

Connection::Step Connection::wait_here() {
    if (phase_ == Phase::idle && front_.stopping.load()) return Step::close;
    const Stream::Flow flow = stream_.wait_until(deadline_);
    if (flow == Stream::Flow::late && phase_ != Phase::head) end(false);
    const bool goes_on =
        flow == Stream::Flow::ok || (flow == Stream::Flow::late && phase_ == Phase::head);
    return goes_on ? Step::onward : Step::close;
}

Connection::Step Connection::advance(bool overdue) {
    switch (phase_) {
        case Phase::handshake: return shake_hands(overdue);
        case Phase::idle:
        case Phase::head: return read_head(overdue);
        case Phase::farewell:
            return stream_.discard() == Stream::Flow::again ? Step::wait : Step::close;
    }
    return Step::close;
}

void Connection::end(bool evicted) {
    if (phase_ == Phase::farewell) return;  // it has heard all
    const Cut why = phase_ == Phase::handshake ? Cut::handshake : Cut::idle;
    front_.counters.cut(evicted ? Cut::evicted : why);
    if (phase_ != Phase::handshake) stream_.finish();
}

Connection::Step Connection::shake_hands(bool overdue) {
    if (overdue) return Step::close;
    if (front_.options.tls != nullptr) {
        const Stream::Flow flow = stream_.secure(front_.options.tls->current());
        if (flow == Stream::Flow::again) return Step::wait;
        if (flow != Stream::Flow::ok) {
            front_.counters.cut(Cut::handshake);
            return Step::close;
        }
    }
    enter(Phase::idle, front_.options.deadlines.idle);
    return Step::onward;
}

/// Takes what has come; ok as well when some was there.
Stream::Flow Connection::hear() {
    if (phase_ == Phase::idle && !stream_.buffered().empty()) return Stream::Flow::ok;
    Stream::Flow flow = stream_.fill();
    if (flow == Stream::Flow::again && std::exchange(is_warm_, false) && phase_ == Phase::idle) {
        stream_.wait_until(Steady::now() + warm_wait);
        flow = stream_.fill();
    }
    return flow;
}

Connection::Step Connection::read_head(bool overdue) {
    if (phase_ == Phase::head && Steady::now() >= deadline_) {
        front_.counters.cut(Cut::head_slow);
        return refuse({408, "head.slow", "the head took too long"});
    }
    const Stream::Flow flow = hear();
    if (flow == Stream::Flow::again) return Step::wait;
    if (flow != Stream::Flow::ok) {
        peer_closed_ = true;
        return phase_ == Phase::idle ? leave() : Step::close;
    }
    if (phase_ == Phase::idle) enter(Phase::head, front_.options.deadlines.head);
    const HeadScan scan = scan_head(stream_.buffered(), scanned_);
    if (scan.state == HeadScan::State::refused) return refuse(scan.refusal);
    scanned_ = stream_.buffered().size();
    if (scan.state != HeadScan::State::complete) return Step::onward;
    std::variant<Head, Refusal> parsed = parse_head(stream_.buffered());
    if (const auto* refused = std::get_if<Refusal>(&parsed)) return refuse(*refused);
    Head head = std::get<Head>(std::move(parsed));
    stream_.take(head.bytes_count);
    scanned_ = 0;
    is_warm_ = true;
    if (!serve_one(std::move(head), overdue)) return leave();
    enter(Phase::idle, front_.options.deadlines.idle);
    return Step::onward;
}

/// Ends an exchange of requests: with a goodbye only if the last answer is whole.
Connection::Step Connection::leave() {
    if (answer_cut_) {
        stream_.abandon();
        return Step::close;
    }
    stream_.finish();
    if (peer_closed_) return Step::close;
    enter(Phase::farewell, front_.options.deadlines.linger);
    return Step::onward;
}

/// Answers what has no Exchange, since its head could not be read.
Connection::Step Connection::refuse(const Refusal& refusal) {
    if (refusal.status != 408) front_.counters.cut(Cut::head_refused);
    front_.counters.answered(refusal.status);
    const std::string body =
        front_.options.problem({refusal.status, refusal.code, refusal.detail, "", ""});
    std::string text = render({.status = refusal.status,
                               .content_type = std::string(problem_type),
                               .length = body.size(),
                               .close = true,
                               .layers = {&front_.fixed}});
    // After HEAD a body would be read as the beginning of another answer.
    if (!custode::text(stream_.buffered()).starts_with("HEAD ")) text += body;
    const Deadlines& deadlines = front_.options.deadlines;
    stream_.start_pace(deadlines.grace, deadlines.bytes_per_second_min);
    answer_cut_ = stream_.write_paced(view(text)) != Stream::Flow::ok;
    return leave();
}

bool Connection::serve_one(Head head, bool overdue) {
    const Deadlines& deadlines = front_.options.deadlines;
    stream_.start_pace(deadlines.grace, deadlines.bytes_per_second_min);
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
