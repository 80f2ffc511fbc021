#include "client/cli/http.h"

#include "archive/base/error.h"
#include "client/cli/problem.h"
#include "client/cli/wire.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <cctype>
#include <limits>

namespace custode::client {
namespace {

namespace http = boost::beast::http;
namespace asio = boost::asio;
using Parser = http::response_parser<http::buffer_body>;

constexpr std::uint32_t head_bytes_max = 64 * 1024;
constexpr std::size_t read_bytes = 64 * 1024;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

Response head_of(const Parser& parser) {
    Response response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        const auto name = field.name_string();
        const auto value = field.value();
        response.headers[lower({name.data(), name.size()})] =
            std::string(value.data(), value.size());
    }
    return response;
}

}  // namespace

std::string Endpoint::url() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return "https://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Endpoint Endpoint::parse(std::string_view url, std::string ca_file) {
    try {
        const Poco::URI uri{std::string(url)};
        const bool is_plain = uri.getUserInfo().empty() && uri.getQuery().empty() &&
                              uri.getFragment().empty() &&
                              (uri.getPath().empty() || uri.getPath() == "/");
        if (uri.getScheme() == "https" && !uri.getHost().empty() && is_plain) {
            return {lower(uri.getHost()), uri.getPort(), std::move(ca_file)};
        }
    } catch (const Poco::Exception&) {
        // Said below, like every other form that is not ours.
    }
    throw Problem("server.bad_url", {std::string(url)});
}

std::string Response::header(const std::string& lower_name) const {
    const auto found = headers.find(lower_name);
    return found == headers.end() ? std::string() : found->second;
}

/// The socket, and what was read from it beyond the last answer.
class Connection::Wire : public SecureWire {
public:
    using SecureWire::SecureWire;

    std::vector<std::uint8_t> pending;
    bool has_answered = false;
};

Connection::Connection(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
Connection::~Connection() = default;

void Connection::open() {
    // A server closes idle connections when it likes; what it said meanwhile (at most its farewell)
    // shows as readable, and then a new connection is cheaper than a cut request.
    if (wire_ && wire_->has_answered && wire_->is_readable()) wire_.reset();
    if (!wire_) wire_ = std::make_unique<Wire>(endpoint_.host, endpoint_.port, endpoint_.ca_file);
}

void Connection::send_head(const Request& request, std::uint64_t length) {
    const bool is_ipv6 = endpoint_.host.find(':') != std::string::npos;
    std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
    head += "Host: " + (is_ipv6 ? "[" + endpoint_.host + "]" : endpoint_.host) + ":" +
            std::to_string(endpoint_.port) + "\r\n";
    for (const auto& [name, value] : request.headers) {
        // A line break in a value would start a header of somebody else's making.
        require(value.find_first_of("\r\n") == std::string::npos, "header values are one line");
        head += name + ": " + value + "\r\n";
    }
    if (length > 0 || request.method != "GET") {
        head += "Content-Length: " + std::to_string(length) + "\r\n";
    }
    head += "\r\n";
    wire_->write(view(head));
}

Response Connection::call(const Request& request, const SinkChooser& sink) {
    open();
    try {
        send_head(request, request.body.size());
        if (!request.body.empty()) wire_->write(view(request.body));
        return receive(sink);
    } catch (...) {
        wire_.reset();
        throw;
    }
}

Response Connection::upload(const Request& request, std::uint64_t length,
                            const BodySource& source) {
    open();
    try {
        send_head(request, length);
        bool refused = false;
        for (std::uint64_t sent = 0; sent < length && !refused;) {
            // Readable before the end means a refusal.  Only once an answer was read on this
            // connection: before it, session tickets of the handshake look the same.
            if (wire_->has_answered && wire_->is_readable()) {
                refused = true;
                break;
            }
            const BytesView piece = source();
            if (piece.empty()) throw Problem("file.changed", {});
            try {
                wire_->write(piece);
            } catch (const Problem& problem) {
                // The server may have answered and closed while we were writing.
                if (problem.code() != "connection.cut") throw;
                refused = true;
            }
            sent += piece.size();
        }
        Response response = receive({});
        // What is left of the body would be read as the next request.
        if (refused) wire_.reset();
        return response;
    } catch (...) {
        wire_.reset();
        throw;
    }
}

Response Connection::receive(const SinkChooser& choose) {
    Parser parser;
    parser.header_limit(head_bytes_max);
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // Each caller bounds its own.
    parser.eager(true);
    std::vector<std::uint8_t> buffer = std::move(wire_->pending);
    std::vector<std::uint8_t> piece(read_bytes);
    std::optional<Response> response;
    BodySink sink;

    const auto feed = [&]() {
        boost::system::error_code error;
        while (!parser.is_done() && !buffer.empty()) {
            parser.get().body().data = piece.data();
            parser.get().body().size = piece.size();
            parser.get().body().more = true;
            const std::size_t used = parser.put(asio::buffer(buffer), error);
            buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(used));
            const std::size_t filled = piece.size() - parser.get().body().size;
            if (parser.is_header_done() && !response) {
                response = head_of(parser);
                if (choose && response->status < 300) sink = choose(*response);
            }
            if (response && filled > 0) {
                const BytesView got(piece.data(), filled);
                if (sink)
                    sink(got);
                else if (response->body.size() + filled > kept_body_bytes_max)
                    throw Problem("answer.too_long");
                else
                    response->body += text(got);
            }
            if (error == http::error::need_buffer) error = {};
            if (error == http::error::need_more) return;
            if (error) throw Problem("answer.malformed", {error.message()});
            if (used == 0 && filled == 0) return;
        }
    };

    feed();
    while (!parser.is_done()) {
        const std::size_t had = buffer.size();
        if (had > head_bytes_max + read_bytes) throw Problem("answer.malformed", {"head"});
        buffer.resize(had + read_bytes);
        const std::size_t got = wire_->read({buffer.data() + had, read_bytes});
        buffer.resize(had + got);
        if (got == 0) {
            // Neither a length nor the last chunk was reached: the answer is not whole.
            throw Problem("connection.cut");
        }
        feed();
    }
    if (parser.get().keep_alive()) {
        wire_->pending = std::move(buffer);
        wire_->has_answered = true;
    } else {
        wire_.reset();
    }
    return std::move(*response);
}

}  // namespace custode::client
