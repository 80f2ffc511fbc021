#include "archive/crypto/shares.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"

#include <algorithm>
#include <cctype>

namespace custode::crypto::detail {
namespace {

constexpr std::string_view consonants = "bdfghjklmnprstvz";
constexpr std::string_view vowels = "aiou";
constexpr std::size_t share_bytes = 44;
constexpr std::size_t checked_bytes = 40;
constexpr std::size_t text_bytes_max = 1'024;
constexpr std::uint8_t share_version = 1;

std::array<std::uint8_t, 4> check_of(BytesView forty) {
    std::array<std::uint8_t, 32> full{};
    KeyedBlake2({}, full.size(), "custode/share/v1").raw(forty).finish(full);
    std::array<std::uint8_t, 4> check{};
    std::copy_n(full.begin(), check.size(), check.begin());
    return check;
}

void append_word(std::string& to, unsigned sixteen) {
    to += consonants[(sixteen >> 12U) & 15U];
    to += vowels[(sixteen >> 10U) & 3U];
    to += consonants[(sixteen >> 6U) & 15U];
    to += vowels[(sixteen >> 4U) & 3U];
    to += consonants[sixteen & 15U];
}

[[noreturn]] void wrong(const char* why) {
    throw Error(ErrorCode::unauthenticated, "share.wrong",
                std::string("could not use the share: ") + why);
}

unsigned parse_word(std::string_view word) {
    if (word.size() != 5) wrong("a word does not have five letters");
    unsigned value = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string_view letters = i % 2 == 0 ? consonants : vowels;
        const std::size_t digit = letters.find(word[i]);
        if (digit == std::string_view::npos) wrong("a letter does not occur in its place");
        value = (value << (i % 2 == 0 ? 4U : 2U)) | static_cast<unsigned>(digit);
    }
    return value;
}

/// The words of the text, in lower case.
std::vector<std::string> words_of(std::string_view text) {
    if (text.size() > text_bytes_max) wrong("it is too long");
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (std::isspace(static_cast<unsigned char>(c)) == 0)
            words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

}  // namespace

std::string to_words(const Share& share) {
    Bytes bytes = Encoder()
                      .u8(share_version)
                      .u8(static_cast<std::uint8_t>(share.threshold))
                      .u8(static_cast<std::uint8_t>(share.count))
                      .u8(share.point.x)
                      .raw(share.ceremony)
                      .raw(share.point.y.view())
                      .bytes();
    append(bytes, check_of(bytes));
    std::string words;
    for (std::size_t i = 0; i < share_bytes; i += 2) {
        if (i > 0) words += ' ';
        append_word(words, (unsigned{bytes[i]} << 8U) | bytes[i + 1]);
    }
    wipe(bytes);
    return words;
}

Share parse_words(std::string_view text) {
    Wiped<share_bytes> buffer;
    const auto words = words_of(text);
    if (words.size() != share_bytes / 2) wrong("it does not have 22 words");
    for (std::size_t i = 0; i < words.size(); ++i) {
        const unsigned value = parse_word(words[i]);
        buffer.bytes[2 * i] = static_cast<std::uint8_t>(value >> 8U);
        buffer.bytes[2 * i + 1] = static_cast<std::uint8_t>(value);
    }
    if (!equal(check_of(buffer.part(0, checked_bytes)), buffer.part(checked_bytes, 4)))
        wrong("a word is mistyped");

    Decoder decoder(buffer.bytes);
    Share share;
    if (decoder.u8() != share_version) wrong("it is of a version that this program does not know");
    share.threshold = decoder.u8();
    share.count = decoder.u8();
    share.point.x = decoder.u8();
    decoder.into(share.ceremony);
    const BytesView y = decoder.raw(32);
    std::copy(y.begin(), y.end(), share.point.y.writable().begin());
    if (share.threshold < 2 || share.threshold > share.count || share.count > points_max ||
        share.point.x < 1 || share.point.x > share.count)
        wrong("its numbers do not fit together");
    return share;
}

Blake2Digest commitment(BytesView secret32, std::string_view of, BytesView context) {
    Blake2Digest digest;
    KeyedBlake2(secret32, 32, "custode/cmt/v1").field(view(of)).field(context).finish(digest.bytes);
    return digest;
}

}  // namespace custode::crypto::detail
