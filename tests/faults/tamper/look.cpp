#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "tests/faults/tamper/raw_catalogue.h"
#include "tests/faults/tamper/readable.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <sstream>

namespace custode::tamper {
namespace {

namespace fs = std::filesystem;

constexpr unsigned patience_seconds = 20;  // for a reader whom damage leads in circles

Bytes read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    Bytes bytes(fs::file_size(file));
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

/// What a writer cannot help to change: enough to tell an untouched file without reading it.
struct Stamp {
    std::int64_t seconds = 0, nanos = 0, size = 0;
    unsigned mode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp stamp_of(const fs::path& file) {
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0) return {};
    return {about.st_ctim.tv_sec, about.st_ctim.tv_nsec, about.st_size, about.st_mode};
}

/// A folder as it was, so that it can be put back after each edit and each look.
class Original {
public:
    explicit Original(fs::path root) : root_(std::move(root)) {
        for (const auto& entry : fs::recursive_directory_iterator(root_))
            if (entry.is_regular_file())
                files_[fs::relative(entry.path(), root_).string()] = {
                    read_file(entry.path()), fs::status(entry.path()).permissions(), {}};
    }

    void put_back() {
        std::vector<fs::path> extra;
        for (const auto& entry : fs::recursive_directory_iterator(root_))
            if (entry.is_regular_file() &&
                !files_.contains(fs::relative(entry.path(), root_).string()))
                extra.push_back(entry.path());
        for (const fs::path& path : extra) fs::remove(path);
        for (auto& [name, file] : files_) {
            const fs::path path = root_ / name;
            if (stamp_of(path) == file.stamp) continue;
            fs::create_directories(path.parent_path());
            write(path, file.bytes);
            fs::permissions(path, file.mode);
            file.stamp = stamp_of(path);
        }
    }

    void edit(const Json& edit) const {
        if (edit.contains("row")) return edit_row(edit);
        const fs::path path = root_ / edit.at("file").get<std::string>();
        if (edit.contains("remove")) return void(fs::remove(path));
        Bytes bytes =
            edit.contains("from") ? read_file(edit.at("from").get<std::string>()) : read_file(path);
        if (edit.contains("flip"))
            bytes.at(edit.at("flip").at(0).get<std::size_t>()) ^=
                static_cast<std::uint8_t>(1U << edit.at("flip").at(1).get<unsigned>());
        if (edit.contains("cut")) bytes.resize(edit.at("cut").get<std::size_t>());
        if (edit.contains("append"))
            append(bytes, from_hex(edit.at("append").get<std::string>()).value());
        if (edit.contains("put")) {
            const Bytes put = from_hex(edit.at("put").at(1).get<std::string>()).value();
            std::copy(put.begin(), put.end(),
                      bytes.begin() + edit.at("put").at(0).get<std::ptrdiff_t>());
        }
        fs::create_directories(path.parent_path());
        const auto mode = fs::exists(path) ? fs::status(path).permissions()
                                           : fs::perms::owner_read | fs::perms::owner_write;
        write(path, bytes);
        fs::permissions(path, edit.contains("mode")
                                  ? static_cast<fs::perms>(edit.at("mode").get<unsigned>())
                                  : mode);
    }

private:
    /// {"row": [table, key], "value": hex}; without a value it is erased.
    void edit_row(const Json& edit) const {
        RawCatalogue catalogue(root_ / "vault");
        const store::Table table{edit.at("row").at(0).get<unsigned>()};
        const Bytes key = from_hex(edit.at("row").at(1).get<std::string>()).value();
        if (edit.contains("value"))
            catalogue.put(table, key, from_hex(edit.at("value").get<std::string>()).value());
        else
            catalogue.erase(table, key);
    }

    struct File {
        Bytes bytes;
        fs::perms mode;
        Stamp stamp;
    };

    static void write(const fs::path& path, const Bytes& bytes) {
        if (fs::exists(path)) fs::permissions(path, fs::perms::owner_all);
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out.write(text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (!out) throw Error(ErrorCode::storage, "tamper.write", "could not write a file");
    }

    fs::path root_;
    std::map<std::string, File> files_;
};

using Look = std::pair<std::string, std::function<Json()>>;

/// One look after the other, each answer a line; the process ends with the last.
[[noreturn]] void look_as_child(int pipe, const std::vector<Look>& looks) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDERR_FILENO);  // LMDB tells its broken beliefs there
    ::alarm(patience_seconds);
    for (const auto& [name, look] : looks) {
        Json answer;
        try {
            answer = look();
        } catch (const std::exception& error) {
            answer = {{"escaped", error.what()}};
        }
        const std::string line = answer.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
        for (std::size_t at = 0; at < line.size();) {
            const auto written = ::write(pipe, line.data() + at, line.size() - at);
            if (written <= 0) ::_exit(1);
            at += static_cast<std::size_t>(written);
        }
    }
    ::_exit(0);
}

/// Damage may end whoever meets it, so looking is done by a process: what it answers, and how it
/// died at the first look for which there is no answer.
std::vector<Json> in_child(const std::vector<Look>& looks) {
    int ends[2] = {-1, -1};
    require(::pipe2(ends, O_CLOEXEC) == 0, "a pipe can be made");
    const pid_t child = ::fork();
    require(child >= 0, "a process can be made");
    if (child == 0) look_as_child(ends[1], looks);
    ::close(ends[1]);
    std::string told;
    char piece[65'536];
    for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;)
        told.append(piece, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    require(::waitpid(child, &status, 0) == child, "a child ends");
    std::vector<Json> answers;
    std::istringstream lines(told.substr(0, told.rfind('\n') + 1));
    for (std::string line; std::getline(lines, line);) answers.push_back(Json::parse(line));
    if (answers.size() < looks.size())
        answers.push_back(
            {{"died", WIFSIGNALED(status) ? ::strsignal(WTERMSIG(status))
                                          : "exit " + std::to_string(WEXITSTATUS(status))}});
    return answers;
}

/// Items that are not what they were before anything was edited.
Json differences(const Json& before, const Json& now) {
    if (now.contains("refused") || now.contains("died") || now.contains("escaped")) return now;
    Json differing = Json::object();
    for (const auto& [name, value] : before.items())
        if (!now.contains(name) || now.at(name) != value)
            differing[name] = now.contains(name) ? now.at(name) : Json("absent");
    for (const auto& [name, value] : now.items())
        if (!before.contains(name)) differing[name] = value;
    return {{"differs", std::move(differing)}};
}

}  // namespace

void look(const Arguments& arguments) {
    const fs::path root = arguments.at(0);
    const fs::path vault = root / "vault", keyfile = root / "device" / "keyfile";
    const auto named = [&](const std::string& what) -> Look {
        if (what == "read") return {what, [&] { return read_everything(vault, keyfile); }};
        if (what == "verify") return {what, [&] { return verify_with_keys(vault, keyfile); }};
        const auto kept = what == "kept" ? std::optional(root / "pins.json") : std::nullopt;
        return {what, [&vault, kept] { return verify_without_keys(vault, kept); }};
    };
    Original original(root);
    original.put_back();  // takes every file's stamp
    const Json before = in_child({named("read")}).front();
    each_line([&](const Json& asked) {
        original.put_back();
        if (asked.contains("items")) return before;
        std::vector<Look> looks;
        for (const Json& what : asked.at("looks")) looks.push_back(named(what));
        Json seen = Json::object();
        while (!looks.empty()) {  // once more for what the one that died did not come to
            for (const Json& edit : asked.at("edits")) original.edit(edit);
            for (Json& answer : in_child(looks)) {
                const std::string what = looks.front().first;
                seen[what] = what == "read" ? differences(before, answer) : std::move(answer);
                looks.erase(looks.begin());
            }
            original.put_back();
        }
        return seen;
    });
}

}  // namespace custode::tamper
