#include "archive/crypto/signature.h"

#include "archive/crypto/library.h"

namespace custode::crypto {

bool verify_signature(BytesView public_key32, BytesView message, BytesView signature64) {
    detail::ready();
    if (public_key32.size() != crypto_sign_PUBLICKEYBYTES) return false;
    if (signature64.size() != crypto_sign_BYTES) return false;
    return crypto_sign_verify_detached(signature64.data(), message.data(), message.size(),
                                       public_key32.data()) == 0;
}

}  // namespace custode::crypto
