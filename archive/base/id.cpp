#include "archive/base/id.h"

#include "archive/base/encoding.h"

namespace custode::detail {

std::string uuid_text(BytesView sixteen) {
    std::string hex = to_hex(sixteen);
    for (std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, 1, '-');
    return hex;
}

bool parse_uuid(std::string_view text, std::array<std::uint8_t, 16>& into) {
    if (text.size() != 36) return false;
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return false;
        if (!dash) hex.push_back(text[i]);
    }
    const auto bytes = from_hex(hex);
    if (!bytes || bytes->size() != into.size()) return false;
    std::copy(bytes->begin(), bytes->end(), into.begin());
    return true;
}

}  // namespace custode::detail
