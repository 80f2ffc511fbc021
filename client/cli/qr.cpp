#include "client/cli/qr.h"

#include <qrencode.h>

#include <memory>

namespace custode::client {
namespace {

constexpr int quiet = 2;  // modules around it; cameras manage with half of the standard's four

struct Free {
    void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

}  // namespace

std::string qr_code(const std::string& text) {
    const std::unique_ptr<QRcode, Free> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L));
    if (!code) return {};
    const auto is_dark = [&](int row, int column) {
        if (row < 0 || column < 0 || row >= code->width || column >= code->width) return false;
        return (code->data[row * code->width + column] & 1U) != 0;
    };
    std::string out;
    for (int row = -quiet; row < code->width + quiet; row += 2) {
        out += "\033[30;107m";  // black on bright white
        for (int column = -quiet; column < code->width + quiet; ++column) {
            const bool upper = is_dark(row, column), lower = is_dark(row + 1, column);
            out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        out += "\033[0m\n";
    }
    return out;
}

}  // namespace custode::client
