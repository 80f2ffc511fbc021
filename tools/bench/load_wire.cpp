#include "tools/bench/load_wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace custode::bench {
namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t joined_bytes_max = 16 * 1024;

int connect_to(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    if (::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1)
        throw std::runtime_error("could not connect: write A.B.C.D:PORT, not " + address);
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(descriptor);
        throw std::runtime_error("could not connect to " + address);
    }
    return descriptor;
}

/// The value of a header, whatever the case of its name.
std::optional<std::string_view> header(std::string_view head, std::string_view lower_name) {
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const std::size_t colon = line.find(':');
        if (colon != lower_name.size()) continue;
        const bool same = std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                                     [](char a, char b) { return a == (b | 0x20) || a == b; });
        if (same) return line.substr(line.find_first_not_of(' ', colon + 1));
    }
    return std::nullopt;
}

}  // namespace

void Wire::FreeContext::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void Wire::FreeSession::operator()(ssl_st* session) const noexcept { SSL_free(session); }

Wire::Wire(const std::string& address, const std::string& ca_file)
    : context_(SSL_CTX_new(TLS_client_method())), buffer_(read_bytes) {
    SSL_CTX* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1)
        throw std::runtime_error("could not read the CA " + ca_file);
    SSL_CTX_set_read_ahead(context, 1);  // a read() for many records, not two for each
    SSL_CTX_set_default_read_buffer_len(context, read_bytes);
    descriptor_ = connect_to(address);
    session_.reset(SSL_new(context));
    SSL_set_fd(session_.get(), descriptor_);
    if (SSL_connect(session_.get()) != 1)
        throw std::runtime_error("could not shake hands with " + address);
}

Wire::~Wire() {
    if (session_) SSL_shutdown(session_.get());
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::string Wire::suite() const { return SSL_get_cipher_name(session_.get()); }

void Wire::write(BytesView head, BytesView body) {
    if (body.size() > joined_bytes_max) {
        send(head);
        return send(body);
    }
    Bytes joined = copy(head);
    append(joined, body);
    send(joined);
}

void Wire::send(BytesView bytes) {
    std::size_t sent = 0;
    if (!bytes.empty() && SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent) != 1)
        throw std::runtime_error("could not send: the server closed the connection");
}

std::size_t Wire::fill() {
    if (start_ == end_) start_ = end_ = 0;
    if (end_ == buffer_.size()) throw std::runtime_error("could not read: the head is too long");
    std::size_t got = 0;
    if (SSL_read_ex(session_.get(), buffer_.data() + end_, buffer_.size() - end_, &got) != 1)
        throw std::runtime_error("could not read: the server closed the connection");
    end_ += got;
    return got;
}

Wire::Answer Wire::read(const std::function<void()>& first,
                        const std::function<void(BytesView)>& piece) {
    if (start_ == end_) fill();
    first();
    std::string_view head;
    for (;;) {
        const std::string_view seen = text(BytesView(buffer_).subspan(start_, end_ - start_));
        const std::size_t end = seen.find("\r\n\r\n");
        if (end != std::string_view::npos) {
            head = seen.substr(0, end + 2);
            break;
        }
        if (seen.size() > head_bytes_max) throw std::runtime_error("the head is too long");
        fill();
    }
    Answer answer;
    std::from_chars(head.data() + std::string_view("HTTP/1.1 ").size(), head.data() + head.size(),
                    answer.status);
    std::uint64_t left = 0;
    if (const auto length = header(head, "content-length"))
        std::from_chars(length->data(), length->data() + length->size(), left);
    answer.bytes = left;
    start_ += head.size() + 2;
    while (left > 0) {
        if (start_ == end_) fill();
        const std::size_t part =
            static_cast<std::size_t>(std::min<std::uint64_t>(left, end_ - start_));
        piece(BytesView(buffer_).subspan(start_, part));
        start_ += part;
        left -= part;
    }
    return answer;
}

}  // namespace custode::bench
