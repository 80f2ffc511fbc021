#include "client/cli/source_file.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "client/cli/problem.h"
#include "client/cli/signals.h"
#include "client/cli/terminal.h"

#include <Poco/Crypto/DigestEngine.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace custode::client {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t name_characters_max = 255;
constexpr std::size_t key_digits = 48;

std::int64_t nanos(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

class RunningSha256::Engine {
public:
    Poco::Crypto::DigestEngine sha256{"SHA256"};
};

RunningSha256::RunningSha256() : engine_(std::make_unique<Engine>()) {}
RunningSha256::~RunningSha256() = default;

void RunningSha256::update(BytesView bytes) { engine_->sha256.update(bytes.data(), bytes.size()); }

Sha256Digest RunningSha256::finish() {
    const Poco::DigestEngine::Digest& digest = engine_->sha256.digest();
    Sha256Digest result;
    require(digest.size() == result.bytes.size(), "SHA-256 has 32 bytes");
    std::copy(digest.begin(), digest.end(), result.bytes.begin());
    return result;
}

Sha256Digest sha256_of(BytesView bytes) {
    RunningSha256 running;
    running.update(bytes);
    return running.finish();
}

SourceFile::SourceFile(const std::string& path)
    : path_(path),
      // O_NONBLOCK: opening a FIFO must not wait for a writer; regular files ignore it.
      descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (descriptor_ < 0) {
        if (errno == ENOENT) throw Problem("file.missing", {path});
        throw Problem("file.unreadable", {path, std::strerror(errno)});
    }
    struct stat about {};
    const bool is_regular = ::fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode);
    if (!is_regular || about.st_size == 0) {
        ::close(descriptor_);
        throw Problem(is_regular ? "file.empty" : "file.not_regular", {path});
    }
    size_ = static_cast<std::uint64_t>(about.st_size);
    changed_nanos_ = nanos(about.st_mtim);
}

SourceFile::~SourceFile() { ::close(descriptor_); }

void SourceFile::check_unchanged() const {
    struct stat about {};
    if (::fstat(descriptor_, &about) != 0 || static_cast<std::uint64_t>(about.st_size) != size_ ||
        nanos(about.st_mtim) != changed_nanos_) {
        throw Problem("file.changed", {path_});
    }
}

BytesView SourceFile::read_piece() {
    buffer_.resize(piece_bytes);
    const ssize_t got =
        ::pread(descriptor_, buffer_.data(), buffer_.size(), static_cast<off_t>(read_));
    if (got < 0) throw Problem("file.unreadable", {path_, std::strerror(errno)});
    read_ += static_cast<std::uint64_t>(got);
    if (stop_asked()) throw Problem("interrupted");
    return BytesView(buffer_.data(), static_cast<std::size_t>(got));
}

const Sha256Digest& SourceFile::hash() {
    if (is_hashed_) return digest_;
    RunningSha256 running;
    for (BytesView piece = read_piece(); !piece.empty(); piece = read_piece()) {
        running.update(piece);
        if (read_ > size_) throw Problem("file.changed", {path_});
    }
    if (read_ != size_) throw Problem("file.changed", {path_});
    check_unchanged();
    digest_ = running.finish();
    is_hashed_ = true;
    return digest_;
}

void SourceFile::rewind() {
    read_ = 0;
    second_ = std::make_unique<RunningSha256>();
}

BytesView SourceFile::next() {
    if (read_ == size_) return {};
    const BytesView piece = read_piece();
    // Shorter than it was, or longer: the announced length no longer fits.
    if (piece.empty() || read_ > size_) throw Problem("file.changed", {path_});
    second_->update(piece);
    if (read_ == size_) {
        check_unchanged();
        if (second_->finish() != digest_) throw Problem("file.changed", {path_});
    }
    return piece;
}

std::string_view file_name_fault(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos) {
        return "name.empty";
    }
    if (!is_utf8(name)) return "name.not_utf8";
    if (!is_printable(name)) return "name.control";
    if (columns(name) > name_characters_max) return "name.too_long";
    return {};
}

std::string idempotency_key(std::string_view dossier, std::string_view relative_path,
                            std::string_view sha256_hex, std::string_view again) {
    RunningSha256 running;
    running.update(view(dossier));
    running.update(view(relative_path));
    running.update(view(sha256_hex));
    running.update(view(again));
    return to_hex(running.finish()).substr(0, key_digits);
}

}  // namespace custode::client
