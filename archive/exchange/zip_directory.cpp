// archive/exchange/zip_directory.cpp
#include "archive/exchange/zip_directory.h"

#include "archive/base/bytes.h"
#include "archive/base/error.h"

#include <algorithm>
#include <fstream>

namespace custode::exchange {
namespace {

constexpr std::size_t directory_bytes_max = 64UL * 1024 * 1024;
constexpr std::uint64_t entries_max = 200'000;
constexpr std::uint64_t density_max = 100;
constexpr std::size_t end_record_bytes = 22, comment_bytes_max = 0xFFFF;
constexpr std::size_t locator_bytes = 20, end64_record_bytes = 56;
constexpr std::size_t central_bytes = 46, local_bytes = 30;
constexpr std::uint32_t full32 = 0xFFFFFFFF;
constexpr std::uint16_t full16 = 0xFFFF;

/// Thrown and caught in this file only, so that the parser reads straight down.
struct Refused {
    std::string why;
};

void expect(bool holds, const char* otherwise) {
    if (!holds) throw Refused{otherwise};
}

/// Little-endian reads that refuse to leave the bytes.
class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}

    std::uint64_t number(std::size_t size) {
        const BytesView bytes = take(size);
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;) value = (value << 8U) | bytes[i];
        return value;
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    BytesView take(std::size_t size) {
        expect(size <= rest_.size(), "its directory is cut short");
        const BytesView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    bool empty() const { return rest_.empty(); }

private:
    BytesView rest_;
};

class File {
public:
    explicit File(const std::filesystem::path& path) : stream_(path, std::ios::binary) {
        stream_.seekg(0, std::ios::end);
        const std::streamoff end = stream_.tellg();
        if (!stream_ || end < 0) {
            throw Error(ErrorCode::storage, "bag.unreadable", "could not read the zip file");
        }
        size_ = static_cast<std::uint64_t>(end);
    }

    std::uint64_t size() const { return size_; }

    Bytes read(std::uint64_t offset, std::uint64_t size) {
        expect(offset <= size_ && size <= size_ - offset, "its directory points outside the file");
        Bytes bytes(size);
        stream_.seekg(static_cast<std::streamoff>(offset));
        stream_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
        if (!stream_)
            throw Error(ErrorCode::storage, "bag.unreadable", "could not read the zip file");
        return bytes;
    }

private:
    std::ifstream stream_;
    std::uint64_t size_ = 0;
};

struct Directory {
    std::uint64_t entries = 0, bytes = 0, offset = 0;
};

/// The end record is the one whose comment reaches exactly to the end of the file; a second one
/// further up, hidden in a comment, is thereby never ours to choose.
std::uint64_t find_end_record(File& file) {
    expect(file.size() >= end_record_bytes, "it is too short for a zip");
    const std::uint64_t tail =
        std::min<std::uint64_t>(file.size(), end_record_bytes + comment_bytes_max);
    const std::uint64_t start = file.size() - tail;
    const Bytes bytes = file.read(start, tail);
    for (std::size_t at = bytes.size() - end_record_bytes + 1; at-- > 0;) {
        Reader record(BytesView(bytes).subspan(at));
        if (record.u32() != 0x06054B50) continue;
        record.take(16);
        const std::size_t comment = record.u16();
        if (at + end_record_bytes + comment == bytes.size()) return start + at;
    }
    throw Refused{"it has no end record: not a zip, or something follows it"};
}

Directory zip64_directory(File& file, std::uint64_t end_record) {
    expect(end_record >= locator_bytes, "its zip64 locator is missing");
    const Bytes locator_data = file.read(end_record - locator_bytes, locator_bytes);
    Reader locator(locator_data);
    expect(locator.u32() == 0x07064B50, "its zip64 locator is missing");
    expect(locator.u32() == 0, "it is one of several disks");
    const std::uint64_t offset = locator.u64();
    const Bytes record_data = file.read(offset, end64_record_bytes);
    Reader record(record_data);
    expect(record.u32() == 0x06064B50, "its zip64 end record is missing");
    record.take(8 + 2 + 2 + 4 + 4);
    const std::uint64_t entries_here = record.u64();
    Directory directory;
    directory.entries = record.u64();
    expect(directory.entries == entries_here, "it is one of several disks");
    directory.bytes = record.u64();
    directory.offset = record.u64();
    return directory;
}

Directory find_directory(File& file) {
    const std::uint64_t end_record = find_end_record(file);
    const Bytes data = file.read(end_record, end_record_bytes);
    Reader record(data);
    record.take(4);
    const std::uint16_t disk = record.u16(), directory_disk = record.u16();
    const std::uint16_t entries_here = record.u16();
    Directory directory;
    directory.entries = record.u16();
    directory.bytes = record.u32();
    directory.offset = record.u32();
    if (directory.entries == full16 || directory.bytes == full32 || directory.offset == full32) {
        return zip64_directory(file, end_record);
    }
    expect(disk == 0 && directory_disk == 0 && entries_here == directory.entries,
           "it is one of several disks");
    expect(directory.offset + directory.bytes == end_record,
           "something lies between its directory and its end record");
    return directory;
}

/// Field 0x0001 of the extra data holds, in this order, those numbers that did not fit above.
void read_zip64_extra(Reader extra, ZipDirectoryEntry& entry) {
    while (!extra.empty()) {
        const std::uint16_t id = extra.u16();
        const std::uint16_t size = extra.u16();
        Reader field(extra.take(size));
        if (id != 1) continue;
        if (entry.bytes == full32) entry.bytes = field.u64();
        if (entry.compressed == full32) entry.compressed = field.u64();
        if (entry.offset == full32) entry.offset = field.u64();
    }
}

ZipDirectoryEntry read_entry(Reader& directory) {
    ZipDirectoryEntry entry;
    Reader fixed(directory.take(central_bytes));
    expect(fixed.u32() == 0x02014B50, "its directory is damaged");
    const unsigned made_by = fixed.u16() >> 8U;
    fixed.take(2);
    entry.encrypted = (fixed.u16() & 1U) != 0;
    entry.method = fixed.u16();
    fixed.take(8);
    entry.compressed = fixed.u32();
    entry.bytes = fixed.u32();
    const std::size_t name_bytes = fixed.u16(), extra_bytes = fixed.u16();
    const std::size_t comment_bytes = fixed.u16();
    expect(fixed.u16() == 0, "it is one of several disks");
    fixed.take(2);
    const std::uint32_t kind = (fixed.u32() >> 16U) & 0170000U;
    entry.offset = fixed.u32();
    constexpr unsigned unix = 3;
    constexpr std::uint32_t regular = 0100000, folder = 0040000;
    entry.regular = made_by != unix || kind == 0 || kind == regular || kind == folder;
    entry.name = text(directory.take(name_bytes));
    read_zip64_extra(Reader(directory.take(extra_bytes)), entry);
    directory.take(comment_bytes);
    return entry;
}

void check_entries(std::vector<ZipDirectoryEntry> entries, const Directory& directory,
                   std::uint64_t file_bytes) {
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
    std::uint64_t free_from = 0, unpacked = 0;
    for (const ZipDirectoryEntry& entry : entries) {
        expect(!entry.encrypted, "it has encrypted entries");
        expect(entry.method == 0 || entry.method == 8, "it uses an unusual compression");
        expect(entry.method != 0 || entry.compressed == entry.bytes, "its sizes disagree");
        expect(entry.offset >= free_from, "its entries overlap");
        expect(entry.offset <= directory.offset &&
                   entry.compressed <= directory.offset - entry.offset &&
                   directory.offset - entry.offset - entry.compressed >=
                       local_bytes + entry.name.size(),
               "an entry points outside the file");
        free_from = entry.offset + local_bytes + entry.name.size() + entry.compressed;
        // Both are bounded by now, so the sum cannot wrap.
        expect(entry.bytes / density_max <= file_bytes, "it unpacks to far more than its size");
        unpacked += entry.bytes;
        expect(unpacked / density_max <= file_bytes, "it unpacks to far more than its size");
    }
}

}  // namespace

std::variant<std::vector<ZipDirectoryEntry>, std::string> read_zip_directory(
    const std::filesystem::path& zip) {
    try {
        File file(zip);
        const Directory directory = find_directory(file);
        expect(directory.entries <= entries_max, "it has too many entries");
        expect(directory.bytes <= directory_bytes_max, "its directory is too long");
        const Bytes data = file.read(directory.offset, directory.bytes);
        Reader reader(data);
        std::vector<ZipDirectoryEntry> entries;
        for (std::uint64_t i = 0; i < directory.entries; ++i) {
            entries.push_back(read_entry(reader));
        }
        expect(reader.empty(), "its directory has bytes that belong to no entry");
        check_entries(entries, directory, file.size());
        return entries;
    } catch (const Refused& refused) {
        return refused.why;
    }
}

}  // namespace custode::exchange
