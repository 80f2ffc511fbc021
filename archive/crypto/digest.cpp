#include "archive/crypto/digest.h"

#include "archive/crypto/library.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <cerrno>

namespace custode::crypto {
namespace {

/// Fetched once: the lookup by name costs more than hashing a journal leaf.
const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    require(fetched != nullptr, "OpenSSL has SHA-256");
    return fetched;
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    require(state_->context != nullptr &&
                EVP_DigestInit_ex2(state_->context.get(), algorithm(), nullptr) == 1,
            "SHA-256 starts");
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(BytesView bytes) {
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1,
            "SHA-256 goes on");
}

Sha256Digest Sha256::finish() {
    Sha256Digest digest;
    require(EVP_DigestFinal_ex(state_->context.get(), digest.bytes.data(), nullptr) == 1,
            "SHA-256 ends");
    return digest;
}

Sha256Digest sha256(std::initializer_list<BytesView> parts) {
    Sha256 hash;
    for (const BytesView part : parts) hash.update(part);
    return hash.finish();
}

bool equal(BytesView a, BytesView b) {
    if (a.size() != b.size()) return false;
    return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_random(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t filled = getrandom(bytes.data(), bytes.size(), 0);
        if (filled < 0 && errno == EINTR) continue;
        // A process that cannot have randomness must not go on to make keys.
        require(filled > 0, "the kernel gives random bytes");
        bytes = bytes.subspan(static_cast<std::size_t>(filled));
    }
}

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace custode::crypto
