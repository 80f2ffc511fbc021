// Tiles and entry bundles: exactly so many items or nothing, and the tree over them is one tree.
#include "archive/proof/tile_files.h"
#include "tests/fuzz/fuzz.h"

#include <bit>

using namespace custode;
using namespace custode::proof;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t width = 1 + std::size_t{data[0]};
    const BytesView bytes(data + 1, size - 1);
    if (const auto hashes = decode_tile(bytes, width)) {
        require(hashes->size() == width && std::ranges::equal(encode_tile(*hashes), bytes),
                "a tile has one encoding");
        Frontier frontier;
        for (const Hash& hash : *hashes) frontier.append(hash);
        if (std::has_single_bit(width))
            require(subtree_root(*hashes) == frontier.root(), "a full subtree has one root");
    }
    if (const auto entries = decode_bundle(bytes, width)) {
        require(entries->size() == width && std::ranges::equal(encode_bundle(*entries), bytes),
                "a bundle has one encoding");
        require(bytes.size() == bundle_bytes(width), "a bundle's length is known");
    }
    require(!decode_tile(bytes, width) || !decode_bundle(bytes, width), "a tile is no bundle");
    if (const auto entry = LeafEntry::parse(bytes))
        require(std::ranges::equal(entry->bytes(), bytes), "an entry has one encoding");
    return 0;
}
