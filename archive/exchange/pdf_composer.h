// archive/exchange/pdf_composer.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/time.h"

#include <chrono>
#include <filesystem>
#include <string_view>

namespace custode::exchange {

/// Turns an HTML page of ours, with its style inside, into a PDF/A-2b with embedded fonts.
///
/// WeasyPrint runs in a sandbox of bubblewrap: no network, a read-only /usr, an empty temporary
/// home, no capability, no other process in sight, one family of fonts (what the machine happens
/// to have must not change the bytes); bytes go in and out through two sockets.  The same page and
/// time give the same bytes.
///
/// The page's texts must come escaped (safe_text.h).  Should one not be: the sandbox holds nothing
/// that is worth reading.
///
/// Units     Bytes; memory is address space.
/// Errors    Error(unsupported, "pdf.composer_missing") when a program is not installed,
///           (unsupported, "pdf.sandbox_refused") when the system forbids the sandbox,
///           (invalid_argument, "pdf.page_too_large"), (storage, "pdf.composer_failed") when
///           WeasyPrint failed or met a limit.
/// Threads   Any; each call is a process of its own.
/// Source    WeasyPrint 57.2, bubblewrap 0.8.0; 300 rows take 3.5 s here, 10,000 four minutes.
class PdfComposer {
public:
    struct Options {
        std::filesystem::path bubblewrap = "/usr/bin/bwrap";
        std::filesystem::path limiter = "/usr/bin/prlimit";
        std::filesystem::path weasyprint = "/usr/bin/weasyprint";
        std::size_t page_bytes_max = 32UL * 1024 * 1024;
        std::size_t pdf_bytes_max = 64UL * 1024 * 1024;
        std::size_t memory_bytes_max = 4096UL * 1024 * 1024;
        std::chrono::seconds cpu_max{240};
        std::chrono::seconds wall_max{480};
    };

    PdfComposer() : PdfComposer(Options{}) {}
    explicit PdfComposer(Options options) : options_(std::move(options)) {}

    /// `time` is what WeasyPrint takes for now.
    Bytes compose(std::string_view html, Millis time) const;

private:
    void require_programs() const;
    std::vector<std::string> sandboxed(Millis time, std::vector<std::string> program) const;

    Options options_;
};

}  // namespace custode::exchange
