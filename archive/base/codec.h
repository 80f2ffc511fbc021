// archive/base/codec.h
#pragma once

#include "archive/base/bytes.h"

#include <algorithm>
#include <optional>
#include <string>

namespace custode {

/// Writes the little pieces that every binary format of ours is made of: big-endian integers and
/// length-prefixed fields (u32 length, then the bytes).
class Encoder {
public:
    Encoder& u8(std::uint8_t value);
    Encoder& u16(std::uint16_t value);
    Encoder& u32(std::uint32_t value);
    Encoder& u64(std::uint64_t value);
    Encoder& raw(BytesView bytes);    ///< Without a length: the reader knows it.
    Encoder& field(BytesView bytes);  ///< With a u32 length in front.

    const Bytes& bytes() const& { return bytes_; }
    Bytes bytes() && { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads what Encoder wrote, from bytes that may be hostile.
///
/// Errors   None thrown: after a short or wrong read `ok()` is false for ever and every further
///          read gives zeroes or empty views, so a decoder checks once, at the end.
/// Lifetime Views borrow from the input.
class Decoder {
public:
    explicit Decoder(BytesView bytes) : rest_(bytes) {}

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    BytesView raw(std::size_t size);
    BytesView field(std::size_t size_max);

    template <std::size_t size>
    void into(std::array<std::uint8_t, size>& array) {
        const BytesView bytes = raw(size);
        if (ok_) std::copy(bytes.begin(), bytes.end(), array.begin());
    }

    bool ok() const { return ok_; }
    bool finished() const { return ok_ && rest_.empty(); }  ///< Nothing failed, nothing is left.
    std::size_t left() const { return rest_.size(); }

private:
    BytesView take(std::size_t size);

    BytesView rest_;
    bool ok_ = true;
};

Bytes big_endian(std::uint64_t value);                    ///< Eight bytes; keys sort by number.
std::optional<std::uint64_t> from_big_endian(BytesView);  ///< Exactly eight bytes.

}  // namespace custode
