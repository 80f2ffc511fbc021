// tests/archive/store/support.h
#pragma once

#include "archive/base/error.h"
#include "archive/store/writer.h"

#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

namespace custode::store::testing {

/// An empty folder that goes with the fixture.
struct TemporaryFolder {
    TemporaryFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "custode-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::filesystem::path path;
};

/// A file system of a few MiB; `mounted` is false where we may not mount one.
struct SmallDisk {
    explicit SmallDisk(const std::string& size) {
        mounted = ::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        if (!mounted) BOOST_TEST_MESSAGE("skipped: mounting a small tmpfs needs root");
    }
    ~SmallDisk() {
        if (mounted) ::umount2(folder.path.c_str(), MNT_DETACH);
    }
    TemporaryFolder folder;
    bool mounted = false;
};

/// Writes into a folder until nothing more fits, less `left` bytes.
inline std::filesystem::path fill_disk(const std::filesystem::path& folder,
                                       std::uint64_t left = 0) {
    const std::filesystem::path ballast = folder / "ballast";
    const std::uint64_t free = std::filesystem::space(folder).available;
    std::ofstream out(ballast, std::ios::binary);
    const std::string piece(4096, 'x');
    for (std::uint64_t done = 0; done + left + piece.size() <= free; done += piece.size())
        out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return ballast;
}

/// While it lives no file of this process grows past `bytes`: a real write error without root.
struct FileSizeLimit {
    explicit FileSizeLimit(std::uint64_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before);
        old_handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit now{.rlim_cur = bytes, .rlim_max = before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, old_handler);
    }
    rlimit before{};
    void (*old_handler)(int) = nullptr;
};

/// A generator whose seed is printed, and taken from CUSTODE_SEED to run the same again.
inline std::mt19937_64 printed_random() {
    const char* given = std::getenv("CUSTODE_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    BOOST_TEST_MESSAGE("CUSTODE_SEED=" << seed);
    std::fprintf(stderr, "CUSTODE_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return std::mt19937_64(seed);
}

inline auto is_error(ErrorCode code, std::string name) {
    return [code, name](const Error& error) {
        BOOST_TEST(error.name() == name);
        return error.code() == code && error.name() == name;
    };
}

inline Bytes bytes(std::string_view text) { return copy(view(text)); }

constexpr Table head{0};
constexpr Table rows{1};
constexpr Table others{2};
inline const std::vector<std::string> table_names{"head", "rows", "others"};

/// A digest that depends on every byte of the row (FNV-1a, spread): what the sums need, unkeyed.
inline Blake2Digest toy_digest(Table table, BytesView key, BytesView value) {
    Blake2Digest digest;
    for (std::size_t lane = 0; lane < 4; ++lane) {
        std::uint64_t hash = 0xCBF29CE484222325U + lane * 0x9E3779B97F4A7C15U + table.index;
        const auto mix = [&](BytesView part) {
            for (const std::uint8_t byte : part) hash = (hash ^ byte) * 0x100000001B3U;
            hash = (hash ^ part.size()) * 0x100000001B3U;
        };
        mix(key);
        mix(value);
        for (std::size_t i = 0; i < 8; ++i)
            digest.bytes[lane * 8 + i] = static_cast<std::uint8_t>(hash >> (8 * i));
    }
    return digest;
}

/// Hooks that keep a count of everything, and fail when told to.
struct RecordingHooks : GroupHooks {
    Blake2Digest row_digest(Table table, BytesView key, BytesView value) override {
        return toy_digest(table, key, value);
    }
    void task_failed() override { ++tasks_failed; }
    void before_commit(Changes& changes, const std::vector<TableSum>& sums) override {
        if (fail_before_commit) throw Error(ErrorCode::storage, "test.before", "could not seal");
        Bytes value;
        for (const TableSum& sum : sums) append(value, sum.sum);
        changes.put(head, view("head"), value);
    }
    void after_commit() override {
        ++commits;
        if (fail_after_commit.exchange(false))
            throw Error(ErrorCode::storage, "test.after", "could not sign");
    }
    void rolled_back() override { ++rollbacks; }
    void verify_after_failure() override {
        ++verifications;
        if (refuse_verification) throw Error(ErrorCode::corrupt, "test.verify", "tail differs");
    }

    std::atomic<int> tasks_failed{0}, commits{0}, rollbacks{0}, verifications{0};
    std::atomic<bool> fail_before_commit{false}, fail_after_commit{false};
    std::atomic<bool> refuse_verification{false};
};

/// What the sums must be, counted from the rows themselves.
inline std::vector<TableSum> recount(Environment& environment) {
    std::vector<TableSum> sums(environment.tables().size());
    const ReadTransaction read(environment);
    for (unsigned i = 1; i < sums.size(); ++i)
        read.scan(Table{i}, {}, [&](BytesView key, BytesView value) {
            add_row(sums[i], toy_digest(Table{i}, key, value));
            return true;
        });
    return sums;
}

constexpr std::size_t test_map_bytes = std::size_t{256} << 20U;

inline Environment::Options options(bool create) {
    return {.tables = table_names, .map_bytes = test_map_bytes, .create = create};
}

/// A new catalogue in a folder of its own.
struct TemporaryStore {
    TemporaryFolder folder;
    std::filesystem::path file = folder.path / "catalogue.mdb";
    Environment environment{file, options(true)};
    RecordingHooks hooks;

    std::optional<Bytes> stored(Table table, std::string_view key) {
        const ReadTransaction read(environment);
        const auto value = read.find(table, view(key));
        return value ? std::optional(copy(*value)) : std::nullopt;
    }
};

}  // namespace custode::store::testing
