// daemon/monitor.h
#pragma once

#include "daemon/http/server.h"

#include <memory>
#include <string>

namespace custode::daemon {

class Service;

/// /healthz, /readyz and /metrics on a loopback port of their own, plain HTTP: for the supervisor
/// and Prometheus on the same machine.  Numbers only; nothing here names a person or a dossier.
class Monitor {
public:
    /// `address` empty: none is opened.
    Monitor(Service& service, const Server& watched, const std::string& address);

    std::string address() const;

private:
    std::unique_ptr<Server> server_;
};

}  // namespace custode::daemon
