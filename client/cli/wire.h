// client/cli/wire.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace custode::client {

/// One TLS 1.3 connection whose far end has proven that it is `host`.
///
/// The host is put into the verification of the chain itself (X509_VERIFY_PARAM): a name is
/// compared with the certificate's DNS names and an IP address with its IP addresses, inside the
/// handshake, so that nothing is sent to anybody else.  Poco's own check runs as well.
///
/// Units    Connect and handshake 10 s; each read or write at most 120 s without a byte moving.
/// Errors   Problem server.unreachable, server.unknown_host, tls.untrusted, tls.ca_unreadable,
///          connection.cut, server.slow, interrupted.
/// Source   OpenSSL 3.0 X509_VERIFY_PARAM_set1_host(3), X509_VERIFY_PARAM_set1_ip_asc(3).
class SecureWire {
public:
    SecureWire(const std::string& host, std::uint16_t port, const std::string& ca_file);
    ~SecureWire();

    void write(BytesView bytes);
    std::size_t read(std::span<std::uint8_t> into);  ///< 0 at the far end's farewell.
    bool is_readable();                              ///< Without waiting.

private:
    class Socket;
    std::unique_ptr<Socket> socket_;
};

}  // namespace custode::client
