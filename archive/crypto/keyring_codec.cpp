#include "archive/crypto/keyring_codec.h"

#include "archive/base/codec.h"
#include "archive/crypto/library.h"

#include <algorithm>

namespace custode::crypto::detail {
namespace {

constexpr std::string_view magic = "CSTDKEYR";
constexpr std::uint16_t keyring_version = 1;
constexpr std::size_t head_used = 76;
constexpr std::size_t wrapped_bytes = 104;

bool all_zero(BytesView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool is_kind(std::uint8_t kind) {
    return kind >= static_cast<std::uint8_t>(EntryKind::dossier) &&
           kind <= static_cast<std::uint8_t>(EntryKind::places);
}

}  // namespace

bool is_year_kind(EntryKind kind) {
    return kind == EntryKind::register_year || kind == EntryKind::system_year ||
           kind == EntryKind::actor_year;
}

Bytes encode(const KeyringHead& head) {
    return Encoder()
        .raw(view(magic))
        .u16(keyring_version)
        .u16(suite_id)
        .raw(head.vault)
        .u32(head.epoch)
        .u32(head.count)
        .u64(head.journal.size)
        .raw(head.journal.root)
        .raw(Bytes(keyring_head_bytes - head_used))
        .bytes();
}

std::optional<KeyringHead> decode_head(BytesView bytes) {
    Decoder decoder(bytes);
    KeyringHead head;
    if (text(decoder.raw(magic.size())) != magic || decoder.u16() != keyring_version ||
        decoder.u16() != suite_id)
        return std::nullopt;
    decoder.into(head.vault.bytes);
    head.epoch = decoder.u32();
    head.count = decoder.u32();
    head.journal.size = decoder.u64();
    decoder.into(head.journal.root.bytes);
    const bool clean = all_zero(decoder.raw(keyring_head_bytes - head_used));
    if (!decoder.finished() || !clean || head.count > Keyring::entries_max) return std::nullopt;
    return head;
}

Bytes identity(const EntryInfo& info) {
    return Encoder()
        .raw(info.id)
        .u8(static_cast<std::uint8_t>(info.state))
        .u8(static_cast<std::uint8_t>(info.kind))
        .u16(info.year)
        .bytes();
}

Bytes encode(const KeyringEntry& entry) {
    Encoder encoder;
    encoder.raw(identity(entry.info)).u32(0);
    if (entry.info.state == EntryState::living) return encoder.raw(entry.wrapped).bytes();
    // A tombstone has no key; the index of the destroying event lies where the key was.
    return encoder.u64(entry.info.destroyed_by).raw(Bytes(wrapped_bytes - 8)).bytes();
}

std::optional<KeyringEntry> decode_entry(BytesView bytes) {
    Decoder decoder(bytes);
    KeyringEntry entry;
    decoder.into(entry.info.id.bytes);
    const std::uint8_t state = decoder.u8();
    const std::uint8_t kind = decoder.u8();
    entry.info.year = decoder.u16();
    const bool reserved_zero = decoder.u32() == 0;
    const BytesView body = decoder.raw(wrapped_bytes);
    if (!decoder.finished() || !reserved_zero || !is_kind(kind) || entry.info.id.is_nil())
        return std::nullopt;
    entry.info.kind = static_cast<EntryKind>(kind);
    entry.info.state = static_cast<EntryState>(state);
    if (is_year_kind(entry.info.kind) != (entry.info.year != 0)) return std::nullopt;
    if (entry.info.state == EntryState::living) {
        std::copy(body.begin(), body.end(), entry.wrapped.begin());
        return entry;
    }
    if (entry.info.state != EntryState::destroyed || !all_zero(body.subspan(8)))
        return std::nullopt;
    entry.info.destroyed_by = Decoder(body).u64();
    return entry;
}

}  // namespace custode::crypto::detail
