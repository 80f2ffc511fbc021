#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <string>

namespace custode::crypto {

inline constexpr std::size_t one_time_digits = 6;

/// The six digits that authenticator apps show in a step of time: HOTP over SHA-1 with the step as
/// counter.  `secret`: 20 bytes.
/// Source  RFC 4226, RFC 6238; liboath.
std::string one_time_code(BytesView secret, std::uint64_t step);

}  // namespace custode::crypto
