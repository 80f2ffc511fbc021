// daemon/tls/context.h
#pragma once

#include "archive/base/mutex.h"

#include <Poco/Net/Context.h>

#include <filesystem>

namespace custode::daemon {

struct TlsFiles {
    std::filesystem::path certificate;  ///< PEM: the server's, then what leads to its CA.
    std::filesystem::path key;          ///< PEM, not readable by everyone.
};

/// The TLS that the daemon speaks: 1.3 only, forward secret, nothing resumable.
///
/// No tickets and no session cache: a resumed session would outlive the certificate check, and
/// 0-RTT could be replayed.  No renegotiation (1.3 has none).  ALPN: http/1.1, and a client that
/// offers only other protocols is refused, so that bytes meant for another server are never read
/// as ours.
///
/// Errors    Error(invalid_argument, "tls.…") for files that do not fit each other or whose key
///           everyone may read; from reload() with the old certificate still in force.
/// Threads   Any.  A connection keeps the context that it began with.
class TlsContext {
public:
    explicit TlsContext(TlsFiles files);

    /// Reads the files again; new connections use them.
    void reload();

    Poco::Net::Context::Ptr current() const;

private:
    const TlsFiles files_;
    mutable Mutex mutex_;
    Poco::Net::Context::Ptr context_ CUSTODE_GUARDED_BY(mutex_);
};

}  // namespace custode::daemon
