// daemon/http/acceptor.h
#pragma once

#include "archive/base/mutex.h"
#include "daemon/http/connection.h"
#include "daemon/http/workers.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Thread.h>

#include <map>
#include <memory>
#include <vector>

namespace custode::daemon {

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    int value() const { return value_; }

private:
    int value_;
};

/// The thread "http-accept": accepts, keeps the connections that wait, ends those that wait too
/// long.  It never reads, writes or shakes hands, so no peer can hold it.
///
/// Not Poco's TCPServer: its dispatcher has races that were fixed only in 1.12, it spins when the
/// process is out of descriptors, its sockets are inherited by child processes, and a waiting
/// connection costs it a thread.
class Acceptor {
public:
    Acceptor(Front& front, Workers& workers, const std::string& address);
    ~Acceptor();  ///< stop().

    const Poco::Net::SocketAddress& address() const { return address_; }
    std::size_t open_count() const { return census_.total(); }
    void start();
    void park(std::unique_ptr<Connection> connection);  ///< From any thread.
    void stop();  ///< Closes the listening socket and all waiting connections; joins.

private:
    void run();
    void watch(int descriptor, short events);
    void accept_some(Steady::time_point now);
    void admit(int descriptor);
    void take_returned();
    void wait_here(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> release(int descriptor);
    bool evict(std::size_t crowd);
    void end_overdue(Steady::time_point now);
    int wait_milliseconds(Steady::time_point now) const;
    void pause_accepting(Steady::time_point now);
    void wake();

    Front& front_;
    Workers& workers_;
    Census census_;
    Poco::Net::ServerSocket listener_;
    Poco::Net::SocketAddress address_;
    Descriptor poll_;
    Descriptor wake_;
    Poco::Thread thread_;
    bool started_ = false;
    std::map<int, std::unique_ptr<Connection>> waiting_;  ///< Only the own thread's.
    /// No deadline lies before it, so that a busy round need not look at all that wait.
    Steady::time_point soonest_ = Steady::time_point::max();
    std::optional<Steady::time_point> accept_again_;  ///< Set: out of descriptors.
    Mutex mutex_;
    std::vector<std::unique_ptr<Connection>> returned_ CUSTODE_GUARDED_BY(mutex_);
    bool ending_ CUSTODE_GUARDED_BY(mutex_) = false;
};

}  // namespace custode::daemon
