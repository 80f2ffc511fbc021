// archive/exchange/zip_directory.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace custode::exchange {

/// One line of a zip's central directory, which is what every unpacking program goes by.
struct ZipDirectoryEntry {
    std::string name;
    std::uint64_t compressed = 0, bytes = 0;
    std::uint64_t offset = 0;  ///< Of its local header.
    std::uint16_t method = 0;
    bool encrypted = false;
    bool regular = true;  ///< Neither a link nor a device; folders count as regular.

    bool is_folder() const { return name.ends_with('/'); }
};

/// The entries of the central directory, or why the file is not one plain zip.
///
/// Read by ourselves beside libarchive, because two readers that see different entries are how a
/// crafted zip shows one thing to a checker and another to a lawyer's desktop: the caller compares.
/// Refused: bytes after the end record, several disks, a directory over 64 MiB or 200,000 entries,
/// entries that overlap or point outside (the dense bombs are made of overlaps), encryption,
/// methods other than stored and deflated, more than 100 times the file's size in all.
///
/// Errors    Error(storage) when the file cannot be read; nothing is thrown for bad content.
/// Source    APPNOTE.TXT 6.3.10 §4.3.12–4.3.16.
std::variant<std::vector<ZipDirectoryEntry>, std::string> read_zip_directory(
    const std::filesystem::path& zip);

}  // namespace custode::exchange
