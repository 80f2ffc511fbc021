// tests/archive/crypto/sealing_support.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/error.h"
#include "archive/base/id.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace custode::test {

/// first, first + 1, …
inline Bytes counting(std::size_t size, std::uint8_t first = 0) {
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = first++;
    return bytes;
}

/// The plaintext of the frozen vectors: byte j is 31j + 7 mod 256.
inline Bytes patterned(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t j = 0; j < size; ++j) bytes[j] = static_cast<std::uint8_t>(31 * j + 7);
    return bytes;
}

template <class IdType>
IdType counting_id(std::uint8_t first) {
    return *id_from<IdType>(counting(16, first));
}

/// The words of every line of a vector file that is not a comment.
inline std::vector<std::vector<std::string>> vector_lines(const std::string& name) {
    std::ifstream file(std::string(CUSTODE_VECTORS) + "/" + name);
    std::vector<std::vector<std::string>> lines;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream words(line);
        lines.emplace_back();
        for (std::string word; words >> word;) lines.back().push_back(word);
    }
    return lines;
}

/// A predicate for BOOST_CHECK_EXCEPTION: the error has this stable name.
inline auto named(std::string name) {
    return [name = std::move(name)](const Error& error) { return error.name() == name; };
}

}  // namespace custode::test
