// archive/base/bytes.h
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace custode {

/// Bytes owns, BytesView borrows.  A view that came from a transaction dies with it.
using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The bytes of a text, without its terminator; borrows.
inline BytesView view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The same bytes read as text; borrows and promises nothing about their encoding.
inline std::string_view text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes copy(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

inline void append(Bytes& to, BytesView more) { to.insert(to.end(), more.begin(), more.end()); }

/// A 32-byte digest of something named by `Of`, not to be mistaken for a digest of something else.
template <class Of>
struct Digest {
    static constexpr std::size_t bytes_count = 32;

    std::array<std::uint8_t, bytes_count> bytes{};

    operator BytesView() const { return bytes; }  // NOLINT(google-explicit-constructor)
    friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
};

using Sha256Digest = Digest<struct Sha256Of>;  ///< SHA-256 of any bytes.
using Blake2Digest = Digest<struct Blake2Of>;  ///< Keyed BLAKE2b-256 of any bytes.

}  // namespace custode
