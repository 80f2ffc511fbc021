#include "tools/verify/child.h"

#include "archive/base/error.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

namespace custode::verify {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;

/// A deleter for stdio files: the pipe's two ends.
struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void run_child(
    int pipe, const std::function<void(const std::function<void(const std::string&)>&)>& work) {
    // A crash is expected of a crafted file: it leaves no core, and says nothing on stderr.
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, SIG_DFL);
    std::FILE* out = ::fdopen(pipe, "w");
    if (out == nullptr) ::_exit(1);
    bool done = true;
    try {
        work([&](const std::string& line) { std::fprintf(out, "%s\n", line.c_str()); });
    } catch (const std::exception&) {
        done = false;
    }
    // Not exit(): the parent's buffers and destructors are not ours to run.
    ::_exit(std::fclose(out) == 0 && done ? 0 : 1);
}

void read_lines(std::FILE* in, const std::function<void(const std::string&)>& read) {
    std::string line(line_bytes_max, '\0');
    while (std::fgets(line.data(), static_cast<int>(line.size()), in) != nullptr) {
        std::string text(line.c_str());
        if (!text.empty() && text.back() == '\n') text.pop_back();
        read(text);
    }
}

}  // namespace

bool in_child(const std::function<void(const std::function<void(const std::string&)>& tell)>& work,
              const std::function<void(const std::string&)>& read) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) throw Error(ErrorCode::storage, "verify.child", "could not make a pipe");
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        run_child(ends[1], work);
    }
    ::close(ends[1]);
    const FileHandle in(::fdopen(ends[0], "r"));
    if (child < 0 || !in)
        throw Error(ErrorCode::storage, "verify.child", "could not start a process");
    read_lines(in.get(), read);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace custode::verify
