#include "daemon/tls/context.h"

#include "archive/base/error.h"

#include <Poco/Net/SSLException.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace custode::daemon {

namespace {

constexpr const char* suites =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr const char* groups = "X25519:P-256";
constexpr std::size_t read_buffer_bytes = 68 * 1024;
constexpr std::string_view protocol = "http/1.1";

[[noreturn]] void refuse(const char* name, const std::string& message) {
    ERR_clear_error();
    throw Error(ErrorCode::invalid_argument, name, message);
}

/// A client that names its protocols must name ours; one that names none speaks HTTP/1.1 anyway.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    for (unsigned int at = 0; at < offered_size;) {
        const unsigned int size = offered[at];
        if (size > offered_size - at - 1) break;
        const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), size);
        if (name == protocol) {
            *chosen = offered + at + 1;
            *chosen_size = static_cast<unsigned char>(size);
            return SSL_TLSEXT_ERR_OK;
        }
        at += size + 1;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void require_private(const std::filesystem::path& key) {
    std::error_code error;
    const auto permissions = std::filesystem::status(key, error).permissions();
    if (error) refuse("tls.key", "could not find the server's key");
    using std::filesystem::perms;
    if ((permissions & perms::others_all) != perms::none) {
        refuse("tls.key_open", "could not use the server's key: everyone may read it");
    }
}

Poco::Net::Context::Ptr make_context() {
    Poco::Net::Context::Params params;
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    params.loadDefaultCAs = false;
    return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
}

void harden(SSL_CTX* context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_CLEANSE_PLAINTEXT);  // passwords came through it
    const bool done = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_num_tickets(context, 0) == 1 &&
                      SSL_CTX_set_max_early_data(context, 0) == 1 &&
                      SSL_CTX_set_ciphersuites(context, suites) == 1 &&
                      SSL_CTX_set1_groups_list(context, groups) == 1;
    if (!done) refuse("tls.settings", "could not restrict TLS to what we speak");
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // idle connections give theirs back
    // Four records a read() instead of two read()s for each: one for its head, one for the rest.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, read_buffer_bytes);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

Poco::Net::Context::Ptr load(const TlsFiles& files) {
    require_private(files.key);
    try {
        Poco::Net::Context::Ptr context = make_context();
        SSL_CTX* const ssl = context->sslContext();
        harden(ssl);
        if (SSL_CTX_use_certificate_chain_file(ssl, files.certificate.c_str()) != 1) {
            refuse("tls.certificate", "could not read the server's certificate");
        }
        if (SSL_CTX_use_PrivateKey_file(ssl, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_check_private_key(ssl) != 1) {
            refuse("tls.key", "could not read the server's key, or it is another certificate's");
        }
        return context;
    } catch (const Poco::Exception& error) {
        refuse("tls.settings", "could not set up TLS: " + error.displayText());
    }
}

}  // namespace

TlsContext::TlsContext(TlsFiles files) : files_(std::move(files)), context_(load(files_)) {}

void TlsContext::reload() {
    // A new context, not new files in the old one: handshakes read that one without a lock.
    Poco::Net::Context::Ptr fresh = load(files_);
    const Lock lock(mutex_);
    context_ = fresh;
}

Poco::Net::Context::Ptr TlsContext::current() const {
    const Lock lock(mutex_);
    return context_;
}

}  // namespace custode::daemon
