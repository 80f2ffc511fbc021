// client/cli/download.h
#pragma once

#include "client/cli/console.h"

#include <cstdint>
#include <optional>
#include <string>

namespace custode::client {

/// What arrived.
struct Downloaded {
    std::string path;  ///< Empty: standard output.
    std::uint64_t bytes = 0;
    std::string sha256;        ///< Of the bytes written; of the range only, for a range.
    bool is_verified = false;  ///< Compared with the server's Repr-Digest.
};

struct DownloadWishes {
    std::string output;  ///< A path, "-", or empty: the server's name for it, in this folder.
    std::string fallback_name;
    std::string range;  ///< "A-B", inclusive, as in HTTP
    bool force = false;
    bool may_resume = false;  ///< A FILE.part of the same ETag is continued.
};

/// Streams an answer to FILE.part, checks length and Repr-Digest, fsyncs, and renames: a file
/// under its own name is whole and is what the server holds.  An existing file stays unless
/// `force`; the name is taken without a gap in which somebody else's file could be lost.
///
/// Errors   Problem file.exists, file.unwritable, digest.mismatch (the part is removed),
///          connection.cut (the part stays, for the next try), or the server's.
Downloaded download(Console& console, Api& api, Request request, const DownloadWishes& wishes);

/// The file name in a Content-Disposition, made harmless: last path component only, no control
/// characters, no leading dot; empty when nothing is left.
std::string harmless_name(std::string_view content_disposition);

/// The hex of "sha-256=:BASE64:" in a Repr-Digest, or nothing.
std::optional<std::string> digest_in(std::string_view repr_digest);

}  // namespace custode::client
