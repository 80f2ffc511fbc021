#include "archive/proof/tile_files.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <fstream>

namespace custode::proof {
namespace {

constexpr const char* unfinished_folder = "unfinished";

/// Three digits a folder, every group but the last behind an x, so that a folder and a file never
/// want the same name.
std::string index_path(std::uint64_t index) {
    std::string path;
    for (bool last = true; last || index > 0; last = false, index /= 1000) {
        const std::string digits = std::to_string(1000 + index % 1000).substr(1);
        path = last ? digits : "x" + digits + "/" + path;
    }
    return path;
}

bool write_and_sync(const std::filesystem::path& path, BytesView bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return false;
    bool good = true;
    while (good && !bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        good = written > 0;
        if (good) bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    good = good && ::fsync(file) == 0;
    return ::close(file) == 0 && good;
}

std::string suffix(std::size_t width) {
    require(width >= 1 && width <= tile_width, "a tile holds 1 to 256 hashes");
    return width == tile_width ? "" : ".p/" + std::to_string(width);
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::size_t width) {
    return "tile/" + std::to_string(level) + "/" + index_path(index) + suffix(width);
}

std::string bundle_path(std::uint64_t index, std::size_t width) {
    return "tile/entries/" + index_path(index) + suffix(width);
}

Bytes encode_tile(std::span<const Hash> hashes) {
    Encoder encoder;
    for (const Hash& hash : hashes) encoder.raw(hash);
    return std::move(encoder).bytes();
}

std::optional<std::vector<Hash>> decode_tile(BytesView bytes, std::size_t width) {
    if (bytes.size() != width * Hash::bytes_count) return std::nullopt;
    std::vector<Hash> hashes(width);
    Decoder decoder(bytes);
    for (Hash& hash : hashes) decoder.into(hash.bytes);
    return hashes;
}

Bytes encode_bundle(std::span<const LeafEntry> entries) {
    Encoder encoder;
    for (const LeafEntry& entry : entries) encoder.u16(LeafEntry::bytes_count).raw(entry.bytes());
    return std::move(encoder).bytes();
}

std::optional<std::vector<LeafEntry>> decode_bundle(BytesView bytes, std::size_t width) {
    if (bytes.size() != bundle_bytes(width)) return std::nullopt;
    std::vector<LeafEntry> entries;
    Decoder decoder(bytes);
    while (entries.size() < width) {
        if (decoder.u16() != LeafEntry::bytes_count) return std::nullopt;
        entries.push_back(LeafEntry::parse(decoder.raw(LeafEntry::bytes_count)).value());
    }
    return entries;
}

Hash subtree_root(std::span<const Hash> hashes) {
    require(std::has_single_bit(hashes.size()), "a complete subtree has a power of two of leaves");
    std::vector<Hash> level(hashes.begin(), hashes.end());
    for (; level.size() > 1; level.resize(level.size() / 2))
        for (std::size_t i = 0; i < level.size() / 2; ++i)
            level[i] = node_hash(level[2 * i], level[2 * i + 1]);
    return level.front();
}

TileFolder::TileFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::error_code failure;
    std::filesystem::remove_all(folder_ / unfinished_folder, failure);
    std::filesystem::create_directories(folder_ / unfinished_folder, failure);
    if (failure)
        throw Error(ErrorCode::storage, "tiles.folder",
                    "could not make the folder of tiles: " + failure.message());
}

bool TileFolder::write(const std::string& name, BytesView bytes) const {
    static std::atomic<std::uint64_t> number{0};  // two readers may rebuild one tile at a time
    const auto target = folder_ / name;
    const auto aside = folder_ / unfinished_folder / std::to_string(number++);
    std::error_code failure;
    std::filesystem::create_directories(target.parent_path(), failure);
    if (write_and_sync(aside, bytes)) {
        std::filesystem::rename(aside, target, failure);
        if (!failure) return true;
    }
    std::filesystem::remove(aside, failure);
    return false;
}

std::optional<Bytes> TileFolder::read(const std::string& name, std::size_t bytes_expected) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    Bytes bytes(bytes_expected + 1);  // one more than allowed: a longer file shows itself
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (stream.gcount() != static_cast<std::streamsize>(bytes_expected)) return std::nullopt;
    bytes.resize(bytes_expected);
    return bytes;
}

void TileFolder::remove_partials(const std::string& full_name) const {
    std::error_code ignored;  // a partial left behind is a valid file that nobody asks for
    std::filesystem::remove_all(folder_ / (full_name + ".p"), ignored);
}

}  // namespace custode::proof
