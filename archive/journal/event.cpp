#include "archive/journal/event.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/digest.h"

namespace custode::journal {
namespace {

constexpr std::uint8_t event_version = 1;
constexpr std::size_t purpose_bytes_max = 31;
constexpr std::size_t series_bytes_max = 24;
constexpr std::size_t counters_max = 2;

bool known(PayloadKey key) {
    return key == PayloadKey::system || key == PayloadKey::dossier || key == PayloadKey::object;
}

bool known(SubjectKind kind) {
    return kind == SubjectKind::none || kind == SubjectKind::dossier || kind == SubjectKind::object;
}

bool known(Outcome outcome) {
    return outcome == Outcome::permitted || outcome == Outcome::refused ||
           outcome == Outcome::system;
}

}  // namespace

std::string_view name_of(Action action) {
    switch (action) {
        case Action::vault_created: return "vault.created";
        case Action::vault_unsealed: return "vault.unsealed";
        case Action::vault_sealed: return "vault.sealed";
        case Action::epoch_switched: return "epoch.switched";
        case Action::segment_closed: return "segment.closed";
        case Action::rules_loaded: return "rules.loaded";
        case Action::account_created: return "account.created";
        case Action::account_changed: return "account.changed";
        case Action::login_succeeded: return "login.succeeded";
        case Action::login_failed: return "login.failed";
        case Action::logout: return "logout";
        case Action::session_revoked: return "session.revoked";
        case Action::access_refused: return "access.refused";
        case Action::refusals_counted: return "refusals.counted";
        case Action::dossier_opened: return "dossier.opened";
        case Action::dossier_changed: return "dossier.changed";
        case Action::document_filed: return "document.filed";
        case Action::document_linked: return "document.linked";
        case Action::document_unlinked: return "document.unlinked";
        case Action::document_corrected: return "document.corrected";
        case Action::disclosure_opened: return "disclosure.opened";
        case Action::disclosure_closed: return "disclosure.closed";
        case Action::export_created: return "export.created";
        case Action::export_completed: return "export.completed";
        case Action::proposal_made: return "proposal.made";
        case Action::proposal_approved: return "proposal.approved";
        case Action::proposal_refused: return "proposal.refused";
        case Action::proposal_cancelled: return "proposal.cancelled";
        case Action::proposal_expired: return "proposal.expired";
        case Action::glass_broken: return "glass.broken";
        case Action::glass_reviewed: return "glass.reviewed";
        case Action::sheet_written: return "sheet.written";
    }
    return "unknown";
}

Bytes encode_header(const Header& header) {
    require(header.purpose.size() <= purpose_bytes_max, "a purpose code is short");
    require(header.counters.size() <= counters_max, "an event steps at most two counters");
    Encoder out;
    out.u64(header.sequence).u64(static_cast<std::uint64_t>(header.time.value)).raw(header.boot);
    out.u64(static_cast<std::uint64_t>(header.boot_millis));
    out.u16(static_cast<std::uint16_t>(header.action)).raw(header.actor).raw(header.acting_for);
    out.u8(static_cast<std::uint8_t>(header.outcome)).field(view(header.purpose));
    out.u8(static_cast<std::uint8_t>(header.subject_kind)).raw(header.subject);
    out.u8(static_cast<std::uint8_t>(header.payload_key));
    out.u8(static_cast<std::uint8_t>(header.counters.size()));
    for (const CounterStep& step : header.counters) {
        require(step.series.size() <= series_bytes_max, "a counter series has a short name");
        out.u32(step.year).field(view(step.series)).u64(step.value);
    }
    Bytes bytes = std::move(out).bytes();
    require(bytes.size() <= header_plain_bytes, "a header fits its padding");
    bytes.resize(header_plain_bytes, 0);
    return bytes;
}

std::optional<Header> decode_header(BytesView plain) {
    if (plain.size() != header_plain_bytes) return std::nullopt;
    Decoder in(plain);
    Header header;
    header.sequence = in.u64();
    header.time.value = static_cast<std::int64_t>(in.u64());
    in.into(header.boot);
    header.boot_millis = static_cast<std::int64_t>(in.u64());
    header.action = Action{in.u16()};
    in.into(header.actor);
    in.into(header.acting_for);
    header.outcome = Outcome{in.u8()};
    header.purpose = text(in.field(purpose_bytes_max));
    header.subject_kind = SubjectKind{in.u8()};
    in.into(header.subject);
    header.payload_key = PayloadKey{in.u8()};
    const std::size_t counters = in.u8();
    if (counters > counters_max) return std::nullopt;
    for (std::size_t i = 0; i < counters; ++i) {
        CounterStep step;
        step.year = in.u32();
        step.series = text(in.field(series_bytes_max));
        step.value = in.u64();
        header.counters.push_back(std::move(step));
    }
    const BytesView padding = in.raw(in.left());
    const bool zeroes = std::all_of(padding.begin(), padding.end(), [](auto b) { return b == 0; });
    if (!in.ok() || !zeroes || !known(header.outcome) || !known(header.subject_kind) ||
        !known(header.payload_key))
        return std::nullopt;
    return header;
}

Bytes StoredEvent::encode() const {
    Encoder out;
    out.u8(event_version).u16(year).field(header).field(payload).field(envelope);
    out.raw(statement).raw(content);
    return std::move(out).bytes();
}

std::optional<StoredEvent> StoredEvent::decode(BytesView bytes) {
    Decoder in(bytes);
    if (in.u8() != event_version) return std::nullopt;
    StoredEvent event;
    event.year = in.u16();
    event.header = copy(in.field(header_plain_bytes + crypto::record_overhead_bytes));
    event.payload = copy(in.field(payload_bytes_max + crypto::record_overhead_bytes + 64));
    event.envelope = copy(in.field(wraps_max * wrap_bytes));
    in.into(event.statement.bytes);
    in.into(event.content.bytes);
    if (!in.finished() || event.envelope.size() % wrap_bytes != 0) return std::nullopt;
    return event;
}

proof::LeafEntry StoredEvent::leaf_entry() const {
    return {crypto::sha256({header}), crypto::sha256({payload}), crypto::sha256({envelope}),
            statement, content};
}

std::vector<BytesView> StoredEvent::wraps() const {
    std::vector<BytesView> wraps;
    for (std::size_t at = 0; at + wrap_bytes <= envelope.size(); at += wrap_bytes)
        wraps.push_back(BytesView(envelope).subspan(at, wrap_bytes));
    return wraps;
}

crypto::RecordContext header_context(const VaultId& vault, BytesView sequence, BytesView year_key) {
    return {.vault = vault, .table = "journal.header", .key = sequence, .key_id = year_key};
}

crypto::RecordContext payload_context(const VaultId& vault, BytesView sequence, Action action,
                                      BytesView key_id) {
    return {.vault = vault,
            .table = "journal.payload",
            .key = sequence,
            .type = static_cast<std::uint32_t>(action),
            .key_id = key_id};
}

crypto::RecordContext wrap_context(const VaultId& vault, BytesView inner_id, BytesView outer_id) {
    return {.vault = vault, .table = "wrap", .key = inner_id, .key_id = outer_id};
}

Bytes pad_payload(std::string_view payload) {
    require(payload.size() <= payload_bytes_max, "a payload keeps its bound");
    Bytes padded = Encoder().field(view(payload)).bytes();
    padded.resize(
        (padded.size() + payload_padding_bytes - 1) / payload_padding_bytes * payload_padding_bytes,
        0);
    return padded;
}

std::optional<std::string> unpad_payload(BytesView padded) {
    Decoder in(padded);
    const BytesView payload = in.field(payload_bytes_max);
    const BytesView padding = in.raw(in.left());
    const bool zeroes = std::all_of(padding.begin(), padding.end(), [](auto b) { return b == 0; });
    if (!in.ok() || !zeroes || padding.size() >= payload_padding_bytes ||
        padded.size() % payload_padding_bytes != 0)
        return std::nullopt;
    return std::string(text(payload));
}

}  // namespace custode::journal
