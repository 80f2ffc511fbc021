// tools/verify/files.h
#pragma once

#include "archive/base/bytes.h"

#include <filesystem>
#include <optional>
#include <string>

namespace custode::verify {

constexpr std::size_t note_bytes_max = 64 * 1024;  ///< As archive/proof reads them.

/// A regular file's bytes when it has exactly that many; nothing otherwise.
std::optional<Bytes> read_sized(const std::filesystem::path& file, std::size_t bytes);

/// A regular file's text when it has at most that many bytes; nothing otherwise.
std::optional<std::string> read_whole(const std::filesystem::path& file, std::size_t bytes_max);

/// Its first line, without the line end; nothing when it cannot be read.
std::optional<std::string> read_line(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace custode::verify
