#include "archive/crypto/one_time_code.h"

#include "archive/base/error.h"

#include <liboath/oath.h>

#include <array>

namespace custode::crypto {

std::string one_time_code(BytesView secret, std::uint64_t step) {
    static const bool ready = oath_init() == OATH_OK;
    std::array<char, one_time_digits + 1> digits{};
    const int done = ready ? oath_hotp_generate(reinterpret_cast<const char*>(secret.data()),
                                                secret.size(), step, one_time_digits, false,
                                                OATH_HOTP_DYNAMIC_TRUNCATION, digits.data())
                           : OATH_CRYPTO_ERROR;
    if (done != OATH_OK)
        throw Error(ErrorCode::storage, "otp.failed", "could not compute a one-time code");
    return {digits.data(), one_time_digits};
}

}  // namespace custode::crypto
