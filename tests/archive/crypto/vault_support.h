// tests/archive/crypto/vault_support.h
#pragma once

#include "archive/crypto/keys.h"
#include "tests/archive/crypto/sealing_support.h"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace custode::test {

/// An empty folder that goes with its value.
struct TemporaryFolder {
    std::filesystem::path path;

    explicit TemporaryFolder(
        const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
        std::string name = (in / "custode-crypto-XXXXXX").string();
        BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

inline Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& path, BytesView bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

inline void flip(const std::filesystem::path& path, std::size_t byte) {
    Bytes bytes = read_file(path);
    bytes.at(byte) ^= 1U;
    write_file(path, bytes);
}

/// A vault with a keyfile and, when asked, holders; unsealed.
struct OneVault {
    TemporaryFolder place;
    std::filesystem::path vault = place.path / "vault";
    std::filesystem::path keyfile = place.path / "keyfile";
    std::vector<std::filesystem::path> holders;
    std::unique_ptr<crypto::KeyService> keys;

    explicit OneVault(int holder_count = 0) {
        for (int i = 1; i <= holder_count; ++i)
            holders.push_back(place.path / ("holder-" + std::to_string(i)));
        crypto::KeyService::CreateOptions options;
        options.slots.keyfile = keyfile;
        options.holders = holders;
        options.year = 2026;
        options.now = {1'795'000'000'000};
        keys = crypto::KeyService::create(vault, options).keys;
    }

    crypto::UnsealInput key_input() const {
        crypto::UnsealInput input;
        input.keyfile = read_file(keyfile);
        return input;
    }

    /// Ends the process's knowledge and comes back from the files alone.
    void reopen() {
        keys.reset();
        keys = crypto::KeyService::unseal(vault, key_input());
    }

    /// The error's name with which reopening is refused, or "opened".
    std::string refusal() {
        try {
            reopen();
        } catch (const Error& error) {
            return error.name();
        }
        return "opened";
    }

    Bytes key_bytes(const EntryId& id) const {
        const auto key = keys->key(id);
        return key ? copy(key->view()) : Bytes{};
    }
};

}  // namespace custode::test
