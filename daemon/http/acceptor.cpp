#include "daemon/http/acceptor.h"

#include "archive/base/error.h"
#include "daemon/http/listener.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

namespace custode::daemon {

namespace {

constexpr int accepts_a_round_max = 64;
/// Bounds what a peer that does not read can make the kernel hold; the kernel doubles it.
constexpr int send_buffer_bytes = 256 * 1024;
constexpr std::chrono::milliseconds descriptor_pause{100};
constexpr int wait_milliseconds_max = 1000;

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool is_readable(int descriptor) {
    pollfd polled{descriptor, POLLIN, 0};
    return ::poll(&polled, 1, 0) == 1;
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
      listener_(open_listener(address, front.options.tls == nullptr)),
      address_(listener_.address()),
      poll_(checked(::epoll_create1(EPOLL_CLOEXEC), "could not make a poll set")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "could not make an event")),
      thread_("http-accept") {
    watch(listener_.impl()->sockfd(), POLLIN);
    watch(wake_.value(), POLLIN);
}

Acceptor::~Acceptor() { stop(); }

void Acceptor::start() {
    thread_.startFunc([this] { run(); });
    started_ = true;
}

void Acceptor::watch(int descriptor, short events) {
    epoll_event event{};
    event.events = events == POLLOUT ? EPOLLOUT : EPOLLIN;
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

void Acceptor::wait_here(std::unique_ptr<Connection> connection) {
    const int descriptor = connection->descriptor();
    soonest_ = std::min(soonest_, connection->deadline());
    try {
        watch(descriptor, connection->wanted());
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

/// Ends one that waits: of the address with the most of them, the longest idle, or else the one
/// whose deadline is next.  Who comes with few makes no room for a `crowd`.
bool Acceptor::evict(std::size_t crowd) {
    auto chosen = waiting_.end();
    std::tuple<std::size_t, bool, Steady::duration> most;
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        const Connection& one = *it->second;
        const std::tuple rank{census_.crowd(one.ticket()), one.is_idle(),
                              -one.deadline().time_since_epoch()};
        if (chosen != waiting_.end() && rank <= most) continue;
        chosen = it;
        most = rank;
    }
    if (chosen == waiting_.end() || std::get<0>(most) < crowd) return false;
    release(chosen->first)->end(true);
    return true;
}

void Acceptor::admit(int descriptor) {
    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(descriptor));
    const std::string peer = socket.peerAddress().host().toString();
    Census::Admission admission = census_.admit(peer);
    if (admission.answer == Census::Answer::total_full && evict(census_.crowd(peer))) {
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
    wait_here(
        std::make_unique<Connection>(front_, std::move(socket), peer, std::move(admission.ticket)));
}

void Acceptor::pause_accepting(Steady::time_point now) {
    front_.counters.cut(Cut::descriptors);
    // A level-triggered listener would wake us without end while nothing can be accepted.
    ::epoll_ctl(poll_.value(), EPOLL_CTL_DEL, listener_.impl()->sockfd(), nullptr);
    accept_again_ = now + descriptor_pause;
    soonest_ = std::min(soonest_, *accept_again_);
    evict(0);
}

void Acceptor::accept_some(Steady::time_point now) {
    for (int i = 0; i < accepts_a_round_max; ++i) {
        const int descriptor =
            ::accept4(listener_.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0) {
            // Without a descriptor accept() says so even when nobody is there to be accepted.
            if (is_shortage(errno) && is_readable(listener_.impl()->sockfd())) {
                pause_accepting(now);
            }
            return;  // none left, or one that died while it waited
        }
        try {
            admit(descriptor);
        } catch (const Poco::Exception&) {
            // It was reset before we asked for its address; its socket closed itself.
        }
    }
}

void Acceptor::take_returned() {
    std::vector<std::unique_ptr<Connection>> returned;
    {
        const Lock lock(mutex_);
        returned.swap(returned_);
    }
    for (auto& connection : returned) wait_here(std::move(connection));
}

void Acceptor::end_overdue(Steady::time_point now) {
    if (now < soonest_) return;
    std::vector<int> overdue;
    soonest_ = accept_again_.value_or(Steady::time_point::max());
    for (const auto& [descriptor, connection] : waiting_) {
        if (connection->deadline() <= now) {
            overdue.push_back(descriptor);
        } else {
            soonest_ = std::min(soonest_, connection->deadline());
        }
    }
    for (const int descriptor : overdue) {
        std::unique_ptr<Connection> ended = release(descriptor);
        if (ended->has_last_word()) {
            workers_.add(std::move(ended));
        } else {
            ended->end(false);
        }
    }
    if (accept_again_ && *accept_again_ <= now) {
        accept_again_.reset();
        watch(listener_.impl()->sockfd(), POLLIN);
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
        take_returned();
        end_overdue(now);
        front_.counters.parked.store(waiting_.size());
    }
}

}  // namespace custode::daemon
