#include "archive/records/folding.h"

#include "archive/base/error.h"
#include "archive/records/text.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <memory>

namespace custode::records {
namespace {

[[noreturn]] void refuse_name() {
    throw Error(ErrorCode::invalid_argument, "account.name_invalid",
                "could not accept the account name: 1 to 64 Latin letters, digits or . _ - @");
}

bool is_account_character(UChar32 point) {
    if (point < 0x80)
        return (u_isalnum(point) != 0) || point == '.' || point == '_' || point == '-' ||
               point == '@';
    UErrorCode status = U_ZERO_ERROR;
    return (u_isalpha(point) != 0) && uscript_getScript(point, &status) == USCRIPT_LATIN;
}

icu::Transliterator& to_ascii() {
    // Made once a thread: making one costs milliseconds, and ICU does not promise that one object
    // may be used by two threads at once.
    thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
        UErrorCode status = U_ZERO_ERROR;
        UParseError where;
        std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
            "NFKC; Any-Latin; Latin-ASCII; NFKD; [:Nonspacing Mark:] Remove; Lower", UTRANS_FORWARD,
            where, status));
        require(U_SUCCESS(status) && made != nullptr, "ICU knows Any-Latin and Latin-ASCII");
        return made;
    }();
    return *transliterator;
}

bool is_ascii(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

std::string to_plain(std::string_view text) {
    if (is_ascii(text)) return std::string(text);  // nine names in ten, a hundred times faster
    icu::UnicodeString wide = icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    wide.findAndReplace(u"\u00B4", u"'");  // an apostrophe to typists, an accent to NFKC
    to_ascii().transliterate(wide);
    std::string plain;
    wide.toUTF8String(plain);
    return plain;
}

}  // namespace

std::string canonical_account_name(std::string_view name) {
    constexpr std::size_t bytes_max = 1024;  // spaces at the ends may make the raw name longer
    if (name.size() > bytes_max ||
        examine_text(name, {.characters_max = bytes_max}) != TextProblem::none)
        refuse_name();
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
    require(U_SUCCESS(status), "ICU has its NFKC data");
    const icu::StringPiece piece(name.data(), static_cast<std::int32_t>(name.size()));
    icu::UnicodeString wide = nfkc->normalize(icu::UnicodeString::fromUTF8(piece), status);
    wide.foldCase();
    // Folding can undo the normal form ("ΐ"), so it is made again: the result must be a fixed
    // point.
    wide = nfkc->normalize(wide, status);
    require(U_SUCCESS(status), "normalising valid text cannot fail");
    wide.trim();
    const auto count = static_cast<std::size_t>(wide.countChar32());
    if (count == 0 || count > account_name_characters_max) refuse_name();
    for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1))
        if (!is_account_character(wide.char32At(i))) refuse_name();
    std::string canonical;
    wide.toUTF8String(canonical);
    return canonical;
}

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : to_plain(text)) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter) {
            out += c;
        } else if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        } else if (c == '\'' || c == '`') {
            continue;  // D'Amico, DAmico and D Amico are one surname; the last by the index
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::string folded_letters(std::string_view text) {
    std::string out;
    for (const char c : folded(text))
        if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
    return out;
}

}  // namespace custode::records
