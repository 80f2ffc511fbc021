#include "client/cli/wire.h"

#include "archive/base/error.h"
#include "client/cli/problem.h"
#include "client/cli/signals.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace custode::client {
namespace {

using Poco::Net::Context;
using Poco::Net::SecureStreamSocket;

constexpr Poco::Timespan::TimeDiff connect_micros = 10'000'000;
constexpr Poco::Timespan::TimeDiff silence_micros = 120'000'000;
constexpr Poco::Timespan::TimeDiff slice_micros = 200'000;  // how soon a Ctrl-C is noticed
// After a Ctrl-C: long enough for the answer to what was already sent, so that a filing that is
// done is also known to be done.
constexpr Poco::Timespan::TimeDiff farewell_micros = 5'000'000;

// The certificate must be for this host: the check belongs to the handshake.
void demand_host(SSL_CTX* context, const std::string& host) {
    X509_VERIFY_PARAM* verification = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    Poco::Net::IPAddress address;
    const int done = Poco::Net::IPAddress::tryParse(host, address)
                         ? X509_VERIFY_PARAM_set1_ip_asc(verification, host.c_str())
                         : X509_VERIFY_PARAM_set1_host(verification, host.c_str(), host.size());
    require(done == 1, "OpenSSL takes the host to verify");
}

Context::Ptr strict_context(const std::string& host, const std::string& ca_file) {
    Context::Params params;
    params.caLocation = ca_file;
    params.verificationMode = Context::VERIFY_STRICT;
    params.loadDefaultCAs = ca_file.empty();
    params.cipherList = "HIGH";  // of older protocols, which the next lines shut out
    try {
        Context::Ptr context(new Context(Context::TLS_CLIENT_USE, params));
        SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_3_VERSION);
        demand_host(context->sslContext(), host);
        return context;
    } catch (const Poco::Exception& error) {
        throw Problem("tls.ca_unreadable", {ca_file, error.message()});
    }
}

std::vector<Poco::Net::IPAddress> addresses_of(const std::string& host) {
    Poco::Net::IPAddress literal;
    if (Poco::Net::IPAddress::tryParse(host, literal)) return {literal};
    try {
        return Poco::Net::DNS::hostByName(host).addresses();
    } catch (const Poco::Exception&) {
        throw Problem("server.unknown_host", {host});
    }
}

}  // namespace

class SecureWire::Socket {
public:
    explicit Socket(Context::Ptr context) : stream(context) {}
    SecureStreamSocket stream;
};

SecureWire::SecureWire(const std::string& host, std::uint16_t port, const std::string& ca_file) {
    const Context::Ptr context = strict_context(host, ca_file);
    const std::string where = host + ":" + std::to_string(port);
    std::string reason;
    for (const auto& address : addresses_of(host)) {
        try {
            auto socket = std::make_unique<Socket>(context);
            socket->stream.setPeerHostName(host);
            socket->stream.connect(Poco::Net::SocketAddress(address, port),
                                   Poco::Timespan(connect_micros));
            socket->stream.setNoDelay(true);
            socket->stream.setReceiveTimeout(Poco::Timespan(silence_micros));
            socket->stream.setSendTimeout(Poco::Timespan(silence_micros));
            socket_ = std::move(socket);
            return;
        } catch (const Poco::Net::SSLException& error) {
            throw Problem("tls.untrusted", {where, error.displayText()});
        } catch (const Poco::Exception& error) {
            reason = error.displayText();
        }
    }
    throw Problem("server.unreachable", {where, reason});
}

SecureWire::~SecureWire() {
    try {
        if (socket_) socket_->stream.close();
    } catch (const Poco::Exception&) {
        // The farewell of a connection that is already gone is nobody's loss.
    }
}

void SecureWire::write(BytesView bytes) {
    try {
        while (!bytes.empty()) {
            const int sent =
                socket_->stream.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (sent <= 0) throw Problem("connection.cut");
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    } catch (const Poco::TimeoutException&) {
        throw Problem("server.slow");
    } catch (const Poco::Exception&) {
        throw Problem("connection.cut");
    }
}

std::size_t SecureWire::read(std::span<std::uint8_t> into) {
    try {
        for (Poco::Timespan::TimeDiff waited = 0; !is_readable(); waited += slice_micros) {
            if (waited >= silence_micros) throw Problem("server.slow");
            if (stop_asked() && waited >= farewell_micros) throw Problem("interrupted");
            socket_->stream.poll(Poco::Timespan(slice_micros), Poco::Net::Socket::SELECT_READ);
        }
        const int got = socket_->stream.receiveBytes(into.data(), static_cast<int>(into.size()));
        return got <= 0 ? 0 : static_cast<std::size_t>(got);
    } catch (const Poco::TimeoutException&) {
        throw Problem("server.slow");
    } catch (const Poco::Exception&) {
        throw Problem("connection.cut");
    }
}

bool SecureWire::is_readable() {
    // Decrypted bytes may wait inside OpenSSL while the socket itself is silent.
    return socket_->stream.available() > 0 ||
           socket_->stream.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
}

}  // namespace custode::client
