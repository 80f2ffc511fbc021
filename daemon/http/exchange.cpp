#include "daemon/http/exchange.h"

#include "archive/base/error.h"
#include "archive/base/id.h"
#include "daemon/http/connection.h"
#include "daemon/http/stream.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace custode::daemon {

namespace {

/// A fresh UUID, version 4.
std::string fresh_correlation_id() {
    std::array<std::uint8_t, 16> bytes{};
    require(::getrandom(bytes.data(), bytes.size(), 0) == std::ssize(bytes), "randomness is there");
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    return detail::uuid_text(bytes);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

/// Up to this size a body travels in the same write, and TLS record, as its head.
constexpr std::size_t joined_bytes_max = 64 * 1024;

}  // namespace

Exchange::Exchange(const Front& front, Stream& stream, Head head, std::string peer, bool last)
    : front_(front),
      stream_(stream),
      head_(std::move(head)),
      peer_(std::move(peer)),
      correlation_id_(fresh_correlation_id()),
      body_left_(head_.content_length),
      secure_(front.options.tls != nullptr),
      continue_owed_(head_.expects_continue && head_.content_length != 0),
      last_(last || head_.wants_close) {}

std::optional<std::string> Exchange::query(std::string_view name) const {
    for (const auto& [known, value] : head_.target.query) {
        if (known == name) return value;
    }
    return std::nullopt;
}

std::optional<std::string> Exchange::header(std::string_view name) const {
    return head_.field(lower(name));
}

const std::string& Exchange::parameter(std::string_view name) const {
    const auto found = parameters_.find(name);
    require(found != parameters_.end(), "the route's pattern has this parameter");
    return found->second;
}

void Exchange::send_continue() {
    if (!continue_owed_) return;
    continue_owed_ = false;
    if (!stream_.buffered().empty()) return;  // the peer did not wait for it
    write(view("HTTP/1.1 100 Continue\r\n\r\n"));
}

void Exchange::fail_body(bool late) {
    last_ = true;
    if (!late) {
        throw Error(ErrorCode::invalid_argument, "body.cut",
                    "could not read the body: the connection ended before it");
    }
    throw Error(ErrorCode::busy, "body.too_slow", "could not read the body: it came too slowly");
}

std::size_t Exchange::read(std::span<std::uint8_t> into) {
    require(!into.empty(), "a read has room for a byte");
    if (body_left_ == 0) return 0;
    if (!answered()) send_continue();
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), body_left_));
    const Stream::Got got = stream_.read_paced(into.first(wanted));
    if (got.flow == Stream::Flow::late) front_.counters.cut(Cut::body_slow);
    if (got.flow != Stream::Flow::ok) fail_body(got.flow == Stream::Flow::late);
    body_left_ -= got.count;
    front_.counters.bytes_in.fetch_add(got.count, std::memory_order_relaxed);
    return got.count;
}

Bytes Exchange::read_all(std::size_t bytes_max) {
    if (body_left_ > bytes_max) {
        throw Error(ErrorCode::invalid_argument, "body.too_large",
                    "could not take the body: it is longer than this route allows");
    }
    constexpr std::size_t step = 64 * 1024;  // memory follows what came, not what was announced
    Bytes body;
    while (body_left_ != 0) {
        const std::size_t before = body.size();
        body.resize(before + static_cast<std::size_t>(std::min<std::uint64_t>(step, body_left_)));
        body.resize(before + read(std::span(body).subspan(before)));
    }
    return body;
}

void Exchange::write(BytesView bytes, bool more) {
    if (gone_) throw Error(ErrorCode::storage, "peer.gone", "could not answer: the peer is gone");
    const Stream::Flow flow = stream_.write_paced(bytes, more);
    if (flow == Stream::Flow::ok) return;
    gone_ = true;
    if (flow == Stream::Flow::late) front_.counters.cut(Cut::reader_slow);
    throw Error(ErrorCode::storage, "peer.gone",
                flow == Stream::Flow::late ? "could not answer: the peer reads too slowly"
                                           : "could not answer: the peer is gone");
}

void Exchange::answer(int status, std::string_view content_type,
                      std::optional<std::uint64_t> length, const Headers& more, BytesView body) {
    if (answered()) {
        throw Error(ErrorCode::conflict, "answer.twice", "could not answer the same request twice");
    }
    static const Headers none;
    const Headers own = {{"X-Correlation-Id", correlation_id_}};
    const bool close = last_ || body_left_ != 0 || front_.stopping.load();
    std::string text =
        render({.status = status,
                .content_type = std::string(content_type),
                .length = length,
                .close = close,
                .layers = {&front_.fixed, &own, route_headers_ ? route_headers_ : &none, &more}});
    status_ = status;
    last_ = close;
    muted_ = head_.method == "HEAD" || !has_body(status);
    chunked_ = !length && !muted_;
    answer_left_ = muted_ ? 0 : length.value_or(1);
    front_.counters.answered(status);
    if (!muted_ && body.size() <= joined_bytes_max) {
        text.append(custode::text(body));
        answer_left_ -= body.size();
        front_.counters.bytes_out.fetch_add(body.size(), std::memory_order_relaxed);
        body = {};
    }
    // A head alone is no packet of its own: the first bytes of the body are about to come.
    write(view(text), answer_left_ > 0 && !chunked_);
    if (!body.empty()) send(body);
}

void Exchange::reply(int status, std::string_view content_type, BytesView body,
                     const Headers& more) {
    answer(status, content_type, body.size(), more, body);
}

void Exchange::begin(int status, std::string_view content_type, std::optional<std::uint64_t> length,
                     const Headers& more) {
    answer(status, content_type, length, more, {});
}

void Exchange::send(BytesView bytes) {
    if (muted_) return;
    if (chunked_) return send_chunk(bytes);
    if (!answered() || bytes.size() > answer_left_) {
        last_ = true;
        throw Error(ErrorCode::conflict, "answer.overrun",
                    "could not send more bytes than were announced");
    }
    write(bytes);
    answer_left_ -= bytes.size();
    front_.counters.bytes_out.fetch_add(bytes.size(), std::memory_order_relaxed);
}

/// One chunk (RFC 9112 §7.1): its length in hexadecimal, the bytes, in one write where it is small.
void Exchange::send_chunk(BytesView bytes) {
    if (bytes.empty()) return;  // An empty chunk would end the answer.
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    Bytes framed = copy(view(size.data()));
    append(framed, bytes);
    append(framed, view("\r\n"));
    write(framed);
    front_.counters.bytes_out.fetch_add(bytes.size(), std::memory_order_relaxed);
}

void Exchange::finish() {
    if (!chunked_) return;
    write(view("0\r\n\r\n"));
    answer_left_ = 0;
    chunked_ = false;
}

}  // namespace custode::daemon
