// archive/crypto/signature.h
#pragma once

#include "archive/base/bytes.h"

namespace custode::crypto {

/// Ed25519 (RFC 8032) verification, as libsodium does it (no small-order keys, no malleability).
bool verify_signature(BytesView public_key32, BytesView message, BytesView signature64);

/// Known answers for every primitive and both back-ends; aborts the process on a mismatch.
void self_test();

}  // namespace custode::crypto
