// daemon/http/listener.h
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <string>

namespace custode::daemon {

/// A socket that listens on "a.b.c.d:port" or "[v6]:port", non-blocking, not given to children.
///
/// Errors    Error(invalid_argument, "listen.bad") for what is no numeric address, or no loopback
///           address although `loopback_only`; Error(storage, "listen.failed").
Poco::Net::ServerSocket open_listener(const std::string& address, bool loopback_only);

}  // namespace custode::daemon
