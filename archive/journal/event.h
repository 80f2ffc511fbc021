// archive/journal/event.h
#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/crypto/keys.h"
#include "archive/crypto/record.h"
#include "archive/proof/receipt.h"

#include <optional>
#include <string>
#include <vector>

namespace custode::journal {

/// What an event says happened.  The numbers are on disk (FORMAT.md): append, never renumber.
enum class Action : std::uint16_t {
    vault_created = 1,
    vault_unsealed = 2,
    vault_sealed = 3,
    epoch_switched = 4,
    segment_closed = 5,
    rules_loaded = 6,
    account_created = 10,
    account_changed = 11,
    login_succeeded = 12,
    login_failed = 13,
    logout = 14,
    access_refused = 15,
    refusals_counted = 16,
    session_revoked = 17,
    dossier_opened = 20,
    dossier_changed = 21,
    document_filed = 30,
    document_linked = 31,
    document_unlinked = 32,
    document_corrected = 33,
    disclosure_opened = 40,
    disclosure_closed = 41,
    export_created = 42,
    export_completed = 43,
    proposal_made = 50,
    proposal_approved = 51,
    proposal_refused = 52,
    proposal_cancelled = 53,
    proposal_expired = 54,
    glass_broken = 60,
    glass_reviewed = 61,
    sheet_written = 62,
};

/// The stable name of an action, as people and logs see it ("document.filed"); "unknown" if newer.
std::string_view name_of(Action action);

/// Under which key an event's payload lies, hence with what it dies.
enum class PayloadKey : std::uint8_t {
    system = 1,   ///< Y of the event's year
    dossier = 2,  ///< M_d of the subject dossier
    object = 3,   ///< O_x of the subject object
};

enum class SubjectKind : std::uint8_t { none = 0, dossier = 1, object = 2 };
enum class Outcome : std::uint8_t { permitted = 1, refused = 2, system = 3 };

/// A number given out for good, kept in the header so that it outlives whatever it numbered.
struct CounterStep {
    std::uint32_t year = 0;
    std::string series;  ///< ≤ 24 ASCII bytes, e.g. "VII.11"
    std::uint64_t value = 0;
    friend bool operator==(const CounterStep&, const CounterStep&) = default;
};

/// What everybody who may read headers sees: who did what when, by pseudonym.
struct Header {
    std::uint64_t sequence = 0;
    Millis time;
    std::array<std::uint8_t, 16> boot{};  ///< Kernel boot id, and time since that boot:
    std::int64_t boot_millis = 0;         ///< together they show a clock that was set back.
    Action action{};
    std::array<std::uint8_t, 16> actor{};       ///< BLAKE2b(A_y, account); zeroes: the system.
    std::array<std::uint8_t, 16> acting_for{};  ///< Likewise, or zeroes.
    Outcome outcome = Outcome::system;
    std::string purpose;  ///< Code, ≤ 31 ASCII bytes.
    SubjectKind subject_kind = SubjectKind::none;
    std::array<std::uint8_t, 16> subject{};  ///< EntryId of a dossier or ObjectId.
    PayloadKey payload_key = PayloadKey::system;
    std::vector<CounterStep> counters;  ///< ≤ 2
};

inline constexpr std::size_t header_plain_bytes =
    256;  ///< Padded: a header's length tells nothing.
inline constexpr std::size_t payload_bytes_max = 4U << 20U;
inline constexpr std::size_t payload_padding_bytes = 64;
inline constexpr std::size_t wraps_max = 64;
inline constexpr std::size_t wrap_bytes = crypto::record_overhead_bytes + 32;

Bytes encode_header(const Header& header);
std::optional<Header> decode_header(BytesView plain);

/// An event as stored under its sequence number: everything sealed, or a digest.
///
/// Layout (FORMAT.md "Event"): version u8 = 1 ‖ year u16 ‖ header ‖ payload ‖ envelope (each with
/// a u32 length) ‖ statement hash 32 ‖ content digest 32; nothing after it.
struct StoredEvent {
    std::uint16_t year = 0;  ///< Whose Y sealed the header.
    Bytes header;
    Bytes payload;
    Bytes envelope;         ///< Wraps of 104 bytes one after another.
    proof::Hash statement;  ///< SHA-256(salt ‖ statement), or zeroes.
    proof::Hash content;    ///< SHA-256 of an object's container or of a closed segment, or zeroes.

    Bytes encode() const;
    static std::optional<StoredEvent> decode(BytesView bytes);
    proof::LeafEntry leaf_entry() const;
    std::vector<BytesView> wraps() const;
};

/// Contexts of the parts of event `sequence`; bound to it, so that a moved part does not open.
crypto::RecordContext header_context(const VaultId& vault, BytesView sequence, BytesView year_key);
crypto::RecordContext payload_context(const VaultId& vault, BytesView sequence, Action action,
                                      BytesView key_id);
/// Context of the wrap of an inner key (M_d or O_x) by a dossier key, the same in the envelope and
/// in the rows: only who wraps what counts, not when.
crypto::RecordContext wrap_context(const VaultId& vault, BytesView inner_id, BytesView outer_id);

/// Adds and strips the zero padding of a payload (u32 length in front).
Bytes pad_payload(std::string_view payload);
std::optional<std::string> unpad_payload(BytesView padded);

}  // namespace custode::journal
