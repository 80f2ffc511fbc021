#pragma once

#include <string>

namespace custode::client {

/// The text as a QR code for a terminal: half blocks, two rows of modules a line, dark on light
/// whatever the terminal's colours are, with the quiet zone that cameras need.  Empty when it does
/// not fit a code.
std::string qr_code(const std::string& text);

}  // namespace custode::client
