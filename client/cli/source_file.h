// client/cli/source_file.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace custode::client {

/// SHA-256 of a stream, piece by piece.
class RunningSha256 {
public:
    RunningSha256();
    ~RunningSha256();
    void update(BytesView bytes);
    Sha256Digest finish();  ///< Ends the value.

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

Sha256Digest sha256_of(BytesView bytes);

/// A file to be filed, opened once and read twice: first for its SHA-256, then for sending.
///
/// The two passes must see the same bytes, or the receipt would speak of others than those on the
/// disk: size, time of change and SHA-256 are compared, and the last piece is only handed out
/// when everything agreed, so that a changed file is never filed.
///
/// Errors   Problem file.missing, file.unreadable, file.not_regular, file.empty, file.changed.
class SourceFile {
public:
    explicit SourceFile(const std::string& path);
    ~SourceFile();
    SourceFile(const SourceFile&) = delete;
    SourceFile& operator=(const SourceFile&) = delete;

    std::uint64_t size() const { return size_; }
    const Sha256Digest& hash();  ///< First pass, once.
    void rewind();               ///< Begins the second pass (again).
    BytesView next();            ///< The next piece of it; empty at the end.

private:
    BytesView read_piece();
    void check_unchanged() const;

    std::string path_;
    int descriptor_;
    std::uint64_t size_ = 0;
    std::int64_t changed_nanos_ = 0;
    std::uint64_t read_ = 0;
    bool is_hashed_ = false;
    Sha256Digest digest_{};
    std::unique_ptr<RunningSha256> second_;
    Bytes buffer_;
};

/// Why a file name cannot be stored, as a code of the catalogue, or empty: names are 1–255
/// characters of UTF-8 without control characters, marks that reverse the reading order or '/'.
std::string_view file_name_fault(std::string_view name);

/// First 48 hex digits of SHA-256(dossier ‖ relative path ‖ sha256 ‖ again): the same file of the
/// same batch asks with the same key however often it is tried.  The id and the digest have fixed
/// lengths at both ends, so no two inputs run together; `again` makes a deliberate second filing
/// another request than the first.
std::string idempotency_key(std::string_view dossier, std::string_view relative_path,
                            std::string_view sha256_hex, std::string_view again);

}  // namespace custode::client
