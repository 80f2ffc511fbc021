#include "tools/verify/files.h"

#include <fstream>

namespace custode::verify {

std::optional<std::string> read_whole(const std::filesystem::path& file, std::size_t bytes_max) {
    std::error_code failed;
    // A pipe or a device in the place of a file would keep us waiting for ever.
    if (!std::filesystem::is_regular_file(file, failed)) return std::nullopt;
    std::ifstream stream(file, std::ios::binary);
    std::string text(bytes_max + 1, '\0');  // one more than allowed: a longer file shows itself
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto got = static_cast<std::size_t>(stream.gcount());
    if (!stream.is_open() || stream.bad() || got > bytes_max) return std::nullopt;
    text.resize(got);
    return text;
}

std::optional<Bytes> read_sized(const std::filesystem::path& file, std::size_t bytes) {
    const auto whole = read_whole(file, bytes);
    if (!whole || whole->size() != bytes) return std::nullopt;
    return copy(view(*whole));
}

std::optional<std::string> read_line(const std::filesystem::path& file, std::size_t bytes_max) {
    auto whole = read_whole(file, bytes_max);
    if (!whole) return std::nullopt;
    whole->resize(std::min(whole->find_first_of("\r\n"), whole->size()));
    return whole;
}

}  // namespace custode::verify
