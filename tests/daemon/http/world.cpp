#include "tests/daemon/http/world.h"

#include "archive/base/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace custode::daemon::testing {

namespace {

void write_file(const std::filesystem::path& path, const std::string& text, bool secret) {
    std::ofstream(path) << text;
    using std::filesystem::perms;
    if (secret) std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

void add_patience(int descriptor) {
    timeval time{};
    time.tv_sec = patience.count() / 1000;
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "custode-http-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    path = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

Certificates::Certificates(std::vector<std::string> wished, std::uint8_t secret_fill)
    : names(std::move(wished)) {
    secret.fill(secret_fill);
    ca = folder.path / "ca.pem";
    certificate = folder.path / "server.pem";
    key = folder.path / "server.key";
    const CaMaterial made = make_ca(secret, {.now = SystemClock().now()});
    write_file(ca, made.certificate_pem, false);
    issue_again();
}

void Certificates::issue_again() {
    std::ifstream file(ca);
    const std::string pem((std::istreambuf_iterator<char>(file)), {});
    const ServerMaterial made =
        issue_server_certificate(secret, pem, {.names = names, .now = SystemClock().now()});
    write_file(certificate, made.certificate_pem, false);
    write_file(key, made.key_pem, true);
}

std::shared_ptr<TlsContext> Certificates::context() const {
    return std::make_shared<TlsContext>(TlsFiles{certificate, key});
}

std::optional<std::string> Answer::header(std::string_view name) const {
    const std::string wanted = "\r\n" + lower(std::string(name)) + ": ";
    const std::size_t at = lower(head).find(wanted);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t from = at + wanted.size();
    return head.substr(from, head.find("\r\n", from) - from);
}

Client::Client(std::uint16_t port, Tls tls, int receive_buffer_bytes, const char* from)
    : context_(nullptr, SSL_CTX_free), ssl_(nullptr, SSL_free) {
    std::signal(SIGPIPE, SIG_IGN);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    add_patience(descriptor_);
    const int no_delay = 1;  // as every client does; else each handshake waits for a delayed ACK
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    if (receive_buffer_bytes != 0) {
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (from != nullptr) {
        address.sin_addr.s_addr = ::inet_addr(from);
        ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    connected_ = ::connect(descriptor_, generic, sizeof address) == 0;
    if (!connected_ || tls == Tls::none) return;
    context_.reset(SSL_CTX_new(TLS_client_method()));
    const int version = tls == Tls::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), descriptor_);
    connected_ = SSL_connect(ssl_.get()) == 1;
}

Client::~Client() {
    ssl_.reset();
    ::close(descriptor_);
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ssl_ ? static_cast<ssize_t>(SSL_write(ssl_.get(), bytes.data(),
                                                                 static_cast<int>(bytes.size())))
                                : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::string Client::receive(std::size_t bytes_max) {
    std::string into(bytes_max, '\0');
    const auto count =
        ssl_
            ? static_cast<ssize_t>(SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())))
            : ::recv(descriptor_, into.data(), into.size(), 0);
    into.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return into;
}

Answer Client::answer(bool to_head) {
    std::size_t end = std::string::npos;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
        const std::string more = receive();
        if (more.empty()) return {};
        rest_ += more;
    }
    Answer answer;
    answer.head = rest_.substr(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    rest_.erase(0, end + 4);
    const std::size_t length = std::stoul(answer.header("Content-Length").value_or("0"));
    if (to_head) return answer;
    while (rest_.size() < length) {
        const std::string more = receive();
        if (more.empty()) break;
        rest_ += more;
    }
    answer.body = rest_.substr(0, length);
    rest_.erase(0, length);
    return answer;
}

bool Client::ended_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd waiting{descriptor_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
        char bytes[4096];
        if (::recv(descriptor_, bytes, sizeof bytes, 0) <= 0) return true;
    }
}

void Client::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

std::string Client::peer_certificate_serial() const {
    const std::unique_ptr<X509, void (*)(X509*)> peer(SSL_get1_peer_certificate(ssl_.get()),
                                                      X509_free);
    const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(peer.get()), nullptr), BN_free);
    char* const text = BN_bn2hex(number.get());
    std::string serial = text;
    OPENSSL_free(text);
    return serial;
}

Deadlines short_deadlines() {
    return {.handshake = 300ms,
            .head = 300ms,
            .idle = 2000ms,
            .grace = 300ms,
            .bytes_per_second_min = 16 * 1024,
            .linger = 500ms,
            .queue = 2000ms};
}

Bytes pattern_bytes(std::size_t size) {
    Bytes bytes(size);
    std::uint32_t state = 1;
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return bytes;
}

RunningServer::RunningServer(bool tls, Limits limits, Deadlines deadlines) {
    if (tls) context = certificates.emplace().context();
    const auto count = [this] { ++executed; };
    std::vector<Route> routes;
    routes.push_back({"GET", "/", [=](Exchange& exchange) {
                          count();
                          exchange.reply(200, "text/plain", view("hello"));
                      }});
    routes.push_back({"GET", "/admin/smuggled", [this](Exchange& exchange) {
                          ++forbidden;
                          exchange.reply(200, "text/plain", view("never"));
                      }});
    routes.push_back({"POST", "/echo",
                      [=](Exchange& exchange) {
                          count();
                          const Bytes body = exchange.read_all(1 << 20);
                          exchange.reply(200, "application/octet-stream", body);
                      },
                      1 << 20});
    routes.push_back({"POST", "/ignore",
                      [=](Exchange& exchange) {
                          count();
                          exchange.reply(403, "text/plain", view("no"));
                      },
                      std::uint64_t{1} << 40});
    routes.push_back({"GET", "/items/{id}/parts/{part}", [=](Exchange& exchange) {
                          count();
                          const std::string said = exchange.parameter("id") + "|" +
                                                   exchange.parameter("part") + "|" +
                                                   exchange.query("q").value_or("none");
                          exchange.reply(200, "text/plain", view(said));
                      }});
    routes.push_back({"GET", "/large/{bytes}", [=](Exchange& exchange) {
                          count();
                          const std::size_t size = std::stoul(exchange.parameter("bytes"));
                          const Bytes bytes = pattern_bytes(size);
                          exchange.begin(200, "application/octet-stream", size);
                          constexpr std::size_t step = 200'000;
                          for (std::size_t at = 0; at < size; at += step) {
                              exchange.send(
                                  BytesView(bytes).subspan(at, std::min(step, size - at)));
                          }
                      }});
    routes.push_back({"GET", "/work/{milliseconds}", [=](Exchange& exchange) {
                          count();
                          const int time = std::stoi(exchange.parameter("milliseconds"));
                          std::this_thread::sleep_for(std::chrono::milliseconds(time));
                          exchange.reply(200, "text/plain", view("done"));
                      }});
    routes.push_back({"GET", "/short", [=](Exchange& exchange) {
                          count();
                          exchange.begin(200, "text/plain", 100);
                          exchange.send(view("only this"));
                      }});
    routes.push_back({"GET", "/throws", [=](Exchange&) {
                          count();
                          throw Error(ErrorCode::busy, "test.thrown", "could not, on purpose");
                      }});
    routes.push_back({"GET", "/silent", [=](Exchange&) { count(); }});
    routes.push_back({"GET", "/unsafe", [=](Exchange& exchange) {
                          count();
                          exchange.reply(200, "text/plain", view("x"),
                                         {{"Content-Disposition", "a\r\nSet-Cookie: stolen=1"}});
                      }});
    routes.push_back({"GET",
                      "/page",
                      [=](Exchange& exchange) {
                          count();
                          exchange.reply(200, "text/html", view("<p>"));
                      },
                      0,
                      {{"Content-Security-Policy", "default-src 'self'"}}});
    const auto on_error = [this](Exchange& exchange, std::exception_ptr thrown) {
        ++failed;
        try {
            std::rethrow_exception(thrown);
        } catch (const Error& error) {
            {
                const Lock lock(naming);
                last_error = error.name();
            }
            if (!exchange.answered()) {
                exchange.reply(error.code() == ErrorCode::busy ? 503 : 400, "text/plain",
                               view(error.name()));
            }
        }
    };
    server = std::make_unique<Server>(
        ServerOptions{
            .address = "127.0.0.1:0", .tls = context, .deadlines = deadlines, .limits = limits},
        std::move(routes), on_error);
}

std::string RunningServer::get(std::string_view path, std::string_view more) const {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
           "\r\n";
}

}  // namespace custode::daemon::testing
