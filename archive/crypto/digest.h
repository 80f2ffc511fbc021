// archive/crypto/digest.h
#pragma once

#include "archive/base/bytes.h"

#include <initializer_list>
#include <memory>

namespace custode::crypto {

/// SHA-256 through OpenSSL EVP (1.5 GB/s here; libsodium's 0.2).  One value, fed in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(BytesView bytes);
    Sha256Digest finish();  ///< Ends the value; only destruction is meaningful afterwards.

private:
    struct State;
    std::unique_ptr<State> state_;
};

Sha256Digest sha256(std::initializer_list<BytesView> parts);  ///< Of the parts one after another.

/// Constant-time equality; different sizes are unequal at once.
bool equal(BytesView a, BytesView b);

/// Fills with bytes from the kernel's generator.
void fill_random(std::span<std::uint8_t> bytes);

/// A fresh random id.
template <class IdType>
IdType random_id() {
    IdType id;
    fill_random(id.bytes);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);  // RFC 9562 version 4
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
}

/// Overwrites memory in a way that the compiler keeps.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace custode::crypto
