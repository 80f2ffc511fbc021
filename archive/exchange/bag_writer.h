// archive/exchange/bag_writer.h
#pragma once

#include "archive/exchange/zip_writer.h"

#include <string>
#include <utility>
#include <vector>

namespace custode::exchange {

/// Lays a zip out as a BagIt 1.0 bag: counts, hashes and lists whatever is put in, and writes the
/// manifests at the end, so that `sha256sum -c manifest-sha256.txt` passes inside the folder.
///
/// The folder's first entry is bagit.txt; then the payload in the order of the calls; then
/// bag-info.txt, manifest-sha256.txt and tagmanifest-sha256.txt.
///
/// Errors    As ZipWriter.
/// Source    RFC 8493 (BagIt 1.0) §2.
class BagWriter {
public:
    /// Label and value of a line of bag-info.txt.
    using Info = std::vector<std::pair<std::string, std::string>>;

    BagWriter(Sink sink, Millis created, std::string folder);

    /// Writes data/`path`.  @returns its SHA-256.
    Sha256Digest payload(const std::string& path, BytesView bytes);

    /// Writes data/`path` from pieces: `next` fills a buffer and says how much, 0 at the end.
    Sha256Digest payload(const std::string& path, std::uint64_t bytes,
                         const std::function<std::size_t(std::span<std::uint8_t>)>& next);

    /// Ends the bag.  Bagging-Date and Payload-Oxum are added to `info`.
    /// @returns the SHA-256 of manifest-sha256.txt, which stands for the whole payload.
    Sha256Digest close(Info info);

    std::uint64_t payload_bytes() const { return payload_bytes_; }
    std::uint64_t bytes_written() const { return zip_.bytes_written(); }

private:
    using Hashes = std::vector<std::pair<std::string, Sha256Digest>>;

    Sha256Digest tag(const std::string& name, const std::string& text);

    ZipWriter zip_;
    Millis created_;
    std::string folder_;
    Hashes payload_hashes_, tag_hashes_;
    std::uint64_t payload_bytes_ = 0;
};

}  // namespace custode::exchange
