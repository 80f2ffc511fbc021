#include "archive/crypto/record.h"

#include "archive/base/codec.h"
#include "archive/base/guard.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/library.h"

namespace custode::crypto {
namespace {

constexpr std::size_t nonce_bytes = 24;
constexpr std::size_t commitment_bytes = 32;
constexpr std::size_t head_bytes = nonce_bytes + commitment_bytes;
constexpr std::size_t tag_bytes = 16;
static_assert(record_overhead_bytes == head_bytes + tag_bytes);

/// Every field either has a fixed size or carries its length: two contexts never give one AAD.
Bytes associated_data(const RecordContext& context) {
    if (!stands(Guard::record_context)) return {};
    return Encoder()
        .u16(detail::suite_id)
        .field(context.vault)
        .field(view(context.table))
        .field(context.key)
        .u32(context.type)
        .u32(context.version)
        .field(context.key_id)
        .u32(context.epoch)
        .bytes();
}

/// key32 ‖ commitment32 of one record.  The nonce is random and 192 bits wide, and it enters here:
/// every record has an AEAD key of its own.
void record_keys(const SealingKey& key, BytesView nonce, BytesView aad, detail::WideSecret& keys) {
    detail::KeyedBlake2(key.view(), detail::Arena::slot_bytes, "custode/rec/v1")
        .raw(nonce)
        .raw(aad)
        .finish({keys.data(), detail::Arena::slot_bytes});
}

/// Opens into a buffer of exactly the plaintext's size.
bool open_exactly(const SealingKey& key, const RecordContext& context, BytesView sealed,
                  std::uint8_t* plaintext) {
    const BytesView nonce = sealed.first(nonce_bytes);
    const BytesView body = sealed.subspan(head_bytes);
    const Bytes aad = associated_data(context);
    detail::WideSecret keys;
    record_keys(key, nonce, aad, keys);
    // XChaCha20-Poly1305 alone would open under many keys; the commitment pins one, and is
    // compared before the AEAD sees a byte, so that no guess is worth more than one key.
    if (stands(Guard::record_commitment) &&
        !equal(keys.view().last(commitment_bytes), sealed.subspan(nonce_bytes, commitment_bytes)))
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, nullptr, nullptr, body.data(),
                                                      body.size(), aad.data(), aad.size(),
                                                      nonce.data(), keys.view().data()) == 0;
}

}  // namespace

namespace detail {

Bytes seal_record_with_nonce(const SealingKey& key, const RecordContext& context, BytesView nonce,
                             BytesView plaintext) {
    require(nonce.size() == nonce_bytes, "a record's nonce has 24 bytes");
    const Bytes aad = associated_data(context);
    WideSecret keys;
    record_keys(key, nonce, aad, keys);
    Bytes sealed(plaintext.size() + record_overhead_bytes);
    const auto commitment = keys.view().last(commitment_bytes);
    std::copy(nonce.begin(), nonce.end(), sealed.begin());
    std::copy(commitment.begin(), commitment.end(), sealed.begin() + nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.data() + head_bytes, nullptr, plaintext.data(), plaintext.size(), aad.data(),
        aad.size(), nullptr, nonce.data(), keys.view().data());
    return sealed;
}

bool open_into(const SealingKey& key, const RecordContext& context, BytesView sealed,
               std::span<std::uint8_t> thirty_two) {
    if (sealed.size() != record_overhead_bytes + thirty_two.size()) return false;
    return open_exactly(key, context, sealed, thirty_two.data());
}

}  // namespace detail

Bytes seal_record(const SealingKey& key, const RecordContext& context, BytesView plaintext) {
    std::array<std::uint8_t, nonce_bytes> nonce{};
    if (stands(Guard::fresh_nonce)) fill_random(nonce);
    return detail::seal_record_with_nonce(key, context, nonce, plaintext);
}

std::optional<Bytes> open_record(const SealingKey& key, const RecordContext& context,
                                 BytesView sealed) {
    if (sealed.size() < record_overhead_bytes) return std::nullopt;
    Bytes plaintext(sealed.size() - record_overhead_bytes);
    if (!open_exactly(key, context, sealed, plaintext.data())) return std::nullopt;
    return plaintext;
}

SealingKey records_key(const ObjectKey& object) {
    return detail::derive<SealingKey>(object, "object records");
}

Blake2Digest keyed_digest(const SealingKey& key, std::initializer_list<BytesView> parts) {
    Blake2Digest digest;
    detail::KeyedBlake2 hash(key.view(), digest.bytes.size(), "custode/mac/v1");
    for (const BytesView part : parts) hash.field(part);
    hash.finish(digest.bytes);
    return digest;
}

std::array<std::uint8_t, 16> keyed_name(const SealingKey& key,
                                        std::initializer_list<BytesView> parts) {
    std::array<std::uint8_t, 16> name{};
    detail::KeyedBlake2 hash(key.view(), name.size(), "custode/name/v1");
    for (const BytesView part : parts) hash.field(part);
    hash.finish(name);
    return name;
}

}  // namespace custode::crypto
