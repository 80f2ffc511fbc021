// A holder's cell: what decodes encodes to the same bytes; a check that fits makes nothing else
// ours.
#include "archive/crypto/derive.h"
#include "archive/crypto/holder_codec.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto::detail;

namespace {

void fuzz_cell(BytesView bytes) {
    const auto cell = decode_cell(bytes);
    if (!cell) return;
    require(is_marked_cell(bytes), "a cell is marked as ours");
    require(std::ranges::equal(encode_cell(*cell), bytes), "a cell has one encoding");
    require(cell->point.x >= 1 && cell->point.x <= cell->count && cell->threshold >= 2 &&
                cell->threshold <= cell->count,
            "the numbers of a cell fit together");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_cell({data, size});
    // The check is no secret: whoever writes to a holder can make it fit.
    Bytes cell(data, data + std::min<std::size_t>(size, cell_bytes - 16));
    cell.resize(cell_bytes - 16);
    std::array<std::uint8_t, 16> check{};
    KeyedBlake2({}, check.size(), "custode/hold/v1").raw(cell).finish(check);
    append(cell, check);
    fuzz_cell(cell);
    require(!decode_cell(fuzz::turned(cell, size)), "a turned bit is noticed");
    return 0;
}
