// client/cli/http.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace custode::client {

/// Where a Custode server is, and by what its certificate is judged.
struct Endpoint {
    std::string host;
    std::uint16_t port = 443;
    std::string ca_file;  ///< Empty: the machine's certificate authorities.

    std::string url() const;  ///< "https://host:port", the one way of writing it.
    /// @throws Problem(server.bad_url) for anything but https://HOST[:PORT].
    static Endpoint parse(std::string_view url, std::string ca_file);
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string target;  ///< Path and query, already encoded.
    Headers headers;
    std::string body;  ///< Of a small request; an upload's comes from its source.
};

/// An answer's head, and its body when nobody asked to have it streamed.
struct Response {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    std::string body;

    std::string header(const std::string& lower_name) const;
};

/// Gives the next bytes of an upload; an empty view only before the announced end, to give up.
using BodySource = std::function<BytesView()>;
/// Asked with the head of an answer: takes its body piece by piece, or is empty when the body
/// is to be kept in Response::body (problems always are).
using BodySink = std::function<void(BytesView)>;
using SinkChooser = std::function<BodySink(const Response&)>;

/// One kept-alive HTTPS connection to one server.
///
/// TLS 1.3 only, the chain checked against the endpoint's CA and the certificate against the host
/// name or IP address, with no way to switch either off.  The answer is parsed by Boost.Beast,
/// not by Poco's HTTPClientSession: that one takes a truncated chunked body for a complete one,
/// so half an export would look whole.  Here an answer is complete or the call throws.
///
/// Units    Heads up to 64 KiB; kept bodies up to 16 MiB; streamed bodies unbounded.
/// Errors   Problem server.unreachable (nothing was sent), connection.cut (the request may have
///          been carried out), tls.untrusted, server.slow, answer.malformed, interrupted.
/// Threads  One at a time per connection.
/// Source   Poco 1.11.0, SecureStreamSocket; OpenSSL 3.0, X509_VERIFY_PARAM_set1_host(3).
class Connection {
public:
    static constexpr std::size_t kept_body_bytes_max = 16 * 1024 * 1024;

    explicit Connection(Endpoint endpoint);
    ~Connection();

    Response call(const Request& request, const SinkChooser& sink = {});

    /// Sends `length` bytes of `source` as the body.  An answer that arrives before the end (a
    /// refusal) ends the sending and is returned.
    Response upload(const Request& request, std::uint64_t length, const BodySource& source);

    const Endpoint& endpoint() const { return endpoint_; }

private:
    class Wire;

    void open();
    Response receive(const SinkChooser& sink);
    void send_head(const Request& request, std::uint64_t length);

    Endpoint endpoint_;
    std::unique_ptr<Wire> wire_;
};

}  // namespace custode::client
