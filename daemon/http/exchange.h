// daemon/http/exchange.h
#pragma once

#include "archive/base/bytes.h"
#include "daemon/http/answer.h"
#include "daemon/http/head.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace custode::daemon {

class Connection;
class Stream;
struct Front;  // daemon/http/connection.h

/// One request and its answer; lives for the handler's call and no longer.
///
/// The head was already judged (daemon/http/head.h): every name occurs once, the path is canonical
/// and the length is known.  The body is read only when the handler asks, so that rights are
/// checked before the first byte of it; `100 Continue` is sent at that moment.
///
/// Units     Lengths in bytes.
/// Errors    Every member throws custode::Error; see each.  After one of them only the answer is
///           left to do, and the connection ends with it.
/// Threads   Used by the thread that called the handler.
class Exchange {
public:
    const std::string& method() const { return head_.method; }     ///< A HEAD stays "HEAD".
    const std::string& path() const { return head_.target.path; }  ///< Decoded, as segments().
    const std::vector<std::string>& segments() const { return head_.target.segments; }

    std::optional<std::string> query(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& queries() const {
        return head_.target.query;
    }
    std::optional<std::string> header(std::string_view name) const;  ///< In any case of letters.
    /// The segment that `{name}` of the route's pattern stood for; the name must be in the pattern.
    const std::string& parameter(std::string_view name) const;

    const std::string& peer() const { return peer_; }  ///< Numeric address without port.
    bool secure() const { return secure_; }            ///< Whether TLS carries it.
    const std::string& correlation_id() const { return correlation_id_; }

    std::uint64_t content_length() const { return head_.content_length; }

    /// The next bytes of the body, at least one; 0 at its end.
    /// @throws Error(invalid_argument "body.cut") when the connection ends before the body,
    ///         Error(busy "body.too_slow") when it comes slower than the pace.
    std::size_t read(std::span<std::uint8_t> into);

    /// All of the body.
    /// @throws Error(invalid_argument "body.too_large") before reading more than `bytes_max`.
    Bytes read_all(std::size_t bytes_max);

    /// A whole answer in one write.
    /// @throws Error(storage "peer.gone"), Error(conflict "answer.twice")
    void reply(int status, std::string_view content_type, BytesView body, const Headers& more = {});

    /// The head of an answer whose `length` bytes follow through send(), which throws
    /// Error(storage "peer.gone") also when the peer reads slower than the pace.
    /// Without a length the answer is sent in chunks and finish() ends it: an answer that broke off
    /// has no last chunk, so that the peer can tell.
    void begin(int status, std::string_view content_type, std::optional<std::uint64_t> length,
               const Headers& more = {});
    void send(BytesView bytes);
    void finish();

    bool answered() const { return status_ != 0; }
    int status() const { return status_; }  ///< Of the answer; 0 before it.

    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

private:
    friend class Connection;
    Exchange(const Front& front, Stream& stream, Head head, std::string peer, bool last);

    void send_chunk(BytesView bytes);
    void answer(int status, std::string_view content_type, std::optional<std::uint64_t> length,
                const Headers& more, BytesView body);
    void write(BytesView bytes, bool more = false);
    void send_continue();
    [[noreturn]] void fail_body(bool late);

    const Front& front_;
    Stream& stream_;
    Head head_;
    std::string peer_;
    std::string correlation_id_;
    std::map<std::string, std::string, std::less<>> parameters_;
    const Headers* route_headers_ = nullptr;
    std::uint64_t body_left_ = 0;
    std::uint64_t answer_left_ = 0;  ///< While chunks may follow: one.
    bool chunked_ = false;
    int status_ = 0;
    bool secure_ = false;
    bool continue_owed_ = false;
    bool muted_ = false;  ///< The answer has a head only.
    bool last_ = false;   ///< The connection ends with this answer.
    bool gone_ = false;   ///< Nothing more can be sent.
};

}  // namespace custode::daemon
