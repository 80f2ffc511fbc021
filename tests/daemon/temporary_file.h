// tests/daemon/temporary_file.h
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace custode::testing {

/// A file with this text, gone with its value.
struct TemporaryFile {
    explicit TemporaryFile(const std::string& text = {}) {
        std::string name =
            (std::filesystem::temp_directory_path() / "custode-file-XXXXXX").string();
        const int fd = ::mkstemp(name.data());
        if (fd < 0) throw std::runtime_error("no temporary file");
        ::close(fd);
        path = name;
        std::ofstream(path) << text;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    std::string read() const {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

    std::filesystem::path path;
};

}  // namespace custode::testing
