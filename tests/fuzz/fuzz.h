// tests/fuzz/fuzz.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/base/error.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace custode::fuzz {

/// A hostile input read piece by piece; past its end everything is zero or empty, so that a short
/// input still means something.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

    std::uint8_t byte() { return rest_.empty() ? std::uint8_t{0} : take(1)[0]; }
    std::uint16_t word() { return static_cast<std::uint16_t>(byte() << 8U | byte()); }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value = value << 8U | byte();
        return value;
    }
    BytesView take(std::size_t size) {
        const BytesView taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }
    template <class Array>
    void into(Array& array) {
        const BytesView taken = take(array.size());
        std::copy(taken.begin(), taken.end(), array.begin());
    }
    /// A piece behind its one-byte length.
    BytesView piece() { return take(byte()); }
    BytesView rest() { return take(rest_.size()); }
    bool empty() const { return rest_.empty(); }

private:
    BytesView rest_;
};

/// A refusal's name is read by machines: lower-case words joined by points.
inline bool is_stable_name(std::string_view name) {
    const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-';
    });
    return letters && name.find('.') != std::string_view::npos && name.size() <= 40 &&
           name.front() != '.' && name.back() != '.';
}

/// Runs `read`; whatever it refuses, it refuses with an Error of that code and a stable name.
/// Says whether it was accepted.
template <class Read>
bool accepted(ErrorCode code, Read read) {
    try {
        read();
        return true;
    } catch (const Error& error) {
        require(error.code() == code, "hostile bytes are refused for what they are");
        require(is_stable_name(error.name()), "a refusal has a stable name");
        return false;
    }
}

/// The bytes with one bit turned: the nearest thing that must not be taken for them.
inline Bytes turned(BytesView bytes, std::size_t at) {
    Bytes changed = copy(bytes);
    changed[at % changed.size()] ^= static_cast<std::uint8_t>(1U << at / changed.size() % 8);
    return changed;
}

}  // namespace custode::fuzz
