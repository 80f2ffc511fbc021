// Runs a fuzz harness without libFuzzer: over every seed, every seed cut short, and every seed with
// one byte changed, so that the ordinary builds keep the harnesses and their corpora alive.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t neighbours_max = 4096;  // of one seed and kind: long seeds are sampled

std::size_t runs = 0;

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
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
    std::printf("replayed %zu seeds, %zu inputs\n", seeds, runs);
    return seeds > 0 ? 0 : 1;  // an empty corpus tests nothing
}
