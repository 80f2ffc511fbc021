#include "daemon/http/server.h"

#include "archive/base/error.h"
#include "daemon/http/acceptor.h"
#include "daemon/http/workers.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace custode::daemon {

/// The parts in the order in which they need each other; stop() ends them in the reverse.
class Server::Core {
public:
    Core(ServerOptions options, std::vector<Route> routes, ErrorHandler on_error)
        : halt_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          fixed_(fixed_headers(options.tls != nullptr)),
          waits_(options.limits.waits_max),
          front_{std::move(options),  Router(std::move(routes)),
                 std::move(on_error), fixed_,
                 counters_,           waits_,
                 halt_.value()},
          workers_(front_, [this](std::unique_ptr<Connection> c) { acceptor_.park(std::move(c)); }),
          acceptor_(front_, workers_, front_.options.address) {
        require(halt_.value() >= 0, "an event can be made");
        require(front_.on_error && front_.options.problem, "a server has its two callbacks");
        acceptor_.start();
    }

    ~Core() { stop(std::chrono::milliseconds(0)); }

    void stop(std::chrono::milliseconds grace) {
        front_.stopping.store(true);
        acceptor_.stop();
        workers_.idle_within(grace);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(halt_.value(), &one, sizeof one);
        workers_.join();
    }

    const Poco::Net::SocketAddress& address() const { return acceptor_.address(); }
    CountersSnapshot counters() const {
        CountersSnapshot now = counters_.snapshot();
        now.connections_open = acceptor_.open_count();
        return now;
    }

private:
    Descriptor halt_;
    Headers fixed_;
    Counters counters_;
    Waits waits_;
    Front front_;
    Workers workers_;
    Acceptor acceptor_;
};

Server::Server(ServerOptions options, std::vector<Route> routes, ErrorHandler on_error)
    : core_(std::make_unique<Core>(std::move(options), std::move(routes), std::move(on_error))) {}

Server::~Server() = default;

std::string Server::address() const { return core_->address().toString(); }
std::uint16_t Server::port() const { return core_->address().port(); }
void Server::stop(std::chrono::milliseconds grace) { core_->stop(grace); }
CountersSnapshot Server::counters() const { return core_->counters(); }

}  // namespace custode::daemon
