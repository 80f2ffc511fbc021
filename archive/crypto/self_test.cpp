#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/aead.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/record.h"
#include "archive/crypto/signature.h"

#include <string_view>

namespace custode::crypto {
namespace {

using detail::WideSecret;

void expect(BytesView got, std::string_view hex, const char* primitive) {
    require(to_hex(got) == hex, primitive);
}

Bytes counting(std::size_t size, std::uint8_t first = 0) {
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = first++;
    return bytes;
}

constexpr std::string_view sunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";

void sha256_answers() {  // FIPS 180-4
    expect(sha256({view("abc")}),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256");
}

void blake2b_answers() {  // hashlib.blake2b(b"abc", key=bytes(range(32)), person=…)
    WideSecret out;
    detail::KeyedBlake2(counting(32), 64, "custode/rec/v1")
        .raw(view("abc"))
        .finish({out.data(), 64});
    expect(out.view(),
           "509b1299862c0cab3591e7f835d3af031342a47a3489415b43ef1218837b6352"
           "6bd2a2cef2ea29cc33241d64e95d9ba179c5b093282821fd7b5e5dd761f5bd66",
           "keyed BLAKE2b");
}

void hkdf_answers() {  // python3-cryptography HKDF(SHA512, 100, salt 00..0f, "custode")
    WideSecret prk;
    detail::hkdf_extract(counting(16), {counting(20), counting(12, 20)}, prk);
    Bytes out(100);
    detail::hkdf_expand(prk.view(), view("custode"), out);
    expect(
        out,
        "9f92163972307f7d21bd0a93becddfb47c141d7c9e68bd872aad602c850c8057c8961a9984902fe5a907ba36"
        "197281099337dc783444a5cca8d2b1fd202becb4fa0a92057236d7e41306e3d7403267439a64cf2788c27791"
        "77dd1105f5e59c017f0d3ec3",
        "HKDF-SHA-512");
}

void chunk_aead_answers(AeadBackend backend) {  // RFC 8439 §2.8.2
    const auto aead = detail::Aead::make(backend, counting(32, 0x80));
    const detail::ChunkNonce nonce{7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
    const Bytes associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
    Bytes sealed(sunscreen.size() + 16);
    Bytes opened(sunscreen.size());
    aead->seal(nonce, view(sunscreen), sealed.data(), associated);
    expect(
        sealed,
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69"
        "da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594"
        "5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
        "1ae10b594f09e26a7e902ecbd0600691",
        "ChaCha20-Poly1305");
    require(aead->open(nonce, sealed, opened.data(), associated) && text(opened) == sunscreen,
            "ChaCha20-Poly1305 opens");
    sealed.back() ^= 1U;
    require(!aead->open(nonce, sealed, opened.data(), associated), "a wrong tag is refused");
}

void record_answers() {  // tests/vectors/record_v1.txt, made by a second implementation
    RecordContext context;
    const Bytes key_id = counting(16, 0x20);
    const Bytes row = counting(8, 0xA0);
    const Bytes vault = counting(16, 0x10);
    context.vault = *id_from<VaultId>(vault);
    context.table = "journal.header";
    context.key = row;
    context.type = 3;
    context.key_id = key_id;
    const auto key = SealingKey::from(counting(32));
    const Bytes nonce = counting(24, 0x40);
    const Bytes plain{7};
    const Bytes sealed = detail::seal_record_with_nonce(key, context, nonce, plain);
    expect(sealed,
           "404142434445464748494a4b4c4d4e4f5051525354555657b9e5f4c5f94de8c3a8cf0753b29f9cc6"
           "e85f18c5cacc210227be242022aaf5b287052e0e76553b1f3f6b729071ad47984a",
           "XChaCha20-Poly1305 record");
    require(open_record(key, context, sealed) == plain, "a record opens");
}

void signature_answers() {  // RFC 8032 §7.1, test 3
    const Bytes seed =
        *from_hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    const Bytes message = *from_hex("af82");
    WideSecret secret_key;
    Bytes public_key(32), signature(64);
    crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data());
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         secret_key.view().data());
    expect(signature,
           "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
           "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
           "Ed25519");
    require(verify_signature(public_key, message, signature), "Ed25519 verifies");
    signature[0] ^= 1U;
    require(!verify_signature(public_key, message, signature), "Ed25519 refuses");
}

/// libargon2 20171227, 64 KiB, t = 3, p = 1: small, the cost is not the point.
void argon2id_answers() {
    constexpr std::size_t memory_bytes = std::size_t{64} * 1024;
    std::array<std::uint8_t, 32> hash{};
    const Bytes salt = counting(16);
    require(crypto_pwhash(hash.data(), hash.size(), "password", 8, salt.data(), 3, memory_bytes,
                          crypto_pwhash_ALG_ARGON2ID13) == 0,
            "Argon2id runs");
    expect(hash, "b06bcf7d2d3ae0a0e060f75fc78cc0082e6196baab3e422cbe3cc0c807f76c0d", "Argon2id");
}

}  // namespace

void self_test() {
    detail::ready();
    sha256_answers();
    blake2b_answers();
    hkdf_answers();
    chunk_aead_answers(AeadBackend::openssl);
    chunk_aead_answers(AeadBackend::libsodium);
    record_answers();
    signature_answers();
    argon2id_answers();
}

}  // namespace custode::crypto
