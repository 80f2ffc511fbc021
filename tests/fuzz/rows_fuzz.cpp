// The binary values of the tables: what decodes encodes to the same bytes.
#include "archive/catalogue/rows.h"

#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::catalogue;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const std::string_view input = text(bytes);
    if (const auto extents = decode_extents(input))
        require(encode_extents(*extents) == input, "extents have one encoding");
    if (const auto place = decode_place(input))
        require(encode_place(*place) == input, "a place has one encoding");
    if (const auto row = split(bytes)) {
        require(std::ranges::equal(join(row->wrap, row->sealed), bytes), "a row is its two parts");
        (void)is_zero(row->wrap);
    }
    return 0;
}
