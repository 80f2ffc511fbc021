// archive/exchange/bag_writer.cpp
#include "archive/exchange/bag_writer.h"

#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/exchange/safe_text.h"

#include <algorithm>

namespace custode::exchange {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

/// Two spaces: what sha256sum writes and reads.
std::string manifest_text(const std::vector<std::pair<std::string, Sha256Digest>>& hashes) {
    std::string out;
    for (const auto& [path, hash] : hashes) out += to_hex(hash) + "  " + path + "\n";
    return out;
}

std::string info_text(const BagWriter::Info& info) {
    std::string out;
    for (const auto& [label, value] : info) out += label + ": " + one_line(value) + "\n";
    return out;
}

}  // namespace

BagWriter::BagWriter(Sink sink, Millis created, std::string folder)
    : zip_(std::move(sink), created), created_(created), folder_(std::move(folder)) {
    tag("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
}

Sha256Digest BagWriter::payload(const std::string& path, BytesView bytes) {
    BytesView rest = bytes;
    return payload(path, bytes.size(), [&rest](std::span<std::uint8_t> into) {
        const std::size_t size = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), size, into.begin());
        rest = rest.subspan(size);
        return size;
    });
}

Sha256Digest BagWriter::payload(const std::string& path, std::uint64_t bytes,
                                const std::function<std::size_t(std::span<std::uint8_t>)>& next) {
    const std::string name = "data/" + path;
    crypto::Sha256 hash;
    Bytes piece(piece_bytes);
    zip_.begin(folder_ + "/" + name, bytes);
    for (std::size_t size = 0; (size = next(piece)) != 0;) {
        require(size <= piece.size(), "a reader gives no more than was asked");
        const BytesView got = BytesView(piece).first(size);
        hash.update(got);
        zip_.write(got);
    }
    zip_.end();
    payload_bytes_ += bytes;
    payload_hashes_.emplace_back(name, hash.finish());
    return payload_hashes_.back().second;
}

Sha256Digest BagWriter::tag(const std::string& name, const std::string& text) {
    zip_.begin(folder_ + "/" + name, text.size());
    zip_.write(view(text));
    zip_.end();
    tag_hashes_.emplace_back(name, crypto::sha256({view(text)}));
    return tag_hashes_.back().second;
}

Sha256Digest BagWriter::close(Info info) {
    info.emplace_back("Bagging-Date", to_text(roman_day(created_)));
    info.emplace_back("Payload-Oxum", std::to_string(payload_bytes_) + "." +
                                          std::to_string(payload_hashes_.size()));
    tag("bag-info.txt", info_text(info));
    const Sha256Digest manifest = tag("manifest-sha256.txt", manifest_text(payload_hashes_));
    tag("tagmanifest-sha256.txt", manifest_text(tag_hashes_));
    zip_.close();
    return manifest;
}

}  // namespace custode::exchange
