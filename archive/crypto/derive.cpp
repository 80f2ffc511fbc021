#include "archive/crypto/derive.h"

#include <algorithm>

namespace custode::crypto::detail {
namespace {

/// HMAC-SHA-512 whose state, which holds the key, is wiped.
class Hmac {
public:
    explicit Hmac(BytesView key) {
        static constexpr std::uint8_t nothing = 0;  // libsodium takes no null, not even for nothing
        crypto_auth_hmacsha512_init(&state_, key.empty() ? &nothing : key.data(), key.size());
    }
    ~Hmac() { sodium_memzero(&state_, sizeof state_); }
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;

    Hmac& update(BytesView bytes) {
        if (!bytes.empty()) crypto_auth_hmacsha512_update(&state_, bytes.data(), bytes.size());
        return *this;
    }
    void finish(std::uint8_t* out64) { crypto_auth_hmacsha512_final(&state_, out64); }

private:
    crypto_auth_hmacsha512_state state_{};
};

constexpr std::size_t hmac_bytes = crypto_auth_hmacsha512_BYTES;

}  // namespace

KeyedBlake2::KeyedBlake2(BytesView key32, std::size_t out_bytes, std::string_view personal) {
    ready();
    std::array<std::uint8_t, crypto_generichash_blake2b_PERSONALBYTES> label{};
    require(personal.size() <= label.size(), "a personal label has at most sixteen bytes");
    std::copy(personal.begin(), personal.end(), label.begin());
    require(crypto_generichash_blake2b_init_salt_personal(&state_, key32.data(), key32.size(),
                                                          out_bytes, nullptr, label.data()) == 0,
            "BLAKE2b starts");
}

KeyedBlake2& KeyedBlake2::raw(BytesView bytes) {
    crypto_generichash_blake2b_update(&state_, bytes.data(), bytes.size());
    return *this;
}

KeyedBlake2& KeyedBlake2::field(BytesView bytes) {
    require(bytes.size() <= 0xFFFFFFFFU, "a field fits its u32 length");
    return raw(Encoder().u32(static_cast<std::uint32_t>(bytes.size())).bytes()).raw(bytes);
}

void KeyedBlake2::finish(std::span<std::uint8_t> out) {
    require(crypto_generichash_blake2b_final(&state_, out.data(), out.size()) == 0, "BLAKE2b ends");
}

void derive_into(BytesView key32, std::string_view label, BytesView context,
                 std::span<std::uint8_t> into32) {
    KeyedBlake2(key32, into32.size(), "custode/kdf/v1")
        .field(view(label))
        .field(context)
        .finish(into32);
}

void hkdf_extract(BytesView salt, std::initializer_list<BytesView> key_parts, WideSecret& prk) {
    ready();
    Hmac hmac(salt);
    for (const BytesView part : key_parts) hmac.update(part);
    hmac.finish(prk.data());
}

void hkdf_expand(BytesView prk, BytesView info, std::span<std::uint8_t> out) {
    require(out.size() <= 255 * hmac_bytes, "HKDF gives at most 255 blocks");
    ready();
    WideSecret block;
    std::uint8_t number = 0;
    for (std::size_t done = 0; done < out.size(); done += hmac_bytes) {
        const BytesView previous = number == 0 ? BytesView() : block.view();
        ++number;
        Hmac(prk).update(previous).update(info).update({&number, 1}).finish(block.data());
        std::copy_n(block.data(), std::min(hmac_bytes, out.size() - done),
                    out.begin() + static_cast<std::ptrdiff_t>(done));
    }
}

}  // namespace custode::crypto::detail
