#include "archive/crypto/shamir.h"

#include "archive/base/error.h"
#include "archive/crypto/digest.h"

namespace custode::crypto::detail {
namespace {

/// Product in GF(2^8): eight conditional additions, the conditions being masks.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0, shifted = a;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= shifted & (0U - ((unsigned{b} >> bit) & 1U));
        shifted = (shifted << 1U) ^ (0x11DU & (0U - (shifted >> 7U)));
    }
    return static_cast<std::uint8_t>(product);
}

/// a^254 = 1/a, for every a but 0.
std::uint8_t inverse(std::uint8_t a) {
    std::uint8_t power = a, result = 1;
    for (int i = 1; i < 8; ++i) {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    return result;
}

/// The factor of point `at` in the value at zero: Π x_j / (x_j − x_at).  Depends on public x only.
std::uint8_t weight(const std::vector<Point>& points, std::size_t at) {
    std::uint8_t above = 1, below = 1;
    for (std::size_t j = 0; j < points.size(); ++j) {
        if (j == at) continue;
        const auto difference = static_cast<std::uint8_t>(points[j].x ^ points[at].x);
        require(difference != 0, "points of one polynomial differ");
        above = multiply(above, points[j].x);
        below = multiply(below, difference);
    }
    return multiply(above, inverse(below));
}

}  // namespace

std::vector<Point> split(BytesView secret32, int threshold, int count) {
    require(1 <= threshold && threshold <= count && count <= points_max, "k of n is possible");
    std::vector<SecretMemory> coefficients(static_cast<std::size_t>(threshold));
    for (SecretMemory& coefficient : coefficients) fill_random(coefficient.writable());
    std::copy_n(secret32.begin(), 32, coefficients.front().writable().begin());

    std::vector<Point> points(static_cast<std::size_t>(count));
    for (std::size_t p = 0; p < points.size(); ++p) {
        points[p].x = static_cast<std::uint8_t>(p + 1);
        const auto y = points[p].y.writable();
        for (std::size_t c = coefficients.size(); c-- > 0;)  // Horner
            for (std::size_t i = 0; i < 32; ++i)
                y[i] = static_cast<std::uint8_t>(multiply(y[i], points[p].x) ^
                                                 coefficients[c].view()[i]);
    }
    return points;
}

void combine(const std::vector<Point>& points, std::span<std::uint8_t> secret32) {
    require(secret32.size() == 32 && !points.empty(), "shares make 32 bytes");
    std::fill(secret32.begin(), secret32.end(), std::uint8_t{0});
    for (std::size_t p = 0; p < points.size(); ++p) {
        const std::uint8_t factor = weight(points, p);
        for (std::size_t i = 0; i < 32; ++i) secret32[i] ^= multiply(points[p].y.view()[i], factor);
    }
}

}  // namespace custode::crypto::detail
