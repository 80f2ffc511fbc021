// Durable tasks and segment bytes a second on this disk: store_bench FOLDER.  A tool, not a test.
#include "tests/archive/store/segments_support.h"

#include <chrono>
#include <iostream>
#include <thread>

using namespace custode;
using namespace custode::store;
using namespace custode::store::testing;

namespace {

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Tasks of three rows of 400 bytes, each waited for, from that many threads.
void bench_writer(const std::filesystem::path& folder, int threads, int tasks_each) {
    std::filesystem::create_directories(folder);
    Environment environment(folder / "catalogue.mdb", options(true));
    RecordingHooks hooks;
    const double time = seconds([&] {
        Writer writer(environment, hooks, {});
        std::vector<std::thread> submitters;
        for (int t = 0; t < threads; ++t)
            submitters.emplace_back([&, t] {
                for (int i = 0; i < tasks_each; ++i)
                    writer.run([&](Changes& changes) {
                        for (int row = 0; row < 3; ++row)
                            changes.put(rows, view(std::to_string((t * tasks_each + i) * 3 + row)),
                                        Bytes(400, 'v'));
                    });
            });
        for (auto& submitter : submitters) submitter.join();
    });
    std::cout << threads << " submitters: " << threads * tasks_each / time << " tasks/s, "
              << threads * tasks_each / double(hooks.commits) << " tasks a commit\n";
}

/// Frames of `frame_bytes`, a sync after each `document_bytes`.
void bench_segments(const std::filesystem::path& folder, std::size_t frame_bytes,
                    std::size_t document_bytes, std::size_t documents) {
    SegmentWorld world;
    world.path = folder;
    world.options.segment_bytes_max = std::uint64_t{4} << 30U;
    world.reopen();
    const Bytes frame(frame_bytes, 'x');
    const double time = seconds([&] {
        for (std::size_t d = 0; d < documents; ++d) {
            BlobId id;
            for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(d >> 8 * i);
            for (std::size_t done = 0; done < document_bytes; done += frame_bytes)
                world.store->append(id, static_cast<std::uint32_t>(done / frame_bytes), frame);
            world.store->sync(id);
        }
    });
    std::cout << "documents of " << document_bytes << " in frames of " << frame_bytes << ": "
              << double(document_bytes * documents) / 1e6 / time << " MB/s, "
              << double(documents) / time << " documents/s\n";
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "store_bench FOLDER\n";
        return 2;
    }
    const std::filesystem::path folder(arguments[1]);
    bench_writer(folder / "alone", 1, 3000);
    bench_writer(folder / "many", 64, 600);
    bench_segments(folder / "small", 65'520, 65'520, 1000);
    bench_segments(folder / "scans", 65'520, 65'520 * 16, 400);
    bench_segments(folder / "large", 65'520 * 16, 65'520 * 1024, 12);
}
