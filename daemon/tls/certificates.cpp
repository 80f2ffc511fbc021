#include "daemon/tls/certificates.h"

#include "archive/base/error.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

namespace custode::daemon {

namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* handle) const noexcept {
        release(handle);
    }
};
using Number = std::unique_ptr<BIGNUM, Release<BN_clear_free>>;
using Curve = std::unique_ptr<EC_GROUP, Release<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Release<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
using SerialText = std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>>;
using CurveContext = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;

constexpr std::int64_t millis_a_second = 1000;
constexpr std::int64_t seconds_a_day = 24 * 60 * 60;
/// A client whose clock is a little behind accepts a fresh certificate all the same.
constexpr std::int64_t clock_slack_seconds = 60 * 60;

void check(bool done, const char* action) {
    if (done) return;
    ERR_clear_error();
    throw Error(ErrorCode::storage, "certificate.failed", std::string("could not ") + action);
}

[[noreturn]] void refuse(const char* name, const std::string& message) {
    throw Error(ErrorCode::invalid_argument, name, message);
}

/// mod (n − 1) + 1: never 0 and never n, for any 32 bytes.
Number scalar_of(BytesView secret, const EC_GROUP* curve, BN_CTX* context) {
    Number scalar(BN_secure_new());
    Number order(BN_dup(EC_GROUP_get0_order(curve)));
    check(scalar && order && BN_sub_word(order.get(), 1) == 1, "take the order of the curve");
    const Number wide(BN_bin2bn(secret.data(), static_cast<int>(secret.size()), nullptr));
    check(wide && BN_mod(scalar.get(), wide.get(), order.get(), context) == 1 &&
              BN_add_word(scalar.get(), 1) == 1,
          "derive the key of the CA");
    return scalar;
}

Key key_of(BytesView secret) {
    const CurveContext context(BN_CTX_secure_new());
    const Curve curve(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    check(context && curve, "take the curve P-256");
    const Number scalar = scalar_of(secret, curve.get(), context.get());
    const Point point(EC_POINT_new(curve.get()));
    constexpr std::size_t point_bytes = 65;
    std::array<std::uint8_t, point_bytes> encoded{};
    check(point &&
              EC_POINT_mul(curve.get(), point.get(), scalar.get(), nullptr, nullptr,
                           context.get()) == 1 &&
              EC_POINT_point2oct(curve.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                 encoded.data(), encoded.size(), context.get()) == encoded.size(),
          "compute the public key of the CA");
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    check(builder &&
              OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256",
                                              0) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                               encoded.data(), encoded.size()) == 1,
          "describe the key of the CA");
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    check(params && maker && EVP_PKEY_fromdata_init(maker.get()) == 1 &&
              EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_KEYPAIR, params.get()) == 1,
          "make the key of the CA");
    return Key(key);
}

std::string pem_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    check(memory && PEM_write_bio_X509(memory.get(), certificate) == 1, "write the certificate");
    return pem_of(memory.get());
}

std::string to_pem(EVP_PKEY* key) {
    const Memory memory(BIO_new(BIO_s_secmem()));
    check(memory && PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr,
                                                  nullptr) == 1,
          "write the key");
    return pem_of(memory.get());
}

Certificate read_certificate(const std::string& pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    check(memory != nullptr, "read a certificate");
    Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!certificate) refuse("certificate.unreadable", "could not read the certificate");
    return certificate;
}

void set_serial(X509* certificate) {
    constexpr std::size_t serial_bytes = 16;
    std::array<std::uint8_t, serial_bytes> random{};
    check(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "draw a serial number");
    random[0] = static_cast<std::uint8_t>((random[0] & 0x7f) | 0x40);  // positive, no leading zero
    const Number number(BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
    const SerialText serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
    check(serial && X509_set_serialNumber(certificate, serial.get()) == 1, "set a serial number");
}

void set_validity(X509* certificate, std::int64_t from, std::int64_t until) {
    check(ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr,
          "set the validity");
}

void set_common_name(X509_NAME* name, const std::string& text) {
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0) == 1,
          "set the name");
}

/// `value` is ours, never a caller's text: OpenSSL's little language would interpret it.
void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void sign(X509* certificate, EVP_PKEY* key) {
    check(X509_sign(certificate, key, EVP_sha256()) > 0, "sign the certificate");
}

bool is_dns_name(const std::string& name) {
    constexpr std::size_t name_bytes_max = 253;
    constexpr std::size_t label_bytes_max = 63;
    if (name.empty() || name.size() > name_bytes_max) return false;
    std::size_t label = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool edge = label == 0 || i + 1 == name.size() || name[i + 1] == '.';
        if (c == '.') {
            if (label == 0 || i + 1 == name.size()) return false;
            label = 0;
            continue;
        }
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && (c != '-' || edge)) return false;
        if (++label > label_bytes_max) return false;
    }
    // A last label of digits only is a mistyped address, not a name.
    return name.find_first_not_of("0123456789.") != std::string::npos;
}

struct Address {
    std::array<std::uint8_t, 16> bytes{};
    int size = 0;  ///< 0: no address.
};
Address address_of(const std::string& text) {
    Address address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1)
        address.size = 4;
    else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1)
        address.size = 16;
    return address;
}

GENERAL_NAME* general_name(const std::string& name) {
    const Address address = address_of(name);
    if (address.size == 0 && !is_dns_name(name)) {
        refuse("certificate.name",
               "could not certify a name that is neither a host nor an address");
    }
    const bool is_address = address.size != 0;
    ASN1_STRING* text = is_address ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    GENERAL_NAME* general = GENERAL_NAME_new();
    const bool set =
        text != nullptr && general != nullptr &&
        (is_address ? ASN1_STRING_set(text, address.bytes.data(), address.size)
                    : ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()))) == 1;
    check(set, "write a name");
    GENERAL_NAME_set0_value(general, is_address ? GEN_IPADD : GEN_DNS, text);
    return general;
}

void add_names(X509* certificate, const std::vector<std::string>& names) {
    const Names list(GENERAL_NAMES_new());
    check(list != nullptr, "list the names");
    for (const std::string& name : names) {
        check(sk_GENERAL_NAME_push(list.get(), general_name(name)) > 0, "list a name");
    }
    check(X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) ==
              1,
          "add the names");
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm utc{};
    check(ASN1_TIME_to_tm(time, &utc) == 1, "read the validity");
    return ::timegm(&utc);
}

Certificate new_certificate() {
    Certificate certificate(X509_new());
    check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1,
          "make a certificate");
    set_serial(certificate.get());
    return certificate;
}

}  // namespace

CaMaterial make_ca(std::span<const std::uint8_t, ca_scalar_bytes> secret, const CaWish& wish) {
    constexpr std::size_t name_bytes_max = 64;  // RFC 5280 ub-common-name
    if (wish.common_name.empty() || wish.common_name.size() > name_bytes_max || wish.days < 1) {
        refuse("certificate.wish", "could not make a CA with that name or duration");
    }
    const Key key = key_of(secret);
    const Certificate made = new_certificate();
    X509* const certificate = made.get();
    const std::int64_t now = wish.now.value / millis_a_second;
    set_validity(certificate, now - clock_slack_seconds, now + wish.days * seconds_a_day);
    set_common_name(X509_get_subject_name(certificate), wish.common_name);
    check(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
              X509_set_pubkey(certificate, key.get()) == 1,
          "name the CA");
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    sign(certificate, key.get());
    return {to_pem(certificate)};
}

ServerMaterial issue_server_certificate(std::span<const std::uint8_t, ca_scalar_bytes> ca_secret,
                                        const std::string& ca_certificate_pem,
                                        const ServerWish& wish) {
    if (wish.names.empty() || wish.names.size() > server_names_max || wish.days < 1 ||
        wish.days > server_certificate_days_max) {
        refuse("certificate.wish", "could not issue a certificate with those names or duration");
    }
    const Certificate ca = read_certificate(ca_certificate_pem);
    const Key ca_key = key_of(ca_secret);
    if (X509_check_private_key(ca.get(), ca_key.get()) != 1) {
        ERR_clear_error();
        refuse("certificate.key", "could not issue a certificate: the key is not that of the CA");
    }
    const std::int64_t now = wish.now.value / millis_a_second;
    const std::int64_t ca_end = seconds_of(X509_get0_notAfter(ca.get()));
    if (ca_end <= now) refuse("certificate.ca_expired", "could not issue: the CA has expired");
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "make a key");
    const Certificate made = new_certificate();
    X509* const certificate = made.get();
    set_validity(certificate, now - clock_slack_seconds,
                 std::min(ca_end, now + wish.days * seconds_a_day));
    // The subject is a label for people: clients read the SAN only, and a long name has no room.
    set_common_name(X509_get_subject_name(certificate), "Custode");
    check(X509_set_issuer_name(certificate, X509_get_subject_name(ca.get())) == 1 &&
              X509_set_pubkey(certificate, key.get()) == 1,
          "name the server");
    add_extension(certificate, ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, ca.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(certificate, ca.get(), NID_subject_key_identifier, "hash");
    add_extension(certificate, ca.get(), NID_authority_key_identifier, "keyid:always");
    add_names(certificate, wish.names);
    sign(certificate, ca_key.get());
    return {to_pem(certificate), to_pem(key.get())};
}

Millis valid_until(const std::string& certificate_pem) {
    const Certificate certificate = read_certificate(certificate_pem);
    return {seconds_of(X509_get0_notAfter(certificate.get())) * millis_a_second};
}

}  // namespace custode::daemon
