// Writes what the product would give away, into a folder, for verify.py to judge without our code:
// a receipt, checkpoints of two sizes, the consistency proof between them, the log key, the tiles.
#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/proof/tiles.h"
#include "tests/archive/proof/signing.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace custode;
using namespace custode::proof;

namespace {

constexpr std::uint64_t old_size = 70;
constexpr std::uint64_t new_size = 256 * 256 + 257 + 13;  // three levels of tiles, each partial too
constexpr std::uint64_t filed_at = 65700;

Hash digest(const char* part, std::uint64_t index) {
    return crypto::sha256({view(part), big_endian(index)});
}

struct Filing {
    std::string statement =
        R"({"bytes":3,"document":"6f1c3a52-0d3e-4b7a-9a55-1f2d3c4b5a69","impronta":")" +
        to_hex(digest("pdf", 0)) +
        R"(","time":"2026-11-23T08:15:00.000Z","what":"document.filed"})";
    std::array<std::uint8_t, 32> salt{};

    LeafEntry entry() const {
        return {digest("header", filed_at), digest("payload", filed_at),
                digest("envelope", filed_at), statement_hash(salt, statement),
                digest("content", filed_at)};
    }
};

LeafEntry entry(const Filing& filing, std::uint64_t index) {
    if (index == filed_at) return filing.entry();
    return {digest("header", index), digest("payload", index), digest("envelope", index), {}, {}};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return std::fputs("usage: proof_samples FOLDER\n", stderr), 2;
    const std::filesystem::path folder = arguments[1];
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name, std::ios::binary) << text;
    };

    const testing::TestLog log("custode.example/0b1e55ed");
    const Filing filing;
    TileStore store(folder / "tiles", 0, empty_root(),
                    [&](std::uint64_t index) { return entry(filing, index); });
    for (std::uint64_t i = 0; i < old_size; ++i) store.append(entry(filing, i));
    write("old", log.checkpoint(old_size, store.root()));
    for (std::uint64_t i = old_size; i < new_size; ++i) store.append(entry(filing, i));
    const std::string checkpoint = log.checkpoint(new_size, store.root());
    store.publish(checkpoint);

    std::string proof;
    for (const Hash& hash : store.consistency(old_size, new_size)) proof += to_hex(hash) + "\n";
    const Receipt receipt{filing.statement,
                          filing.salt,
                          filing.entry(),
                          filed_at,
                          store.inclusion(filed_at, new_size),
                          checkpoint,
                          log.key};
    write("new", checkpoint);
    write("consistency", proof);
    write("receipt.json", receipt.json());
    write("key", log.key.text());
    return 0;
}
