// archive/exchange/old_digests.cpp
#include "archive/exchange/old_digests.h"

#include "archive/base/error.h"

#include <archive.h>
#include <archive_entry.h>

namespace custode::exchange {
namespace {

void check(int code) {
    if (code == ARCHIVE_OK) return;
    throw Error(ErrorCode::storage, "bag.digest", "could not compute an older digest of a file");
}

}  // namespace

bool OldDigests::knows(const std::string& algorithm) {
    return algorithm == "md5" || algorithm == "sha1" || algorithm == "sha512";
}

void OldDigests::Free::operator()(archive* handle) const noexcept { archive_write_free(handle); }

long OldDigests::collect(archive*, void* text, const void* bytes, std::size_t size) {
    // A few hundred bytes: the only failure is bad_alloc, and it must not cross C.
    try {
        static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
        return static_cast<long>(size);
    } catch (...) {
        return -1;
    }
}

OldDigests::OldDigests(const std::set<std::string>& algorithms, std::uint64_t bytes)
    : handle_(archive_write_new()) {
    require(handle_ != nullptr, "libarchive gives a writer");
    std::string options = "mtree:!all";
    for (const std::string& algorithm : algorithms) options += ",mtree:" + algorithm;
    check(archive_write_set_format_mtree(handle_.get()));
    check(archive_write_set_options(handle_.get(), options.c_str()));
    check(archive_write_set_bytes_in_last_block(handle_.get(), 1));
    check(archive_write_open2(handle_.get(), &text_, nullptr, &OldDigests::collect, nullptr,
                              nullptr));
    archive_entry* entry = archive_entry_new();
    require(entry != nullptr, "libarchive gives an entry");
    archive_entry_set_pathname(entry, "x");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, static_cast<std::int64_t>(bytes));
    const int code = archive_write_header(handle_.get(), entry);
    archive_entry_free(entry);
    check(code);
}

OldDigests::~OldDigests() = default;

void OldDigests::update(BytesView bytes) {
    if (bytes.empty()) return;
    const la_ssize_t taken = archive_write_data(handle_.get(), bytes.data(), bytes.size());
    check(taken == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
}

std::map<std::string, std::string> OldDigests::finish() {
    check(archive_write_finish_entry(handle_.get()));
    check(archive_write_close(handle_.get()));
    std::map<std::string, std::string> digests;
    for (const char* algorithm : {"md5", "sha1", "sha512"}) {
        const std::string label = std::string(algorithm) + "digest=";
        const std::size_t at = text_.find(label);
        if (at == std::string::npos) continue;
        const std::size_t start = at + label.size();
        digests[algorithm] = text_.substr(start, text_.find_first_of(" \n\\", start) - start);
    }
    return digests;
}

}  // namespace custode::exchange
