#include "daemon/http/acceptor.h"

#include "archive/base/error.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace custode::daemon {

namespace {

constexpr int backlog = 512;
constexpr int accepts_a_round_max = 64;
/// Bounds what a peer that does not read can make the kernel hold; the kernel doubles it.
constexpr int send_buffer_bytes = 256 * 1024;
constexpr std::chrono::milliseconds descriptor_pause{100};
constexpr int wait_milliseconds_max = 1000;

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

Poco::Net::ServerSocket open_listener(const Poco::Net::SocketAddress& address) {
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

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

int checked(int descriptor, const char* what) {
    if (descriptor < 0) throw Error(ErrorCode::storage, "listen.failed", what);
    return descriptor;
}

}  // namespace

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

Acceptor::Acceptor(Front& front, Workers& workers, const std::string& address)
    : front_(front),
      workers_(workers),
      census_(front.options.limits.connections_max,
              front.options.limits.connections_per_address_max),
      listener_(open_listener(parse_address(address, front.options.tls == nullptr))),
      address_(listener_.address()),
      poll_(checked(::epoll_create1(EPOLL_CLOEXEC), "could not make a poll set")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "could not make an event")),
      thread_("http-accept") {
    watch(listener_.impl()->sockfd());
    watch(wake_.value());
}

Acceptor::~Acceptor() { stop(); }

void Acceptor::start() {
    thread_.startFunc([this] { run(); });
    started_ = true;
}

void Acceptor::watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    checked(::epoll_ctl(poll_.value(), EPOLL_CTL_ADD, descriptor, &event),
            "could not watch a socket");
}

void Acceptor::wake() {
    const std::uint64_t one = 1;
    // A full counter wakes as well, so a short write loses nothing.
    [[maybe_unused]] const auto written = ::write(wake_.value(), &one, sizeof one);
}

void Acceptor::park(std::unique_ptr<Connection> connection) {
    {
        const Lock lock(mutex_);
        if (ending_) return;
        returned_.push_back(std::move(connection));
    }
    wake();
}

void Acceptor::stop() {
    {
        const Lock lock(mutex_);
        if (std::exchange(ending_, true)) return;
    }
    wake();
    if (started_) thread_.join();
    listener_.close();
    waiting_.clear();
    const Lock lock(mutex_);
    returned_.clear();
}

void Acceptor::wait_here(std::unique_ptr<Connection> connection, Steady::time_point until) {
    const int descriptor = connection->descriptor();
    connection->parked_until = until;
    soonest_ = std::min(soonest_, until);
    try {
        watch(descriptor);
    } catch (const Error&) {
        return;  // the kernel has no room to watch it: it is closed
    }
    waiting_.insert_or_assign(descriptor, std::move(connection));
}

std::unique_ptr<Connection> Acceptor::release(int descriptor) {
    const auto found = waiting_.find(descriptor);
    if (found == waiting_.end()) return nullptr;
    std::unique_ptr<Connection> connection = std::move(found->second);
    waiting_.erase(found);
    ::epoll_ctl(poll_.value(), EPOLL_CTL_DEL, descriptor, nullptr);
    return connection;
}

/// Ends the connection that has been idle for longest; fresh ones have their own short deadline.
bool Acceptor::evict_idle() {
    auto oldest = waiting_.end();
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if (it->second->is_fresh()) continue;
        if (oldest == waiting_.end() || it->second->parked_until < oldest->second->parked_until) {
            oldest = it;
        }
    }
    if (oldest == waiting_.end()) return false;
    front_.counters.cut(Cut::evicted);
    release(oldest->first)->say_goodbye();
    return true;
}

void Acceptor::admit(int descriptor, Steady::time_point now) {
    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(descriptor));
    const std::string peer = socket.peerAddress().host().toString();
    Census::Admission admission = census_.admit(peer);
    if (admission.answer == Census::Answer::total_full && evict_idle()) {
        admission = census_.admit(peer);
    }
    if (!admission.ticket) {
        const bool total = admission.answer == Census::Answer::total_full;
        front_.counters.cut(total ? Cut::total_cap : Cut::address_cap);
        return;
    }
    socket.setNoDelay(true);
    socket.setSendBufferSize(send_buffer_bytes);
    front_.counters.accepted.fetch_add(1, std::memory_order_relaxed);
    const Deadlines& deadlines = front_.options.deadlines;
    const auto first_byte = front_.options.tls != nullptr ? deadlines.handshake : deadlines.head;
    wait_here(
        std::make_unique<Connection>(front_, std::move(socket), peer, std::move(admission.ticket)),
        now + first_byte);
}

void Acceptor::pause_accepting(Steady::time_point now) {
    front_.counters.cut(Cut::descriptors);
    // A level-triggered listener would wake us without end while nothing can be accepted.
    ::epoll_ctl(poll_.value(), EPOLL_CTL_DEL, listener_.impl()->sockfd(), nullptr);
    accept_again_ = now + descriptor_pause;
    soonest_ = std::min(soonest_, *accept_again_);
    evict_idle();
}

void Acceptor::accept_some(Steady::time_point now) {
    for (int i = 0; i < accepts_a_round_max; ++i) {
        const int descriptor =
            ::accept4(listener_.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0) {
            if (is_shortage(errno)) pause_accepting(now);
            return;  // none left, or one that died while it waited
        }
        try {
            admit(descriptor, now);
        } catch (const Poco::Exception&) {
            // It was reset before we asked for its address; its socket closed itself.
        }
    }
}

void Acceptor::take_returned(Steady::time_point now) {
    std::vector<std::unique_ptr<Connection>> returned;
    {
        const Lock lock(mutex_);
        returned.swap(returned_);
    }
    for (auto& connection : returned) {
        wait_here(std::move(connection), now + front_.options.deadlines.idle);
    }
}

void Acceptor::end_overdue(Steady::time_point now) {
    if (now < soonest_) return;
    std::vector<int> overdue;
    soonest_ = accept_again_.value_or(Steady::time_point::max());
    for (const auto& [descriptor, connection] : waiting_) {
        if (connection->parked_until <= now) {
            overdue.push_back(descriptor);
        } else {
            soonest_ = std::min(soonest_, connection->parked_until);
        }
    }
    for (const int descriptor : overdue) {
        const std::unique_ptr<Connection> ended = release(descriptor);
        front_.counters.cut(ended->is_fresh() ? Cut::handshake : Cut::idle);
        ended->say_goodbye();
    }
    if (accept_again_ && *accept_again_ <= now) {
        accept_again_.reset();
        watch(listener_.impl()->sockfd());
    }
}

int Acceptor::wait_milliseconds(Steady::time_point now) const {
    const auto next = std::min(soonest_, now + std::chrono::milliseconds(wait_milliseconds_max));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    return static_cast<int>(std::max<std::int64_t>(left, 0));
}

void Acceptor::run() {
    block_sigpipe();
    pthread_setname_np(pthread_self(), "http-accept");
    constexpr std::size_t events_max = 128;
    std::array<epoll_event, events_max> events;
    for (;;) {
        const int count = ::epoll_wait(poll_.value(), events.data(), events_max,
                                       wait_milliseconds(Steady::now()));
        {
            const Lock lock(mutex_);
            if (ending_) return;
        }
        const auto now = Steady::now();
        for (int i = 0; i < count; ++i) {
            const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
            if (descriptor == listener_.impl()->sockfd()) {
                accept_some(now);
            } else if (descriptor == wake_.value()) {
                std::uint64_t ignored = 0;
                [[maybe_unused]] const auto got = ::read(wake_.value(), &ignored, sizeof ignored);
            } else if (std::unique_ptr<Connection> ready = release(descriptor)) {
                workers_.add(std::move(ready));
            }
        }
        take_returned(now);
        end_overdue(now);
        front_.counters.parked.store(waiting_.size());
    }
}

}  // namespace custode::daemon
