// Runs a fuzz harness without libFuzzer: over every seed, every seed cut short, and every seed with
// one byte changed, so that the ordinary builds keep the harnesses and their corpora alive.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t neighbours_max = 4096;  // of one seed and kind: long seeds are sampled

/// Of processor time, so that a busy machine is no finding; under sanitizers everything is slow.
constexpr double seconds_max = 1.0;

std::size_t runs = 0;
double slowest = 0;

void run(const std::string& input) {
    const std::clock_t begun = std::clock();
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    const double seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    if (seconds > slowest) slowest = seconds;
    ++runs;
}

void run_with_neighbours(const std::string& seed) {
    run(seed);
    const std::size_t step = 1 + seed.size() / neighbours_max;
    for (std::size_t at = 0; at < seed.size(); at += step) {
        run(seed.substr(0, at));
        std::string changed = seed;
        changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
        run(changed);
    }
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t seeds = 0;
    for (int i = 1; i < count; ++i) {
        for (const auto& file : std::filesystem::directory_iterator(arguments[i])) {
            std::ifstream stream(file.path(), std::ios::binary);
            run_with_neighbours({std::istreambuf_iterator<char>(stream), {}});
            ++seeds;
        }
    }
    std::printf("replayed %zu seeds, %zu inputs, slowest %.3f s\n", seeds, runs, slowest);
    if (slowest > seconds_max) return 1;  // no input of a few kilobytes may cost so much
    return seeds > 0 ? 0 : 1;             // an empty corpus tests nothing
}
