// custode-bench-raw: what this machine can do at best, with nothing of the product around it.

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"
#include "archive/store/segments.h"
#include "archive/store/writer.h"
#include "tools/bench/raw_events.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iostream>

namespace custode::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

/// What a document leaves in the catalogue at the least: its sealed record.
constexpr std::size_t row_bytes = 1024;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Hooks that do nothing: no sums, no head row, no journal.
class NoHooks final : public store::GroupHooks {
    Blake2Digest row_digest(store::Table, BytesView, BytesView) override { return {}; }
    void before_commit(store::Changes&, const std::vector<store::TableSum>&) override {}
    void after_commit() override {}
    void rolled_back() override {}
    void verify_after_failure() override {}
};

store::Environment::Options environment_options() {
    store::Environment::Options options;
    options.tables = {"rows", "head"};
    options.create = true;
    options.allow_any_file_system = true;
    return options;
}

/// An empty catalogue with its writer, and empty segments beside it.
struct Bare {
    store::Environment environment;
    NoHooks hooks;
    store::Writer writer;
    store::SegmentStore segments;

    explicit Bare(const std::filesystem::path& folder)
        : environment(folder / "catalogue.mdb", environment_options()),
          writer(environment, hooks, writer_options()),
          segments(folder / "segments", {}, segment_hooks(), {}) {}

    static store::Writer::Options writer_options() {
        store::Writer::Options options;
        options.head = store::Table{1};
        return options;
    }
    static store::SegmentStore::Hooks segment_hooks() {
        store::SegmentStore::Hooks hooks;
        hooks.seal_index = [](std::uint32_t, BytesView index) { return copy(index); };
        hooks.open_index = [](std::uint32_t, BytesView sealed) {
            return std::optional<Bytes>(copy(sealed));
        };
        hooks.sha256 = [](const auto&) { return Sha256Digest{}; };
        hooks.on_closed = [](std::uint32_t, std::uint64_t, const Sha256Digest&) {};
        return hooks;
    }

    void commit(std::size_t rows, std::size_t bytes) {
        writer.run([&](store::Changes& changes) {
            for (std::size_t i = 0; i < rows; ++i)
                changes.put(store::Table{0}, crypto::random_id<BlobId>(), Bytes(bytes, 1));
        });
    }
};

std::vector<Bytes> read_all(const std::string& list) {
    std::vector<Bytes> all;
    std::ifstream names(list);
    for (std::string name; std::getline(names, name);) {
        std::ifstream in(name, std::ios::binary);
        if (!in) throw std::runtime_error("could not read " + name);
        all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return all;
}

/// Seal, SHA-256, append, one fdatasync and one commit a group: the same bytes, one thread.
Json file_documents(const std::filesystem::path& folder, const std::string& list,
                    std::size_t group) {
    const std::vector<Bytes> documents = read_all(list);
    Bare bare(folder);
    double syncing = 0, committing = 0;
    std::uint64_t bytes = 0;
    Bytes container;
    const auto start = Clock::now();
    for (std::size_t first = 0; first < documents.size(); first += group) {
        const std::size_t end = std::min(documents.size(), first + group);
        for (std::size_t i = first; i < end; ++i) {
            const crypto::ObjectKey key = crypto::ObjectKey::random();
            crypto::ObjectSealer sealer(key, {VaultId{}, ObjectId{}, 1, "original"});
            static_cast<void>(crypto::sha256({documents[i]}));
            container.clear();
            sealer.update(documents[i], container);
            sealer.finish(container);
            bare.segments.append(crypto::random_id<BlobId>(), 0, container);
            bytes += documents[i].size();
        }
        const auto appended = Clock::now();
        bare.segments.sync();
        syncing += seconds_since(appended);
        const auto synced = Clock::now();
        bare.commit(end - first, row_bytes);
        committing += seconds_since(synced);
    }
    return {{"seconds", seconds_since(start)},
            {"documents", documents.size()},
            {"bytes", bytes},
            {"group", group},
            {"sync_seconds", syncing},
            {"commit_seconds", committing}};
}

/// Small records, one a commit.
Json commit_singly(const std::filesystem::path& folder, std::size_t count) {
    Bare bare(folder);
    std::vector<double> times;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        const auto begun = Clock::now();
        bare.commit(1, row_bytes);
        times.push_back(seconds_since(begun));
    }
    const double seconds = seconds_since(start);
    std::sort(times.begin(), times.end());
    return {{"seconds", seconds},
            {"commits", count},
            {"p50", times[times.size() / 2]},
            {"p99", times[times.size() * 99 / 100]}};
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 4 && arguments[0] == "file") {
        std::cout << file_documents(arguments[1], arguments[2], std::stoul(arguments[3])) << "\n";
        return 0;
    }
    if (arguments.size() == 3 && arguments[0] == "commits") {
        std::cout << commit_singly(arguments[1], std::stoul(arguments[2])) << "\n";
        return 0;
    }
    if (arguments.size() == 4 && arguments[0] == "events") {
        const auto clients = static_cast<unsigned>(std::stoul(arguments[2]));
        std::cout << journal_events(arguments[1], clients, std::stoul(arguments[3])) << "\n";
        return 0;
    }
    std::cerr << "usage: custode-bench-raw file FOLDER LIST GROUP\n"
                 "       custode-bench-raw commits FOLDER COUNT\n"
                 "       custode-bench-raw events FOLDER CLIENTS COUNT\n"
                 "FOLDER is empty; LIST names a file a line; prints seconds as JSON\n";
    return 2;
}

}  // namespace
}  // namespace custode::bench

int main(int argc, char** argv) try {
    return custode::bench::run({argv + 1, argv + argc});
} catch (const std::exception& error) {
    std::cerr << "custode-bench-raw: " << error.what() << "\n";
    return 1;
}
