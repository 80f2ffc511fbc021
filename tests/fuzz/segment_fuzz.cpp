// Frames, indexes and footers of a segment: what decodes encodes to the same bytes.  CRC-32C is no
// defence, so the fuzzer is given one that fits.
#include "archive/base/codec.h"
#include "archive/store/frame.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::store;

namespace {

Bytes with_check(BytesView bytes) {
    Bytes checked = copy(bytes);
    append(checked, Encoder().u32(crc32c(bytes)).bytes());
    return checked;
}

void fuzz_frame(BytesView bytes) {
    if (const auto head = decode_frame_head(bytes))
        require(std::ranges::equal(encode_frame_head(*head), bytes), "a head has one encoding");
    if (const auto footer = decode_footer(bytes))
        require(std::ranges::equal(encode_footer(*footer), bytes), "a footer has one encoding");
}

void fuzz_index(BytesView bytes) {
    constexpr std::uint32_t segment = 7;
    // Where the frames end is what their lengths say, or it is refused.
    std::uint64_t end = 0;
    for (std::size_t at = 16; at + index_entry_bytes <= bytes.size(); at += index_entry_bytes)
        end += frame_head_bytes + Decoder(bytes.subspan(at + 20, 4)).u32();
    const auto frames = decode_index(segment, end, bytes);
    require(!decode_index(segment, end + 1, bytes), "every byte is accounted for");
    if (!frames) return;
    require(std::ranges::equal(encode_index(segment, *frames), bytes), "an index has one encoding");
    std::uint64_t at = 0;
    for (const FrameInfo& frame : *frames) {
        require(frame.extent.offset == at + frame_head_bytes, "frames lie without gaps");
        at = frame.extent.offset + frame.extent.length;
    }
    require(at == end, "up to the end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    fuzz_frame(bytes);
    fuzz_frame(with_check(bytes));
    fuzz_index(bytes);
    return 0;
}
