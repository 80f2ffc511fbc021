#include "archive/crypto/shamir.h"

#include "archive/crypto/digest.h"
#include "tests/archive/crypto/sealing_support.h"

extern "C" {  // the header does not say so itself
#include <libgfshare.h>
}

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;
using crypto::detail::Point;

namespace {

void fill_for_gfshare(unsigned char* buffer, unsigned count) { fill_random({buffer, count}); }

/// libgfshare with a generator: it comes without one and calls it even to recombine.
struct Gfshare {
    Gfshare() { gfshare_fill_rand = fill_for_gfshare; }
};

Point point(std::uint8_t x, BytesView y) {
    Point made;
    made.x = x;
    std::copy(y.begin(), y.end(), made.y.writable().begin());
    return made;
}

/// The secret from the points whose numbers are in `chosen`.
Bytes combined(const std::vector<Point>& points, const std::vector<std::size_t>& chosen) {
    std::vector<Point> some;
    for (const std::size_t i : chosen) some.push_back(point(points[i].x, points[i].y.view()));
    Bytes secret(32);
    crypto::detail::combine(some, secret);
    return secret;
}

/// Every choice of k numbers below n.
std::vector<std::vector<std::size_t>> choices(std::size_t n, std::size_t k) {
    std::vector<std::vector<std::size_t>> all;
    for (unsigned mask = 0; mask < (1U << n); ++mask) {
        std::vector<std::size_t> chosen;
        for (std::size_t i = 0; i < n; ++i)
            if ((mask >> i & 1U) != 0) chosen.push_back(i);
        if (chosen.size() == k) all.push_back(chosen);
    }
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shamir_tests)

BOOST_AUTO_TEST_CASE(any_three_of_five_make_the_secret_and_no_two_do) {
    const Bytes secret = counting(32, 0x40);
    const auto points = crypto::detail::split(secret, 3, 5);
    for (const auto& chosen : choices(5, 3)) BOOST_TEST((combined(points, chosen) == secret));
    for (const auto& chosen : choices(5, 4)) BOOST_TEST((combined(points, chosen) == secret));
    for (const auto& chosen : choices(5, 2)) BOOST_TEST((combined(points, chosen) != secret));
}

BOOST_AUTO_TEST_CASE(order_does_not_matter) {
    const Bytes secret = counting(32);
    const auto points = crypto::detail::split(secret, 3, 5);
    BOOST_TEST((combined(points, {4, 0, 2}) == secret));
    BOOST_TEST((combined(points, {2, 4, 0}) == secret));
}

BOOST_AUTO_TEST_CASE(the_widest_sharing_works) {
    const Bytes secret = counting(32);
    const auto points = crypto::detail::split(secret, 32, 32);
    std::vector<std::size_t> all(32);
    for (std::size_t i = 0; i < 32; ++i) all[i] = i;
    BOOST_TEST((combined(points, all) == secret));
}

BOOST_FIXTURE_TEST_CASE(libgfshare_recombines_our_shares, Gfshare) {
    const Bytes secret = counting(32, 0x11);
    const auto points = crypto::detail::split(secret, 3, 5);
    for (const auto& chosen : choices(5, 3)) {
        std::vector<unsigned char> numbers;
        for (const std::size_t i : chosen) numbers.push_back(points[i].x);
        gfshare_ctx* const context = gfshare_ctx_init_dec(numbers.data(), 3, 32);
        for (unsigned char i = 0; i < 3; ++i) {
            Bytes share = copy(points[chosen[i]].y.view());
            gfshare_ctx_dec_giveshare(context, i, share.data());
        }
        Bytes theirs(32);
        gfshare_ctx_dec_extract(context, theirs.data());
        gfshare_ctx_free(context);
        BOOST_TEST((theirs == secret));
    }
}

BOOST_FIXTURE_TEST_CASE(we_recombine_the_shares_of_libgfshare, Gfshare) {
    for (int round = 0; round < 20; ++round) {
        Bytes secret(32);
        fill_random(secret);
        std::vector<unsigned char> numbers{1, 7, 128, 200, 255};
        gfshare_ctx* const context = gfshare_ctx_init_enc(numbers.data(), 5, 3, 32);
        gfshare_ctx_enc_setsecret(context, secret.data());
        std::vector<Point> points;
        for (unsigned char i = 0; i < 5; ++i) {
            Bytes share(32);
            gfshare_ctx_enc_getshare(context, i, share.data());
            points.push_back(point(numbers[i], share));
        }
        gfshare_ctx_free(context);
        for (const auto& chosen : choices(5, 3)) BOOST_TEST((combined(points, chosen) == secret));
    }
}

BOOST_AUTO_TEST_CASE(two_sharings_of_one_secret_have_nothing_in_common) {
    const Bytes secret = counting(32);
    const auto a = crypto::detail::split(secret, 2, 2);
    const auto b = crypto::detail::split(secret, 2, 2);
    BOOST_TEST((copy(a[0].y.view()) != copy(b[0].y.view())));
}

BOOST_AUTO_TEST_SUITE_END()
