#include "archive/store/frame.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"

namespace custode::store {
namespace {

constexpr std::uint32_t frame_magic = 0x43734672;   // "CsFr"
constexpr std::uint32_t index_magic = 0x43734978;   // "CsIx"
constexpr std::uint32_t footer_magic = 0x4373456E;  // "CsEn"
constexpr std::uint32_t version_1 = 1;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t rest = i;
        for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1U) ^ ((rest & 1U) ? 0x82F63B78U : 0U);
        table[i] = rest;
    }
    return table;
}
constexpr auto crc_table = make_crc_table();

Bytes with_check(Encoder& encoder) {
    const std::uint32_t check = crc32c(encoder.bytes());
    return encoder.u32(check).bytes();
}

bool is_checked(BytesView bytes) {
    if (bytes.size() < 4) return false;
    return Decoder(bytes.last(4)).u32() == crc32c(bytes.first(bytes.size() - 4));
}

}  // namespace

std::uint32_t crc32c(BytesView bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::uint8_t byte : bytes) crc = crc_table[(crc ^ byte) & 255U] ^ (crc >> 8U);
    return ~crc;
}

Bytes encode_frame_head(const FrameHead& head) {
    require(head.length >= 1 && head.length <= frame_bytes_max, "a frame has a length we allow");
    Encoder to;
    to.u32(frame_magic).u32(version_1).u32(head.segment).u32(head.ordinal).raw(head.blob);
    return with_check(to.u32(head.length));
}

std::optional<FrameHead> decode_frame_head(BytesView bytes) {
    if (bytes.size() != frame_head_bytes || !is_checked(bytes)) return std::nullopt;
    Decoder from(bytes);
    if (from.u32() != frame_magic || from.u32() != version_1) return std::nullopt;
    FrameHead head;
    head.segment = from.u32();
    head.ordinal = from.u32();
    from.into(head.blob.bytes);
    head.length = from.u32();
    if (head.length < 1 || head.length > frame_bytes_max) return std::nullopt;
    return head;
}

Bytes encode_index(std::uint32_t segment, const std::vector<FrameInfo>& frames) {
    Encoder to;
    to.u32(index_magic).u32(version_1).u32(segment);
    to.u32(static_cast<std::uint32_t>(frames.size()));
    for (const FrameInfo& frame : frames)
        to.raw(frame.blob).u32(frame.ordinal).u32(static_cast<std::uint32_t>(frame.extent.length));
    return std::move(to).bytes();
}

std::optional<std::vector<FrameInfo>> decode_index(std::uint32_t segment, std::uint64_t frames_end,
                                                   BytesView bytes) {
    Decoder from(bytes);
    if (from.u32() != index_magic || from.u32() != version_1) return std::nullopt;
    if (from.u32() != segment) return std::nullopt;
    const std::uint32_t count = from.u32();
    if (from.left() != std::uint64_t{count} * index_entry_bytes) return std::nullopt;
    std::vector<FrameInfo> frames;
    frames.reserve(count);
    std::uint64_t offset = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        FrameInfo frame;
        from.into(frame.blob.bytes);
        frame.ordinal = from.u32();
        const std::uint32_t length = from.u32();
        if (length < 1 || length > frame_bytes_max) return std::nullopt;
        frame.extent = {segment, offset + frame_head_bytes, length};
        offset += frame_head_bytes + length;
        frames.push_back(frame);
    }
    if (!from.finished() || offset != frames_end) return std::nullopt;
    return frames;
}

Bytes encode_footer(const Footer& footer) {
    Encoder to;
    to.u32(footer_magic).u32(version_1).u32(footer.segment).u32(0);
    return with_check(to.u64(footer.frames_end).u64(footer.index_length));
}

std::optional<Footer> decode_footer(BytesView bytes) {
    if (bytes.size() != footer_bytes || !is_checked(bytes)) return std::nullopt;
    Decoder from(bytes);
    if (from.u32() != footer_magic || from.u32() != version_1) return std::nullopt;
    Footer footer;
    footer.segment = from.u32();
    if (from.u32() != 0) return std::nullopt;
    footer.frames_end = from.u64();
    footer.index_length = from.u64();
    if (footer.index_length > index_bytes_max) return std::nullopt;
    return footer;
}

}  // namespace custode::store
