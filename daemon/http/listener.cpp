#include "daemon/http/listener.h"

#include "archive/base/error.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <fcntl.h>

namespace custode::daemon {

namespace {

constexpr int backlog = 512;

Poco::Net::SocketAddress parse_address(const std::string& text, bool loopback_only) {
    const std::size_t colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    Poco::Net::IPAddress ip;
    // Only numbers: a name would be asked of a resolver, and could change its meaning.
    if (colon == std::string::npos || !Poco::Net::IPAddress::tryParse(host, ip)) {
        throw Error(ErrorCode::invalid_argument, "listen.bad",
                    "could not listen on " + text + ": write ADDRESS:PORT with a numeric address");
    }
    if (loopback_only && !ip.isLoopback()) {
        throw Error(
            ErrorCode::invalid_argument, "listen.bad",
            "could not listen on " + text + ": without TLS only a loopback address is served");
    }
    try {
        return Poco::Net::SocketAddress(host, text.substr(colon + 1));
    } catch (const Poco::Exception&) {
        throw Error(ErrorCode::invalid_argument, "listen.bad",
                    "could not listen on " + text + ": the port is not valid");
    }
}

}  // namespace

Poco::Net::ServerSocket open_listener(const std::string& text, bool loopback_only) {
    const Poco::Net::SocketAddress address = parse_address(text, loopback_only);
    try {
        Poco::Net::ServerSocket listener;
        // Without the third word Poco 1.11 sets SO_REUSEPORT too, and a second daemon, or anybody
        // of our uid, would share the port and get some of the connections.
        if (address.family() == Poco::Net::AddressFamily::IPv6) {
            listener.bind6(address, true, false, false);
        } else {
            listener.bind(address, true, false);
        }
        listener.listen(backlog);
        listener.setBlocking(false);
        ::fcntl(listener.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
        return listener;
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::storage, "listen.failed",
                    "could not listen on " + address.toString() + ": " + error.displayText());
    }
}

}  // namespace custode::daemon
