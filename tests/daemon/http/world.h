// tests/daemon/http/world.h
#pragma once

#include "archive/base/mutex.h"
#include "daemon/http/server.h"
#include "daemon/tls/certificates.h"
#include "daemon/tls/context.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

struct ssl_st;
struct ssl_ctx_st;

namespace custode::daemon::testing {

using namespace std::chrono_literals;

/// Every wait of a test client ends here: a server that hangs fails the test, it does not hang it.
inline constexpr std::chrono::milliseconds patience{10000};

/// A folder of its own that goes with the test.
struct TemporaryFolder {
    TemporaryFolder();
    ~TemporaryFolder();
    std::filesystem::path path;
};

/// A CA and a server certificate for localhost and 127.0.0.1, on disk.
struct Certificates {
    explicit Certificates(std::vector<std::string> names = {"localhost", "127.0.0.1"},
                          std::uint8_t secret_fill = 7);
    void issue_again();

    TemporaryFolder folder;
    std::array<std::uint8_t, ca_scalar_bytes> secret{};
    std::vector<std::string> names;
    std::filesystem::path ca, certificate, key;
    std::shared_ptr<TlsContext> context() const;
};

/// What came back: one answer taken apart.
struct Answer {
    int status = 0;  ///< 0: none came.
    std::string head;
    std::string body;
    std::optional<std::string> header(std::string_view name) const;
    bool closes() const { return header("Connection") == "close"; }
};

/// A client that sends exactly the bytes it is given, over plain TCP or TLS.
class Client {
public:
    enum class Tls { none, v1_3, v1_2 };
    explicit Client(std::uint16_t port, Tls tls = Tls::none, int receive_buffer_bytes = 0,
                    const char* from = nullptr);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool connected() const { return connected_; }        ///< TCP, and the handshake when asked for.
    bool send(std::string_view bytes);                   ///< False when the peer is gone.
    std::string receive(std::size_t bytes_max = 65536);  ///< Empty at the end.
    Answer answer(bool to_head = false);  ///< Reads one whole answer (`to_head`: it has no body).
    bool ended_within(std::chrono::milliseconds time);  ///< Whether the server closes.
    void finish_sending();
    int descriptor() const { return descriptor_; }
    std::string peer_certificate_serial() const;

private:
    int descriptor_ = -1;
    bool connected_ = false;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    std::string rest_;
};

/// Short deadlines, so that a test of one takes a fraction of a second.
Deadlines short_deadlines();

/// A server with routes that cover what a route can do; counts what was executed.
struct RunningServer {
    explicit RunningServer(bool tls = false, Limits limits = {},
                           Deadlines deadlines = short_deadlines());
    std::string get(std::string_view path, std::string_view more = "") const;

    std::atomic<int> executed{0};   ///< Requests that reached a handler.
    std::atomic<int> forbidden{0};  ///< Requests to /admin/smuggled, which no test may reach.
    std::atomic<int> failed{0};     ///< Handlers that threw.
    std::string last_error;         ///< Name of the last custode::Error; read after the answer.
    Mutex naming;                   ///< Of last_error, when several fail at once.
    std::optional<Certificates> certificates;
    std::shared_ptr<TlsContext> context;
    std::unique_ptr<Server> server;

    std::uint16_t port() const { return server->port(); }
    Client::Tls kind() const { return context ? Client::Tls::v1_3 : Client::Tls::none; }
};

/// Waits until `true_now` holds, for `patience` at most; deadlines make it happen, not sleeping.
template <class Condition>
bool eventually(Condition true_now) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!true_now()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// `size` bytes that depend on their position, so that a shifted or repeated block shows.
Bytes pattern_bytes(std::size_t size);

}  // namespace custode::daemon::testing
