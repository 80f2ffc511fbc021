// archive/crypto/shares.h
#pragma once

#include "archive/crypto/shamir.h"

#include <string>
#include <string_view>

namespace custode::crypto::detail {

/// One custodian's share of the root as it is printed: 44 bytes, two a word, 22 words.
///
/// A word is a proquint (consonant vowel consonant vowel consonant, arXiv:0901.4016): it can be
/// read aloud over a telephone, has no letter twice in one sound class and no accents.
struct Share {
    std::array<std::uint8_t, 4> ceremony{};  ///< Random; shares of two ceremonies do not mix.
    int threshold = 0, count = 0;
    Point point;
};

std::string to_words(const Share& share);

/// Tolerates case, line ends and repeated or missing edge spaces; nothing else.
/// @throws Error(unauthenticated, "share.wrong"), also when a word was mistyped (32-bit check)
Share parse_words(std::string_view text);

/// What the clear header keeps to judge one share, and the secret made of them, before any use.
/// 256 random bits lie behind it, so it tells nothing about them.
Blake2Digest commitment(BytesView secret32, std::string_view of, BytesView context);

}  // namespace custode::crypto::detail
