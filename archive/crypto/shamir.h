// archive/crypto/shamir.h
#pragma once

#include "archive/crypto/secret.h"

#include <vector>

namespace custode::crypto::detail {

/// Shamir's k-of-n sharing of 32 bytes over GF(2^8), polynomial x^8+x^4+x^3+x^2+1 (0x11d, that of
/// libgfshare, so that a stranger's tool recombines our shares).
///
/// No table and no branch depends on a secret; every value stays in the arena.  It checks
/// nothing: shares are judged by commitments before they come here (shares.h, holders.h).
struct Point {
    std::uint8_t x = 0;  ///< Public, 1 … 255, different in every point.
    SecretMemory y;
};

inline constexpr int points_max = 32;

/// The points 1 … count of a random polynomial of degree threshold − 1 with the secret at zero.
std::vector<Point> split(BytesView secret32, int threshold, int count);

/// The value at zero of the polynomial through exactly these points.
void combine(const std::vector<Point>& points, std::span<std::uint8_t> secret32);

}  // namespace custode::crypto::detail
