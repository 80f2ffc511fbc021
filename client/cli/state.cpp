#include "client/cli/state.h"

#include "client/cli/problem.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace custode::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t session_bytes_max = 64 * 1024;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

private:
    int value_;
};

void make_private_folder(const fs::path& folder) {
    if (folder.empty() || fs::exists(folder)) return;
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) throw Problem("file.unwritable", {folder.string(), error.message()});
}

[[noreturn]] void unwritable(const std::string& path) {
    throw Problem("file.unwritable", {path, std::strerror(errno)});
}

}  // namespace

StatePaths StatePaths::of_environment() {
    fs::path session = environment("CUSTODE_SESSION");
    if (session.empty()) {
        fs::path state = environment("XDG_STATE_HOME");
        if (state.empty() || !state.is_absolute()) {
            const std::string home = environment("HOME");
            if (home.empty()) throw Problem("session.no_home");
            state = fs::path(home) / ".local" / "state";
        }
        session = state / "custode" / "session.json";
    }
    const fs::path folder = session.parent_path();
    return {session.string(), (folder / "pins.json").string(), (folder / "unfinished").string()};
}

std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.value() < 0) {
        if (errno == ENOENT) return std::nullopt;
        throw Problem("file.unreadable", {path, std::strerror(errno)});
    }
    std::string content;
    char buffer[8192];
    for (;;) {
        const ssize_t got = ::read(file.value(), buffer, sizeof buffer);
        if (got < 0) throw Problem("file.unreadable", {path, std::strerror(errno)});
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > bytes_max) throw Problem("file.too_long", {path});
    }
}

void write_private_file(const std::string& path, const std::string& content) {
    make_private_folder(fs::path(path).parent_path());
    const std::string temporary = path + "." + std::to_string(::getpid()) + ".new";
    {
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (file.value() < 0) unwritable(path);
        const ssize_t written = ::write(file.value(), content.data(), content.size());
        if (written != static_cast<ssize_t>(content.size()) || ::fsync(file.value()) != 0) {
            const int reason = errno;
            ::unlink(temporary.c_str());
            errno = reason;
            unwritable(path);
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) unwritable(path);
}

void while_locked(const std::string& path, const std::function<void()>& work) {
    make_private_folder(fs::path(path).parent_path());
    const std::string lock = path + ".lock";
    const Descriptor file(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.value() < 0 || ::flock(file.value(), LOCK_EX) != 0) unwritable(lock);
    work();
}

std::optional<SavedSession> load_session(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0) {
        throw Problem("session.readable_by_others", {path});
    }
    const auto content = read_small_file(path, session_bytes_max);
    if (!content) return std::nullopt;
    try {
        const auto saved = nlohmann::json::parse(*content);
        return SavedSession{saved.at("server"), saved.at("ca"),      saved.at("token"),
                            saved.at("user"),   saved.at("expires"), saved.at("key")};
    } catch (const nlohmann::json::exception&) {
        throw Problem("session.damaged", {path});
    }
}

void save_session(const std::string& path, const SavedSession& session) {
    const nlohmann::json saved = {{"version", 1},         {"server", session.server},
                                  {"ca", session.ca},     {"token", session.token},
                                  {"user", session.user}, {"expires", session.expires},
                                  {"key", session.key}};
    write_private_file(path, saved.dump(2) + "\n");
}

void forget_session(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) unwritable(path);
}

UnfinishedMark::UnfinishedMark(const std::string& folder, const std::string& key)
    : path_(folder + "/" + key) {
    make_private_folder(folder);
    was_there_ = fs::exists(path_);
    const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.value() < 0) unwritable(path_);
}

void UnfinishedMark::remove() { ::unlink(path_.c_str()); }

}  // namespace custode::client
