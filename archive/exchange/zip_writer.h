// archive/exchange/zip_writer.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/time.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

struct archive;  // libarchive is named only inside archive/exchange.

namespace custode::exchange {

/// Takes bytes as they come; may throw, which ends the writing and comes back to the caller.
using Sink = std::function<void(BytesView)>;

/// Writes a zip as a stream, in memory of one buffer whatever the sizes.
///
/// The same calls give the same bytes: every entry carries the time, mode and owner given here,
/// entries are stored and not compressed (originals are mostly compressed already, and another
/// version of a compressor would write other bytes).  An entry of 4 GiB or more is zip64.  Zip's
/// own times are local, so "the same bytes" holds within one time zone.
///
/// Units     Sizes in bytes.
/// Errors    Error(invalid_argument) for more or fewer bytes than begin() said; Error(storage) when
///           libarchive fails; whatever the sink throws.  After a throw only destruction is
///           meaningful.
/// Threads   One at a time.
/// Source    libarchive 3.6.2: archive_write_open2 and its client callbacks.
class ZipWriter {
public:
    ZipWriter(Sink sink, Millis entry_time);
    ~ZipWriter();
    ZipWriter(const ZipWriter&) = delete;
    ZipWriter& operator=(const ZipWriter&) = delete;

    void begin(const std::string& path, std::uint64_t bytes);
    void write(BytesView bytes);
    void end();
    void close();  ///< Writes the central directory; nothing may follow.

    std::uint64_t bytes_written() const { return output_.bytes; }

private:
    /// What the C callback reaches: no exception may cross libarchive, so it is kept here.
    struct Output {
        Sink sink;
        std::uint64_t bytes = 0;
        std::exception_ptr thrown;
        bool dropped = false;
    };
    struct Free {
        void operator()(archive* handle) const noexcept;
    };

    static long deliver(archive*, void* output, const void* bytes, std::size_t size);
    void check(int code, const char* attempted) const;

    Output output_;  // outlives handle_, whose end still calls deliver()
    std::int64_t entry_seconds_;
    std::uint64_t left_in_entry_ = 0;
    std::unique_ptr<archive, Free> handle_;
};

}  // namespace custode::exchange
