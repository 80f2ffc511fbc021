#include "archive/acts/second_factor.h"

#include "archive/acts/passwords.h"
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/one_time_code.h"
#include "archive/crypto/record.h"
#include "archive/records/account.h"

#include <algorithm>

namespace custode::acts {
namespace {

using Json = nlohmann::json;

constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t recovery_bytes = 10;
constexpr std::size_t recovery_characters = 16;
constexpr std::int64_t steps_beside = 1;

/// RFC 4648 §6; our lengths are multiples of five bytes, so nothing is padded.
std::string to_base32(BytesView bytes) {
    std::string out;
    unsigned held = 0, bits = 0;
    for (const std::uint8_t byte : bytes) {
        held = (held << 8U) | byte;
        for (bits += 8; bits >= 5; bits -= 5) out += base32[(held >> (bits - 5)) & 31U];
    }
    return out;
}

bool is_digits(const std::string& code) {
    return code.size() == crypto::one_time_digits &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The sixteen letters of a recovery code as typed, in any case and with or without hyphens; empty
/// when it is none.
std::string plain_recovery(const std::string& typed) {
    if (typed.size() > 2 * recovery_characters) return {};
    std::string plain;
    for (const char c : typed) {
        if (c == '-') continue;
        plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const bool known = std::all_of(plain.begin(), plain.end(),
                                   [](char c) { return base32.find(c) != std::string_view::npos; });
    return known && plain.size() == recovery_characters ? plain : std::string();
}

std::string grouped(const std::string& plain) {
    std::string out;
    for (std::size_t at = 0; at < plain.size(); at += 4)
        out += (at == 0 ? "" : "-") + plain.substr(at, 4);
    return out;
}

/// The newest step near now, later than `after`, whose code this is.  Every step is looked at,
/// whichever fits.
std::optional<std::int64_t> step_of(BytesView secret, const std::string& code, Millis now,
                                    std::int64_t after) {
    if (!is_digits(code)) return std::nullopt;
    const std::int64_t present = now.value / SecondFactor::step_millis;
    std::optional<std::int64_t> found;
    for (std::int64_t step = present - steps_beside; step <= present + steps_beside; ++step) {
        const std::string wanted = crypto::one_time_code(secret, static_cast<std::uint64_t>(step));
        if (crypto::equal(view(wanted), view(code)) && step > after) found = step;
    }
    return found;
}

}  // namespace

SecondFactor::SecondFactor(const crypto::KeyService& keys)
    : pepper_(pepper_of(keys)), vault_(keys.vault()) {}

std::size_t SecondFactor::recovery_left(const Json& row) {
    return is_enrolled(row) ? row.at("otp").at("recovery").size() : 0;
}

Bytes SecondFactor::seal(const AccountId& account, const Bytes& secret) const {
    return crypto::seal_record(pepper_, {vault_, "account.otp", account.bytes, 0, 1, {}, 0},
                               secret);
}

std::optional<Bytes> SecondFactor::open(const AccountId& account, BytesView sealed) const {
    return crypto::open_record(pepper_, {vault_, "account.otp", account.bytes, 0, 1, {}, 0},
                               sealed);
}

std::string SecondFactor::digest_of(const AccountId& account, const std::string& recovery) const {
    return to_hex(
        crypto::keyed_digest(pepper_, {view("recovery"), account.bytes, view(recovery)}).bytes);
}

std::optional<Json> SecondFactor::accept(const Json& row, const std::string& code,
                                         Millis now) const {
    const Json& otp = row.at("otp");
    const AccountId account = records::account_from_json(row.at("account")).id;
    const auto sealed = from_hex(otp.at("secret").get<std::string>());
    auto secret = sealed ? open(account, *sealed) : std::nullopt;
    if (!secret)
        throw Error(ErrorCode::corrupt, "vault.row_damaged", "could not open a second factor");
    const auto step = step_of(*secret, code, now, otp.at("step").get<std::int64_t>());
    crypto::wipe(*secret);
    if (step) return Json{{"step", *step}};
    const std::string recovery = plain_recovery(code);
    if (recovery.empty()) return std::nullopt;
    const std::string digest = digest_of(account, recovery);
    for (const Json& kept : otp.at("recovery"))
        if (kept == digest) return Json{{"recovery", digest}};
    return std::nullopt;
}

SecondFactor::Enrolment SecondFactor::begin(const std::string& account_name) {
    Enrolment enrolment;
    enrolment.secret.resize(secret_bytes);
    crypto::fill_random(enrolment.secret);
    enrolment.text = to_base32(enrolment.secret);
    std::string label;
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : account_name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            label += c;
        else
            label += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    enrolment.uri = "otpauth://totp/Custode:" + label + "?secret=" + enrolment.text +
                    "&issuer=Custode&algorithm=SHA1&digits=6&period=30";
    return enrolment;
}

std::optional<SecondFactor::Enrolled> SecondFactor::confirm(const AccountId& account,
                                                            const Bytes& secret,
                                                            const std::string& code,
                                                            Millis now) const {
    const auto step = step_of(secret, code, now, 0);
    if (!step) return std::nullopt;
    Enrolled enrolled;
    Json digests = Json::array();
    for (std::size_t i = 0; i < recovery_codes; ++i) {
        std::array<std::uint8_t, recovery_bytes> random{};
        crypto::fill_random(random);
        const std::string plain = to_base32(random);
        digests.push_back(digest_of(account, plain));
        enrolled.recovery.push_back(grouped(plain));
    }
    enrolled.otp = {{"secret", to_hex(seal(account, secret))},
                    {"step", *step},
                    {"recovery", std::move(digests)}};
    return enrolled;
}

}  // namespace custode::acts
