#include "client/cli/download.h"

#include "archive/base/encoding.h"
#include "client/cli/progress.h"
#include "client/cli/signals.h"
#include "client/cli/source_file.h"
#include "client/cli/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace custode::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t etag_bytes_max = 1024;

// The file that grows: FILE.part, with the ETag of what it is a part of beside it.
class PartFile {
public:
    PartFile(const std::string& path, bool may_resume) : path_(path) {
        int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
        if (may_resume) etag_ = read_small_file(etag_path(), etag_bytes_max).value_or("");
        if (etag_.empty()) flags |= O_TRUNC;
        descriptor_ = ::open(path_.c_str(), flags, 0600);
        if (descriptor_ < 0) fail();
        if (!etag_.empty()) take_up();
    }
    ~PartFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    std::uint64_t size() const { return size_; }
    const std::string& etag() const { return etag_; }

    void start_over() {
        if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) fail();
        size_ = 0;
        running_ = std::make_unique<RunningSha256>();
    }
    void remember_etag(const std::string& etag) {
        if (!etag.empty()) write_private_file(etag_path(), etag);
    }
    void write(BytesView bytes) {
        running_->update(bytes);
        size_ += bytes.size();
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0) fail();
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    std::string sha256() { return to_hex(running_->finish()); }

    void discard() {
        ::unlink(path_.c_str());
        ::unlink(etag_path().c_str());
    }

    void become(const std::string& final_path, bool force) {
        if (::fsync(descriptor_) != 0) fail();
        // Without RENAME_NOREPLACE a file made meanwhile under that name would be lost.
        const unsigned flags = force ? 0 : RENAME_NOREPLACE;
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, final_path.c_str(), flags) != 0) {
            if (errno == EEXIST) throw Problem("file.exists", {final_path});
            // Some file systems lack the flag: a hard link refuses to replace as well.
            if (errno != EINVAL || ::link(path_.c_str(), final_path.c_str()) != 0) {
                if (errno == EEXIST) throw Problem("file.exists", {final_path});
                fail();
            }
            ::unlink(path_.c_str());
        }
        ::unlink(etag_path().c_str());
        sync_folder(fs::path(final_path).parent_path());
    }

private:
    std::string etag_path() const { return path_ + ".etag"; }
    [[noreturn]] void fail() const {
        throw Problem("file.unwritable", {path_, std::strerror(errno)});
    }

    void take_up() {
        Bytes piece(256 * 1024);
        for (;;) {
            const ssize_t got = ::read(descriptor_, piece.data(), piece.size());
            if (got < 0) fail();
            if (got == 0) return;
            running_->update({piece.data(), static_cast<std::size_t>(got)});
            size_ += static_cast<std::uint64_t>(got);
        }
    }

    static void sync_folder(fs::path folder) {
        if (folder.empty()) folder = ".";
        const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return;
        ::fsync(descriptor);
        ::close(descriptor);
    }

    std::string path_;
    std::string etag_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
    std::unique_ptr<RunningSha256> running_ = std::make_unique<RunningSha256>();
};

std::optional<std::uint64_t> number(const std::string& text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != text.npos) {
        return std::nullopt;
    }
    return std::stoull(text);
}

// "bytes 100-199/5000": where the answer's bytes begin.
std::optional<std::uint64_t> range_start(const Response& response) {
    const std::string text = response.header("content-range");
    if (text.rfind("bytes ", 0) != 0) return std::nullopt;
    return number(text.substr(6, text.find('-') - 6));
}

class Shown {
public:
    Shown(Console& console, std::uint64_t start)
        : lang_(console.lang()), line_(!console.is_quiet() && !console.is_json()) {
        moment_.bytes_done = start;
    }
    void total(const Response& response) {
        if (const auto length = number(response.header("content-length"))) {
            moment_.bytes_total = moment_.bytes_done + *length;
        }
    }
    void more(std::size_t bytes) {
        moment_.bytes_done += bytes;
        moment_.elapsed_millis = line_.elapsed_millis();
        line_.show(moment_, lang_);
    }
    void restart() { moment_.bytes_done = 0; }

private:
    Lang lang_;
    ProgressLine line_;
    Moment moment_;
};

Downloaded to_stdout(Console& console, Api& api, const Request& request, bool is_whole) {
    Downloaded downloaded;
    RunningSha256 running;
    Shown shown(console, 0);
    const Response response = api.connection().call(request, [&](const Response& head) {
        shown.total(head);
        return [&](BytesView bytes) {
            if (stop_asked()) throw Problem("interrupted");
            running.update(bytes);
            downloaded.bytes += bytes.size();
            if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) {
                throw Problem("output.failed");
            }
            shown.more(bytes.size());
        };
    });
    if (response.status >= 300) throw problem_of(response);
    if (std::fflush(stdout) != 0) throw Problem("output.failed");
    downloaded.sha256 = to_hex(running.finish());
    const auto expected = digest_in(response.header("repr-digest"));
    downloaded.is_verified = is_whole && expected.has_value();
    if (downloaded.is_verified && *expected != downloaded.sha256)
        throw Problem("digest.mismatch", {"-"});
    return downloaded;
}

// One answer into the part, from its end when the server continues the same representation.
Response fetch_into(PartFile& part, Console& console, Api& api, const Request& request,
                    bool is_ranged) {
    Shown shown(console, part.size());
    return api.connection().call(request, [&](const Response& head) -> BodySink {
        const bool continues = head.status == 206 && !is_ranged && part.size() > 0 &&
                               head.header("etag") == part.etag() &&
                               range_start(head) == part.size();
        if (!continues && !is_ranged && head.status == 206) throw Problem("part.stale");
        if (!continues) {
            part.start_over();
            shown.restart();
            part.remember_etag(is_ranged ? std::string() : head.header("etag"));
        }
        shown.total(head);
        return [&](BytesView bytes) {
            if (stop_asked()) throw Problem("interrupted");
            part.write(bytes);
            shown.more(bytes.size());
        };
    });
}

}  // namespace

std::string harmless_name(std::string_view disposition) {
    std::string name;
    const std::size_t extended = disposition.find("filename*=UTF-8''");
    const std::size_t plain = disposition.find("filename=\"");
    if (extended != std::string_view::npos) {
        std::string_view rest = disposition.substr(extended + 17);
        rest = rest.substr(0, rest.find(';'));
        for (std::size_t i = 0; i < rest.size(); ++i) {
            const auto byte =
                rest[i] == '%' && i + 2 < rest.size()
                    ? from_hex(std::string{static_cast<char>(std::tolower(rest[i + 1])),
                                           static_cast<char>(std::tolower(rest[i + 2]))})
                    : std::nullopt;
            if (byte) i += 2;
            name += byte ? static_cast<char>(byte->front()) : rest[i];
        }
    } else if (plain != std::string_view::npos) {
        const std::string_view rest = disposition.substr(plain + 10);
        name = rest.substr(0, rest.find('"'));
    }
    // The name came from whoever filed the document: it must not leave this folder, hide itself,
    // overwrite a dot file or drive the terminal.
    const std::size_t slash = name.find_last_of("/\\");
    if (slash != std::string::npos) name.erase(0, slash + 1);
    while (!name.empty() && name.front() == '.') name.erase(0, 1);
    return file_name_fault(name).empty() ? name : std::string();
}

std::optional<std::string> digest_in(std::string_view repr_digest) {
    constexpr std::string_view prefix = "sha-256=:";
    const std::size_t at = repr_digest.find(prefix);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = repr_digest.substr(at + prefix.size());
    const auto bytes = from_base64(std::string(rest.substr(0, rest.find(':'))));
    if (!bytes || bytes->size() != Sha256Digest::bytes_count) return std::nullopt;
    return to_hex(*bytes);
}

Downloaded download(Console& console, Api& api, Request request, const DownloadWishes& wishes) {
    stop_on_signals();
    const bool is_ranged = !wishes.range.empty();
    if (is_ranged) request.headers.emplace_back("Range", "bytes=" + wishes.range);
    if (wishes.output == "-") return to_stdout(console, api, request, !is_ranged);

    const std::string named = wishes.output.empty() ? wishes.fallback_name : wishes.output;
    if (!wishes.output.empty() && !wishes.force && fs::exists(fs::symlink_status(named))) {
        throw Problem("file.exists", {named});
    }
    PartFile part(named + ".part", wishes.may_resume && !is_ranged);
    Request first = request;
    if (part.size() > 0 && !is_ranged) {
        first.headers.emplace_back("Range", "bytes=" + std::to_string(part.size()) + "-");
        first.headers.emplace_back("If-Range", part.etag());
    }
    Response response;
    try {
        response = fetch_into(part, console, api, first, is_ranged);
        if (response.status == 416 && part.size() > 0 && !is_ranged) throw Problem("part.stale");
    } catch (const Problem& problem) {
        // Another version, or a part that is already longer: from the beginning, once.
        if (problem.code() != "part.stale") throw;
        part.start_over();
        response = fetch_into(part, console, api, request, is_ranged);
    }
    if (response.status >= 300) {
        const Problem problem = problem_of(response);
        if (part.size() == 0) part.discard();
        throw problem;
    }
    Downloaded downloaded;
    downloaded.bytes = part.size();
    downloaded.sha256 = part.sha256();
    const auto expected = digest_in(response.header("repr-digest"));
    downloaded.is_verified = expected.has_value() && !is_ranged;
    if (downloaded.is_verified && *expected != downloaded.sha256) {
        part.discard();
        throw Problem("digest.mismatch", {named});
    }
    downloaded.path = named;
    if (wishes.output.empty()) {
        const std::string name = harmless_name(response.header("content-disposition"));
        if (!name.empty()) downloaded.path = name;
    }
    part.become(downloaded.path, wishes.force);
    return downloaded;
}

}  // namespace custode::client
