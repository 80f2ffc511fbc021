// tools/bench/load_plan.h
#pragma once

#include "archive/base/bytes.h"

#include <memory>
#include <string>
#include <vector>

namespace custode::bench {

/// A file in memory, its pages touched: what is sent from it never waits for a disk.
class MappedFile {
public:
    explicit MappedFile(const std::string& path);  ///< @throws std::runtime_error
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    BytesView bytes() const { return {static_cast<const std::uint8_t*>(start_), size_}; }

private:
    void* start_ = nullptr;
    std::size_t size_ = 0;
};

/// One request, rendered before the clock starts.
struct PlannedRequest {
    std::string head;
    std::shared_ptr<const MappedFile> file;  ///< Shared by requests that send the same bytes …
    std::string text;                        ///< … or, without a file, the body itself.
    int status = 200;                        ///< What must come back.
    std::string sha256;                      ///< Of the answer's body, where it is to be checked.
    bool keep = false;                       ///< The answer's body is reported.

    BytesView body() const { return file ? file->bytes() : view(text); }
};

/// Reads a plan: JSON lines, the first {"headers": {…}} for all, then one request a line
/// {"method", "target", "headers", "body": FILE or "text": BODY, "status", "sha256", "keep"}.
/// @throws std::runtime_error naming the line
std::vector<PlannedRequest> read_plan(const std::string& file, const std::string& host);

}  // namespace custode::bench
