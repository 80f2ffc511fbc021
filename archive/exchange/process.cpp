// archive/exchange/process.cpp
#include "archive/exchange/process.h"

#include "archive/base/error.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace custode::exchange {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

[[noreturn]] void fail(const char* attempted, int reason) {
    throw Error(ErrorCode::storage, "process.system",
                std::string("could not ") + attempted + ": " + std::strerror(reason));
}

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    int number() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

struct Pair {
    Descriptor ours, theirs;
};

/// Sockets and not pipes: writing to a child that is gone must give EPIPE, never a SIGPIPE that
/// ends this process, and only send() can promise that without touching the signal's disposition.
Pair connected_pair() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        fail("connect to a program", errno);
    }
    Pair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) fail("connect to a program", errno);
    return pair;
}

class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    posix_spawn_file_actions_t* get() { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

/// The child; killed and reaped when this value ends before wait() was called.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid), handle_(watch(pid)) {}
    ~Child() {
        if (pid_ > 0) reap_killed();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int handle() const { return handle_.number(); }

    int reap_killed() {
        kill(pid_, SIGKILL);
        return reap();
    }
    int reap() {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

private:
    /// A descriptor that becomes readable when the child ends.  The system call itself, because
    /// glibc 2.36 declares pidfd_open() without extern "C".
    static int watch(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

    pid_t pid_;
    Descriptor handle_;
};

pid_t spawn(const std::vector<std::string>& arguments, const Pair& input, const Pair& output) {
    FileActions actions;
    posix_spawn_file_actions_adddup2(actions.get(), input.theirs.number(), 0);
    posix_spawn_file_actions_adddup2(actions.get(), output.theirs.number(), 1);
    posix_spawn_file_actions_addopen(actions.get(), 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);

    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));  // posix_spawn writes to none
    }
    pointers.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, arguments.front().c_str(), actions.get(), nullptr,
                                   pointers.data(), environment.data());
    if (failed != 0) {
        throw Error(ErrorCode::unsupported, "process.cannot_start",
                    "could not start " + arguments.front() + ": " + std::strerror(failed));
    }
    return pid;
}

int milliseconds_until(Deadline deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 0, 60'000));
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

/// Feeds and drains the child until its output ends or a limit is met; true when it ended.
bool exchange_bytes(const ProcessOptions& options, BytesView input, Descriptor& to,
                    const Descriptor& from, Deadline deadline, ProcessResult& result) {
    std::array<std::uint8_t, 64 * 1024> buffer{};
    for (;;) {
        if (input.empty()) to.close();
        std::array<pollfd, 2> waiting{{{from.number(), POLLIN, 0}, {to.number(), POLLOUT, 0}}};
        poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
        if (std::chrono::steady_clock::now() >= deadline) {
            result.end = ProcessResult::End::out_of_time;
            return false;
        }
        if (waiting[1].revents != 0) {
            const ssize_t sent = send(to.number(), input.data(), input.size(), MSG_NOSIGNAL);
            if (sent >= 0) input = input.subspan(static_cast<std::size_t>(sent));
            // A child that stops reading may still answer; whether it succeeded, its status says.
            if (sent < 0 && !would_block()) input = {};
        }
        if (waiting[0].revents == 0) continue;
        const ssize_t got = recv(from.number(), buffer.data(), buffer.size(), 0);
        if (got == 0 || (got < 0 && !would_block())) return true;
        if (got < 0) continue;
        append(result.output, BytesView(buffer).first(static_cast<std::size_t>(got)));
        if (result.output.size() > options.output_bytes_max) {
            result.end = ProcessResult::End::output_too_large;
            return false;
        }
    }
}

/// A child may close its output and stay; it has until the same deadline.
bool ended_in_time(const Child& child, Deadline deadline) {
    pollfd waiting{child.handle(), POLLIN, 0};
    while (poll(&waiting, 1, milliseconds_until(deadline)) <= 0) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
    }
    return true;
}

}  // namespace

ProcessResult run_process(const ProcessOptions& options, BytesView input) {
    require(!options.arguments.empty(), "a process has a program");
    const Deadline deadline = std::chrono::steady_clock::now() + options.wall_max;
    Pair in = connected_pair();
    Pair out = connected_pair();
    Child child(spawn(options.arguments, in, out));
    if (child.handle() < 0) fail("watch a program", errno);
    in.theirs.close();
    out.theirs.close();

    ProcessResult result;
    if (!exchange_bytes(options, input, in.ours, out.ours, deadline, result)) {
        child.reap_killed();
        return result;
    }
    if (!ended_in_time(child, deadline)) {
        child.reap_killed();
        result.end = ProcessResult::End::out_of_time;
        return result;
    }
    const int status = child.reap();
    result.end = WIFEXITED(status) ? ProcessResult::End::exited : ProcessResult::End::signalled;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    return result;
}

}  // namespace custode::exchange
