#include "archive/base/codec.h"

#include "archive/base/error.h"

namespace custode {
namespace {

template <class Unsigned>
void put(Bytes& to, Unsigned value) {
    const std::uint64_t wide = value;  // a narrow type would be promoted to a signed int
    for (std::size_t bits = sizeof(Unsigned) * 8; bits > 0; bits -= 8)
        to.push_back(static_cast<std::uint8_t>((wide >> (bits - 8)) & 255U));
}

template <class Unsigned>
Unsigned get(BytesView bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
    return static_cast<Unsigned>(value);
}

}  // namespace

Encoder& Encoder::u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
}

Encoder& Encoder::u16(std::uint16_t value) {
    put(bytes_, value);
    return *this;
}

Encoder& Encoder::u32(std::uint32_t value) {
    put(bytes_, value);
    return *this;
}

Encoder& Encoder::u64(std::uint64_t value) {
    put(bytes_, value);
    return *this;
}

Encoder& Encoder::raw(BytesView bytes) {
    append(bytes_, bytes);
    return *this;
}

Encoder& Encoder::field(BytesView bytes) {
    require(bytes.size() <= 0xFFFFFFFFU, "a field fits its u32 length");
    return u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

BytesView Decoder::take(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
        ok_ = false;
        return {};
    }
    const BytesView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

std::uint8_t Decoder::u8() { return get<std::uint8_t>(take(1)); }
std::uint16_t Decoder::u16() { return get<std::uint16_t>(take(2)); }
std::uint32_t Decoder::u32() { return get<std::uint32_t>(take(4)); }
std::uint64_t Decoder::u64() { return get<std::uint64_t>(take(8)); }
BytesView Decoder::raw(std::size_t size) { return take(size); }

BytesView Decoder::field(std::size_t size_max) {
    const std::uint32_t size = u32();
    if (size > size_max) ok_ = false;
    return take(size);
}

Bytes big_endian(std::uint64_t value) { return Encoder().u64(value).bytes(); }

std::optional<std::uint64_t> from_big_endian(BytesView bytes) {
    if (bytes.size() != 8) return std::nullopt;
    return get<std::uint64_t>(bytes);
}

}  // namespace custode
