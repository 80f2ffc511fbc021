// The published vectors of C2SP Wycheproof and of Argon2's reference, where CUSTODE_CORPUS has
// them.
#include "archive/base/encoding.h"
#include "archive/crypto/aead.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/signature.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace custode;
using namespace custode::crypto;
using nlohmann::json;

namespace {

std::filesystem::path corpus(const std::string& name) {
    const char* folder = std::getenv("CUSTODE_CORPUS");
    if (folder == nullptr) return {};
    return std::filesystem::path(folder) / "vectors" / name;
}

/// Calls `check(group, test)` for each vector of a file; says so when the corpus is absent.
template <class Check>
void for_each_vector(const std::string& name, Check check) {
    const auto path = corpus("wycheproof/" + name);
    if (path.empty()) {
        BOOST_TEST_MESSAGE("CUSTODE_CORPUS is not set: " << name << " was not run");
        return;
    }
    const json file = json::parse(std::ifstream(path));
    int count = 0;
    for (const json& group : file.at("testGroups"))
        for (const json& test : group.at("tests")) {
            BOOST_TEST_CONTEXT(name << " tcId " << test.at("tcId")) { check(group, test); }
            ++count;
        }
    BOOST_TEST(count == file.at("numberOfTests").get<int>());
}

Bytes hex(const json& test, const char* field) {
    return *from_hex(test.at(field).get<std::string>());
}

/// One vector through one back-end, both directions, as its "result" demands.
void check_aead(const json& test, AeadBackend backend, BytesView key, BytesView nonce12) {
    const bool valid = test.at("result") == "valid";
    const Bytes plain = hex(test, "msg"), associated = hex(test, "aad");
    Bytes sealed = hex(test, "ct");
    append(sealed, hex(test, "tag"));
    crypto::detail::ChunkNonce nonce{};
    std::copy(nonce12.begin(), nonce12.end(), nonce.begin());
    const auto aead = crypto::detail::Aead::make(backend, key);
    Bytes opened(sealed.size() - 16), made(plain.size() + 16);
    BOOST_TEST(aead->open(nonce, sealed, opened.data(), associated) == valid);
    if (!valid) return;
    BOOST_TEST((opened == plain));
    aead->seal(nonce, plain, made.data(), associated);
    BOOST_TEST((made == sealed));
}

/// HKDF-SHA-512 by OpenSSL: the second opinion.
Bytes openssl_hkdf_sha512(Bytes key, Bytes salt, Bytes info, std::size_t size) {
    for (Bytes* input : {&key, &salt, &info}) input->reserve(1);  // OpenSSL refuses null for empty
    EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA2-512";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end()};
    Bytes out(size);
    BOOST_REQUIRE(EVP_KDF_derive(context, out.data(), out.size(), parameters) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wycheproof_tests)

BOOST_AUTO_TEST_CASE(chacha20_poly1305_behaves_in_both_back_ends) {
    int excluded = 0;
    for_each_vector("chacha20_poly1305_test.json", [&](const json& group, const json& test) {
        if (group.at("ivSize") != 96) {  // our nonce's type has 12 bytes and no other size
            BOOST_TEST(test.at("result") == "invalid");
            ++excluded;
            return;
        }
        for (const auto backend : {AeadBackend::openssl, AeadBackend::libsodium})
            check_aead(test, backend, hex(test, "key"), hex(test, "iv"));
    });
    BOOST_TEST_MESSAGE("excluded by nonce size: " << excluded);
}

BOOST_AUTO_TEST_CASE(xchacha20_poly1305_behaves_in_libsodium_and_as_hchacha20_over_openssl) {
    int excluded = 0;
    for_each_vector("xchacha20_poly1305_test.json", [&](const json& group, const json& test) {
        if (group.at("ivSize") != 192) {
            BOOST_TEST(test.at("result") == "invalid");
            ++excluded;
            return;
        }
        const Bytes key = hex(test, "key"), iv = hex(test, "iv"), associated = hex(test, "aad");
        Bytes sealed = hex(test, "ct");
        append(sealed, hex(test, "tag"));
        Bytes opened(sealed.size() - 16), inner_key(32), inner_nonce(4);
        const bool opens = crypto_aead_xchacha20poly1305_ietf_decrypt(
                               opened.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                               associated.data(), associated.size(), iv.data(), key.data()) == 0;
        BOOST_TEST(opens == (test.at("result") == "valid"));
        crypto_core_hchacha20(inner_key.data(), iv.data(), key.data(), nullptr);
        append(inner_nonce, BytesView(iv).subspan(16));
        check_aead(test, AeadBackend::openssl, inner_key, inner_nonce);
    });
    BOOST_TEST_MESSAGE("excluded by nonce size: " << excluded);
}

BOOST_AUTO_TEST_CASE(ed25519_signatures_are_judged_as_published) {
    for_each_vector("ed25519_test.json", [](const json& group, const json& test) {
        const bool accepted =
            verify_signature(hex(group.at("publicKey"), "pk"), hex(test, "msg"), hex(test, "sig"));
        BOOST_TEST(accepted == (test.at("result") == "valid"));
    });
}

// The corpus has HKDF for SHA-256; its inputs are run through ours and OpenSSL's SHA-512.
BOOST_AUTO_TEST_CASE(hkdf_sha512_agrees_with_openssl_on_the_published_inputs) {
    int excluded = 0;
    for_each_vector("hkdf_sha256_test.json", [&](const json&, const json& test) {
        const auto size = test.at("size").get<std::size_t>();
        if (size == 0 || test.at("result") != "valid") {  // above SHA-256's 255 blocks
            ++excluded;
            return;
        }
        const Bytes key = hex(test, "ikm"), salt = hex(test, "salt"), info = hex(test, "info");
        crypto::detail::WideSecret prk;
        Bytes ours(size);
        crypto::detail::hkdf_extract(
            salt, {BytesView(key).first(key.size() / 2), BytesView(key).subspan(key.size() / 2)},
            prk);
        crypto::detail::hkdf_expand(prk.view(), info, ours);
        BOOST_TEST((ours == openssl_hkdf_sha512(key, salt, info, size)));
    });
    BOOST_TEST_MESSAGE("excluded because they ask for more than HKDF gives: " << excluded);
}

BOOST_AUTO_TEST_CASE(the_self_test_passes) { BOOST_CHECK_NO_THROW(self_test()); }

BOOST_AUTO_TEST_SUITE_END()
