#include "archive/proof/checkpoint.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/signature.h"
#include "archive/proof/note.h"

#include <algorithm>
#include <charconv>

namespace custode::proof {
namespace {

constexpr std::uint8_t ed25519_type = 0x01;  // C2SP signed-note, signature types
constexpr std::size_t ed25519_signature_bytes = 64;

/// Cuts the first line off `rest`, its newline left out; nothing when there is no whole line.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

/// A decimal number in its one spelling: no sign, no leading zero, no overflow.
std::optional<std::uint64_t> parse_size(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t size = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, size);
    if (failure != std::errc{} || stop != end) return std::nullopt;
    return size;
}

std::optional<Hash> parse_root(std::string_view text) {
    const auto bytes = from_base64(text);
    if (!bytes || bytes->size() != Hash::bytes_count) return std::nullopt;
    Hash root;
    std::copy(bytes->begin(), bytes->end(), root.bytes.begin());
    return root;
}

std::optional<Checkpoint> parse_body(std::string_view text) {
    const auto origin = take_line(text);
    const auto size_line = take_line(text);
    const auto root_line = take_line(text);
    if (!origin || !size_line || !root_line || !text.empty()) return std::nullopt;
    const auto size = parse_size(*size_line);
    const auto root = parse_root(*root_line);
    if (!is_key_name(*origin) || !size || !root) return std::nullopt;
    if (*size == 0 && *root != empty_root()) return std::nullopt;
    return Checkpoint{std::string(*origin), *size, *root};
}

Bytes typed_key(const VerifierKey& key) { return Encoder().u8(ed25519_type).raw(key.key).bytes(); }

std::string id_text(std::uint32_t id) { return to_hex(Encoder().u32(id).bytes()); }

}  // namespace

std::uint32_t VerifierKey::id() const {
    const Hash hash = crypto::sha256({view(name), view("\n"), typed_key(*this)});
    return Decoder(hash).u32();
}

std::string VerifierKey::text() const {
    return name + "+" + id_text(id()) + "+" + to_base64(typed_key(*this));
}

std::optional<VerifierKey> VerifierKey::parse(std::string_view text) {
    // Base64 has '+' too, a name has none: the first two '+' part the fields.
    const std::size_t first = text.find('+');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = text.find('+', first + 1);
    if (second == std::string_view::npos || !is_key_name(text.substr(0, first)))
        return std::nullopt;
    const auto bytes = from_base64(text.substr(second + 1));
    if (!bytes || bytes->size() != 33 || bytes->front() != ed25519_type) return std::nullopt;
    VerifierKey key{std::string(text.substr(0, first)), {}};
    std::copy(bytes->begin() + 1, bytes->end(), key.key.begin());
    if (text.substr(first + 1, second - first - 1) != id_text(key.id())) return std::nullopt;
    return key;
}

std::string checkpoint_body(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
           to_base64(checkpoint.root) + "\n";
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const VerifierKey& key,
                            const Signer& signer) {
    require(checkpoint.origin == key.name && is_key_name(key.name),
            "a checkpoint is signed by the key of its origin");
    const std::string body = checkpoint_body(checkpoint);
    return body + "\n" + signature_line(key.name, key.id(), signer(view(body)));
}

std::optional<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
    const auto parsed = Note::parse(note);
    if (!parsed) return std::nullopt;
    const auto checkpoint = parse_body(parsed->text);
    if (!checkpoint || checkpoint->origin != key.name) return std::nullopt;

    std::size_t verified = 0;
    for (const NoteSignature& line : parsed->signatures) {
        if (line.name != key.name || line.key_id != key.id()) continue;
        // A bad signature under our name and id is a forgery, not an unknown key: refuse it all.
        if (line.signature.size() != ed25519_signature_bytes ||
            !crypto::verify_signature(key.key, view(parsed->text), line.signature))
            return std::nullopt;
        ++verified;
    }
    if (verified != 1) return std::nullopt;
    return checkpoint;
}

std::optional<Checkpoint> parse_checkpoint_body(std::string_view note) {
    const auto parsed = Note::parse(note);
    if (!parsed) return std::nullopt;
    return parse_body(parsed->text);
}

}  // namespace custode::proof
