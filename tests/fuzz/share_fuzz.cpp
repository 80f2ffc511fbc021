// A custodian's words: typed with any case and spacing they mean one share, mistyped they mean
// none.
#include "archive/crypto/shares.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto;
using custode::fuzz::Input;

namespace {

/// Lower case, one space between words: how the printer writes.
std::string tidy(std::string_view typed) {
    std::string words;
    bool gap = false;
    for (const char c : typed) {
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            gap = true;
            continue;
        }
        if (gap && !words.empty()) words += ' ';
        gap = false;
        words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

bool parses(std::string_view typed) {
    return fuzz::accepted(ErrorCode::unauthenticated, [&] {
        const auto share = crypto::detail::parse_words(typed);
        require(crypto::detail::to_words(share) == tidy(typed), "a share has one spelling");
        require(2 <= share.threshold && share.threshold <= share.count &&
                    share.count <= crypto::detail::points_max && share.point.x >= 1 &&
                    share.point.x <= share.count,
                "the numbers of a share fit together");
    });
}

/// The same words as if typed by somebody in a hurry.
std::string retyped(const std::string& words, Input& input) {
    std::string typed(input.byte() % 3, ' ');
    for (const char c : words) {
        const std::uint8_t whim = input.byte();
        if (c == ' ') {
            typed += "\n\t \r"[whim % 4];
            if (whim >= 128) typed += ' ';
        } else {
            typed += whim % 2 == 0 ? c : static_cast<char>(c - 'a' + 'A');
        }
    }
    return typed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parses(text({data, size}));
    Input input(data, size);
    crypto::detail::Share share;
    share.threshold = input.byte() % 64;
    share.count = input.byte() % 64;
    share.point.x = input.byte() % 64;
    input.into(share.ceremony);
    const BytesView y = input.take(32);
    std::copy(y.begin(), y.end(), share.point.y.writable().begin());
    const std::string words = crypto::detail::to_words(share);
    const bool sound = share.threshold >= 2 && share.threshold <= share.count &&
                       share.count <= crypto::detail::points_max && share.point.x >= 1 &&
                       share.point.x <= share.count;
    require(parses(words) == sound, "what may be printed can be read");
    require(parses(retyped(words, input)) == sound, "case and spaces do not matter");
    // Three changed letters of one word are within what a check of 32 bits must always notice.
    std::string mistyped = words;
    const std::size_t at = input.word() % words.size();
    if (mistyped[at] == ' ') return 0;
    mistyped[at] = "bdfghjklmnprstvzaiou"[input.byte() % 20];
    if (mistyped != words) require(!parses(mistyped), "a mistyped letter is noticed");
    return 0;
}
