#include "archive/crypto/aead.h"

#include "archive/crypto/library.h"
#include "archive/crypto/secret.h"

#include <openssl/evp.h>

namespace custode::crypto::detail {
namespace {

/// One context for all chunks: the key schedule is set once, each chunk sets its nonce only.
class OpensslAead final : public Aead {
public:
    explicit OpensslAead(BytesView key) {
        static const EVP_CIPHER* const cipher =
            EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
        require(
            cipher != nullptr && context_ != nullptr &&
                EVP_CipherInit_ex2(context_.get(), cipher, key.data(), nullptr, 1, nullptr) == 1,
            "OpenSSL has ChaCha20-Poly1305");
    }

    void seal(const ChunkNonce& nonce, BytesView plain, std::uint8_t* sealed,
              BytesView associated) override {
        std::uint8_t* const tag = sealed + plain.size();
        require(run(nonce, plain, sealed, associated, 1) &&
                    EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag) == 1,
                "OpenSSL seals a chunk");
    }

    bool open(const ChunkNonce& nonce, BytesView sealed, std::uint8_t* plain,
              BytesView associated) override {
        if (sealed.size() < tag_bytes) return false;
        const BytesView body = sealed.first(sealed.size() - tag_bytes);
        std::array<std::uint8_t, tag_bytes> tag{};  // OpenSSL wants it writable
        std::copy_n(sealed.end() - tag_bytes, tag_bytes, tag.begin());
        tag_ = tag.data();
        return run(nonce, body, plain, associated, 0);
    }

private:
    bool run(const ChunkNonce& nonce, BytesView in, std::uint8_t* out, BytesView associated,
             int sealing) {
        EVP_CIPHER_CTX* const c = context_.get();
        int size = 0;
        if (EVP_CipherInit_ex2(c, nullptr, nullptr, nonce.data(), sealing, nullptr) != 1)
            return false;
        if (sealing == 0 && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag_) != 1)
            return false;
        if (!associated.empty() && !update(nullptr, associated, size)) return false;
        if (!in.empty() && !update(out, in, size)) return false;
        std::uint8_t nothing[tag_bytes];
        return EVP_CipherFinal_ex(c, nothing, &size) == 1;
    }

    bool update(std::uint8_t* out, BytesView in, int& size) {
        return EVP_CipherUpdate(context_.get(), out, &size, in.data(),
                                static_cast<int>(in.size())) == 1;
    }

    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER_CTX, Free> context_{EVP_CIPHER_CTX_new()};
    std::uint8_t* tag_ = nullptr;
};

class SodiumAead final : public Aead {
public:
    explicit SodiumAead(BytesView key) { std::copy_n(key.begin(), 32, key_.writable().begin()); }

    void seal(const ChunkNonce& nonce, BytesView plain, std::uint8_t* sealed,
              BytesView associated) override {
        crypto_aead_chacha20poly1305_ietf_encrypt(sealed, nullptr, plain.data(), plain.size(),
                                                  associated.data(), associated.size(), nullptr,
                                                  nonce.data(), key_.view().data());
    }

    bool open(const ChunkNonce& nonce, BytesView sealed, std::uint8_t* plain,
              BytesView associated) override {
        return crypto_aead_chacha20poly1305_ietf_decrypt(
                   plain, nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
                   associated.size(), nonce.data(), key_.view().data()) == 0;
    }

private:
    SecretMemory key_;
};

}  // namespace

std::unique_ptr<Aead> Aead::make(AeadBackend backend, BytesView key32) {
    ready();
    require(key32.size() == 32, "an AEAD key has 32 bytes");
    if (backend == AeadBackend::openssl) return std::make_unique<OpensslAead>(key32);
    return std::make_unique<SodiumAead>(key32);
}

}  // namespace custode::crypto::detail
