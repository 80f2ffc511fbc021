#include "archive/crypto/holder_codec.h"

#include "archive/base/codec.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/header.h"
#include "archive/crypto/library.h"

#include <algorithm>

namespace custode::crypto::detail {
namespace {

constexpr std::string_view magic = "CSTDHOLD";
constexpr std::uint16_t cell_version = 1;
constexpr std::size_t used_bytes = 68;
constexpr std::size_t checked_bytes = 112;

std::array<std::uint8_t, 16> check_of(BytesView checked) {
    std::array<std::uint8_t, 16> check{};
    KeyedBlake2({}, check.size(), "custode/hold/v1").raw(checked).finish(check);
    return check;
}

bool all_zero(BytesView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool is_written_so(const HolderCell& cell) {
    return cell.epoch >= 1 && cell.count >= 2 && cell.count <= Header::holders_max &&
           cell.threshold == cell.count / 2 + 1 && cell.point.x >= 1 && cell.point.x <= cell.count;
}

}  // namespace

Bytes encode_cell(const HolderCell& cell) {
    Bytes bytes = Encoder()
                      .raw(view(magic))
                      .u16(cell_version)
                      .u16(suite_id)
                      .raw(cell.vault)
                      .u32(cell.epoch)
                      .u8(cell.point.x)
                      .u8(cell.threshold)
                      .u8(cell.count)
                      .u8(0)
                      .raw(cell.point.y.view())
                      .raw(Bytes(checked_bytes - used_bytes))
                      .bytes();
    append(bytes, check_of(bytes));
    return bytes;
}

std::optional<HolderCell> decode_cell(BytesView bytes) {
    if (bytes.size() != cell_bytes ||
        !equal(check_of(bytes.first(checked_bytes)), bytes.subspan(checked_bytes)))
        return std::nullopt;
    Decoder decoder(bytes.first(checked_bytes));
    if (text(decoder.raw(magic.size())) != magic || decoder.u16() != cell_version ||
        decoder.u16() != suite_id)
        return std::nullopt;
    HolderCell cell;
    decoder.into(cell.vault.bytes);
    cell.epoch = decoder.u32();
    cell.point.x = decoder.u8();
    cell.threshold = decoder.u8();
    cell.count = decoder.u8();
    const bool reserved_zero = decoder.u8() == 0;
    const BytesView y = decoder.raw(32);
    if (!reserved_zero || !all_zero(decoder.raw(decoder.left())) || !is_written_so(cell))
        return std::nullopt;
    std::copy(y.begin(), y.end(), cell.point.y.writable().begin());
    return cell;
}

bool is_marked_cell(BytesView bytes) {
    return bytes.size() == cell_bytes && text(bytes.first(magic.size())) == magic;
}

}  // namespace custode::crypto::detail
