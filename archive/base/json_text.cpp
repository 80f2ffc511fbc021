#include "archive/base/json_text.h"

#include "archive/base/encoding.h"

namespace custode {

std::string json_quoted(const std::string& text) {
    std::string out = "\"";
    const bool valid = is_utf8(text);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\u00";
            const std::uint8_t one[] = {byte};
            out += to_hex(one);
        } else if (byte >= 0x80 && !valid) {
            out += "\\ufffd";
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

}  // namespace custode
