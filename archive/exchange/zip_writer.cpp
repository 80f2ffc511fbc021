// archive/exchange/zip_writer.cpp
#include "archive/exchange/zip_writer.h"

#include "archive/base/error.h"

#include <archive.h>
#include <archive_entry.h>

namespace custode::exchange {
namespace {

constexpr int block_bytes = 64 * 1024;

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

}  // namespace

void ZipWriter::Free::operator()(archive* handle) const noexcept { archive_write_free(handle); }

ZipWriter::ZipWriter(Sink sink, Millis entry_time)
    : output_{std::move(sink), 0, nullptr, false},
      entry_seconds_(entry_time.value / 1000),
      handle_(archive_write_new()) {
    require(handle_ != nullptr, "libarchive gives a writer");
    check(archive_write_set_format_zip(handle_.get()), "choose the zip format");
    check(archive_write_set_options(handle_.get(), "zip:compression=store"), "choose to store");
    check(archive_write_set_bytes_per_block(handle_.get(), block_bytes), "set the block size");
    // Otherwise the last block would be filled up with zeroes after the end record.
    check(archive_write_set_bytes_in_last_block(handle_.get(), 1), "set the last block");
    check(archive_write_open2(handle_.get(), &output_, nullptr, &ZipWriter::deliver, nullptr,
                              nullptr),
          "open the archive");
}

// A writer dropped before close() must not deliver the rest: freeing it writes a central directory,
// which would make a half export look whole.  archive_write_fail() would prevent that too, but then
// libarchive 3.6.2 never frees its output buffer.
ZipWriter::~ZipWriter() { output_.dropped = true; }

long ZipWriter::deliver(archive*, void* output, const void* bytes, std::size_t size) {
    Output& to = *static_cast<Output*>(output);
    if (to.dropped || to.thrown) return static_cast<long>(size);
    try {
        to.sink({static_cast<const std::uint8_t*>(bytes), size});
        to.bytes += size;
    } catch (...) {
        to.thrown = std::current_exception();  // check() throws it once libarchive has returned
    }
    return static_cast<long>(size);
}

void ZipWriter::check(int code, const char* attempted) const {
    if (output_.thrown) std::rethrow_exception(output_.thrown);
    if (code == ARCHIVE_OK) return;
    const char* reason = archive_error_string(handle_.get());
    throw Error(ErrorCode::storage, "export.zip",
                std::string("could not ") + attempted + ": " + (reason ? reason : "no reason"));
}

void ZipWriter::begin(const std::string& path, std::uint64_t bytes) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new2(handle_.get()));
    require(entry != nullptr, "libarchive gives an entry");
    archive_entry_set_pathname_utf8(entry.get(), path.c_str());
    archive_entry_set_size(entry.get(), static_cast<std::int64_t>(bytes));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), entry_seconds_, 0);
    check(archive_write_header(handle_.get(), entry.get()), "write an entry's header");
    left_in_entry_ = bytes;
}

void ZipWriter::write(BytesView bytes) {
    // libarchive would drop the surplus silently.
    if (bytes.size() > left_in_entry_) {
        throw Error(ErrorCode::invalid_argument, "export.size_changed",
                    "could not write an entry: it is longer than announced");
    }
    left_in_entry_ -= bytes.size();
    while (!bytes.empty()) {
        const la_ssize_t written = archive_write_data(handle_.get(), bytes.data(), bytes.size());
        check(written > 0 ? ARCHIVE_OK : ARCHIVE_FATAL, "write an entry");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void ZipWriter::end() {
    if (left_in_entry_ != 0) {
        throw Error(ErrorCode::invalid_argument, "export.size_changed",
                    "could not write an entry: it is shorter than announced");
    }
    check(archive_write_finish_entry(handle_.get()), "finish an entry");
}

void ZipWriter::close() {
    check(archive_write_close(handle_.get()), "close the archive");
    handle_.reset();
}

}  // namespace custode::exchange
