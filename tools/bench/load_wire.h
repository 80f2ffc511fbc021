// tools/bench/load_wire.h
#pragma once

#include "archive/base/bytes.h"

#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace custode::bench {

/// One TLS 1.3 connection, blocking and as cheap as OpenSSL makes it, so that what is measured is
/// the server: whole records out of mapped files, many records a read.  The certificate is checked
/// against the CA that is given.
///
/// Errors   std::runtime_error, and then the connection is of no more use.
/// Threads  One at a time.
class Wire {
public:
    Wire(const std::string& address, const std::string& ca_file);
    ~Wire();

    void write(BytesView head, BytesView body);

    struct Answer {
        int status = 0;
        std::uint64_t bytes = 0;  ///< Of its body.
    };
    /// Reads one answer with a Content-Length; `first` is called at its first byte, `piece` with
    /// the pieces of its body.
    Answer read(const std::function<void()>& first, const std::function<void(BytesView)>& piece);

    std::string suite() const;

private:
    struct FreeContext {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    struct FreeSession {
        void operator()(ssl_st* session) const noexcept;
    };
    void send(BytesView bytes);
    std::size_t fill();

    std::unique_ptr<ssl_ctx_st, FreeContext> context_;
    std::unique_ptr<ssl_st, FreeSession> session_;
    int descriptor_ = -1;
    Bytes buffer_;
    std::size_t start_ = 0, end_ = 0;  ///< What was read and is not taken yet.
};

}  // namespace custode::bench
