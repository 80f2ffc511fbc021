#include "archive/catalogue/projection.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/records/account.h"
#include "archive/records/document.h"
#include "archive/records/dossier.h"
#include "archive/records/emergency_sheet.h"
#include "archive/records/proposal.h"

#include <algorithm>

namespace custode::catalogue {
namespace {

using journal::Action;
using journal::OpenedEvent;
using Json = nlohmann::json;

[[noreturn]] void unreadable(const OpenedEvent& event) {
    throw Error(ErrorCode::corrupt, "journal.unreadable",
                "could not project journal event " + std::to_string(event.header.sequence));
}

std::string dossier_value(const Json& facts, std::uint32_t next, std::uint32_t documents) {
    return Json{{"facts", facts}, {"next", next}, {"documents", documents}}.dump();
}

EntryId entry_of(const OpenedEvent& event) { return {event.header.subject}; }
ObjectId object_of(const OpenedEvent& event) { return {event.header.subject}; }

}  // namespace

/// One event's way into the tables.
struct Projection::Step {
    const Rows& rows;
    store::Changes& changes;
    const OpenedEvent& event;
    const std::vector<store::Extent>* extents;
    Lookup lookup;
    Json payload;

    Step(const Rows& rows_in, store::Changes& changes_in, const OpenedEvent& event_in,
         const std::vector<store::Extent>* extents_in)
        : rows(rows_in),
          changes(changes_in),
          event(event_in),
          extents(extents_in),
          lookup(rows_in,
                 [this](store::Table table, BytesView name) { return changes.find(table, name); }),
          payload(
              Json::parse(event_in.payload_destroyed ? "{}" : event_in.payload, nullptr, false)) {
        if (payload.is_discarded()) unreadable(event);
    }

    std::uint16_t year() const {
        return static_cast<std::uint16_t>(roman_day(event.header.time).year);
    }

    DossierRow dossier(const EntryId& entry) const {
        auto row = lookup.dossier(entry);
        if (!row) unreadable(event);
        return std::move(*row);
    }

    void put_dossier(const DossierRow& row, BytesView wrap) {
        const std::string value = dossier_value(row.facts, row.next, row.documents);
        changes.put(
            table::dossiers, row.keys.entry,
            join(wrap, rows.seal_dossier(table::dossiers, row.keys.entry, row.keys, value)));
    }

    void put_dossier(const DossierRow& row) {
        const auto old = changes.find(table::dossiers, row.keys.entry);
        put_dossier(row, BytesView(*old).first(journal::wrap_bytes));
    }

    void put_account(const Json& account, std::string_view canonical_name) {
        const Bytes name = rows.account_name(canonical_name);
        changes.put(table::accounts, name,
                    rows.seal_system(table::accounts, name, year(), account.dump()));
    }

    // What could not be read back would keep the vault sealed for ever: it is refused here, in the
    // act's own task and with the words of its field, before it is durable.

    void account_written() {
        static_cast<void>(records::account_from_json(payload.at("row").at("account")));
        put_account(payload.at("row"), payload.at("name").get<std::string>());
    }

    /// The step of a one-time code, or the recovery code, that let somebody in: never again.
    static void factor_used(Json& factor, const Json& used) {
        if (used.contains("step")) factor["step"] = used.at("step");
        if (!used.contains("recovery")) return;
        Json& kept = factor.at("recovery");
        kept.erase(std::remove(kept.begin(), kept.end(), used.at("recovery")), kept.end());
    }

    /// A login that succeeded clears the count of failures, one that failed adds to it.
    void login_counted() {
        const auto& name = payload.at("name").get_ref<const std::string&>();
        auto account = lookup.account(name);
        if (!account) return;  // Nobody of that name: nothing to count on.
        for (const char* member : {"failed", "locked_until", "last_login"})
            if (payload.contains(member)) (*account)[member] = payload.at(member);
        if (payload.contains("otp")) factor_used((*account).at("otp"), payload.at("otp"));
        put_account(*account, name);
    }

    void proposal_written() {
        const Json& row = payload.at("proposal");
        const ProposalId id = records::proposal_from_json(row).id;
        changes.put(table::proposals, id,
                    rows.seal_system(table::proposals, id, year(), row.dump()));
    }

    void dossier_opened() {
        const EntryId entry = entry_of(event);
        auto keys =
            event.wraps.size() == 1 ? rows.dossier_keys(entry, event.wraps[0]) : std::nullopt;
        if (!keys) unreadable(event);
        static_cast<void>(records::dossier_from_json(payload.at("facts")));
        put_dossier({std::move(*keys), payload.at("facts"), 0, 0}, event.wraps[0]);
    }

    void dossier_changed() {
        DossierRow row = dossier(entry_of(event));
        row.facts = payload.at("facts");
        static_cast<void>(records::dossier_from_json(row.facts));
        put_dossier(row);
    }

    void sheet_written() {
        const auto keys = lookup.dossier_keys(entry_of(event));
        if (!keys) unreadable(event);
        const Json& sheet = payload.at("sheet");
        static_cast<void>(records::sheet_from_json(sheet));
        const Bytes name = rows.sheet_name(*keys);
        changes.put(table::sheets, name,
                    rows.seal_dossier(table::sheets, name, *keys, sheet.dump()));
    }

    /// Adds a link from the subject dossier; the object's wrap for it is the event's only one.
    void add_link(DossierRow row, const DocumentId& document, const ObjectId& object,
                  const Sha256Digest& sha256) {
        const std::uint32_t ordinal = row.next++;
        ++row.documents;
        const Bytes name = rows.link_name(row.keys, ordinal);
        const Json link = {{"document", to_text(document)}, {"object", to_text(object)}};
        changes.insert(
            table::links, name,
            join(event.wraps.at(0), rows.seal_dossier(table::links, name, row.keys, link.dump())));
        const Bytes imprint = rows.imprint_name(row.keys, sha256);
        if (!changes.find(table::imprints, imprint))
            changes.put(table::imprints, imprint,
                        rows.seal_dossier(table::imprints, imprint, row.keys, to_text(document)));
        Place place = lookup.place(object).value_or(Place{document, {}});
        place.links.push_back({row.keys.entry, ordinal});
        put_place(object, place);
        put_dossier(row);
    }

    void put_place(const ObjectId& object, const Place& place) {
        changes.put(table::places, object,
                    rows.seal_special(table::places, object, encode_place(place)));
    }

    ObjectKeys wrapped_object(const DossierRow& row, const ObjectId& object) const {
        auto keys = event.wraps.size() == 1 ? rows.object_keys(row.keys, object, event.wraps[0])
                                            : std::nullopt;
        if (!keys) unreadable(event);
        return std::move(*keys);
    }

    void put_document(const ObjectKeys& keys, const DocumentRow& row) {
        static_cast<void>(records::document_from_json(row.metadata, roman_day(row.filed)));
        const Bytes name = rows.object_name(keys);
        changes.put(table::objects, name, rows.seal_object(name, keys, to_json(row).dump()));
    }

    void document_filed() {
        Json json = payload.at("document");
        json["event"] = event.header.sequence;
        const DocumentRow row = document_row_from(json);
        DossierRow in = dossier(entry_of(event));
        put_document(wrapped_object(in, row.object), row);
        if (extents != nullptr) locate(row.blob);
        add_link(std::move(in), row.document, row.object, row.sha256);
        remember_answer(row);
    }

    void locate(const BlobId& blob) {
        changes.put(table::locations, blob,
                    rows.seal_special(table::locations, blob, encode_extents(*extents)));
        for (const store::Extent& extent : *extents) {
            const std::uint64_t end = extent.offset + extent.length;
            if (end <= lookup.named_end(extent.segment)) continue;
            const Bytes name = rows.segment_end_name(extent.segment);
            const Bytes value = big_endian(end);
            changes.put(table::segments, name,
                        rows.seal_special(table::segments, name, text(value)));
        }
    }

    void remember_answer(const DocumentRow& row) {
        const auto name = from_hex(payload.at("idempotency").get<std::string>());
        if (!name || name->empty()) return;
        const Json answer = {{"sha256", to_hex(row.sha256)},
                             {"document", to_text(row.document)},
                             {"object", to_text(row.object)},
                             {"time", row.filed.value}};
        changes.put(table::idempotency, *name,
                    rows.seal_special(table::idempotency, *name, answer.dump()));
    }

    void document_linked() {
        const auto document = parse_id<DocumentId>(payload.at("document").get<std::string>());
        const auto sha256 = from_hex(payload.at("sha256").get<std::string>());
        if (!document || !sha256 || sha256->size() != 32) unreadable(event);
        Sha256Digest digest;
        std::copy(sha256->begin(), sha256->end(), digest.bytes.begin());
        add_link(dossier(entry_of(event)), *document, rows.object_of(*document), digest);
    }

    /// Another living document of the dossier with the same bytes, filed "again".
    std::optional<DocumentId> other_twin(const DossierRow& row, const Sha256Digest& sha256) const {
        for (std::uint32_t i = 0; i < row.next; ++i) {
            const auto keys = lookup.object_keys(LinkPlace{row.keys.entry, i});
            const auto other = keys ? lookup.document(*keys) : std::nullopt;
            if (other && other->sha256 == sha256) return other->document;
        }
        return std::nullopt;
    }

    /// The link becomes a nameless tombstone; which document it led to is nowhere in the dossier.
    void document_unlinked() {
        const auto entry = parse_id<EntryId>(payload.at("dossier").get<std::string>());
        const ObjectId object = object_of(event);
        auto place = lookup.place(object);
        const auto keys = lookup.object_keys(object);
        const auto document = keys ? lookup.document(*keys) : std::nullopt;
        if (!entry || !place || !document) unreadable(event);
        const auto at = std::find_if(place->links.begin(), place->links.end(),
                                     [&](const LinkPlace& link) { return link.dossier == *entry; });
        if (at == place->links.end()) unreadable(event);
        DossierRow row = dossier(*entry);
        const Bytes name = rows.link_name(row.keys, at->ordinal);
        changes.put(table::links, name,
                    join(Bytes(journal::wrap_bytes, 0),
                         rows.seal_dossier(table::links, name, row.keys, "{}")));
        const Bytes imprint = rows.imprint_name(row.keys, document->sha256);
        if (lookup.twin_in(row.keys, document->sha256) == document->document) {
            if (const auto twin = other_twin(row, document->sha256))
                changes.put(table::imprints, imprint,
                            rows.seal_dossier(table::imprints, imprint, row.keys, to_text(*twin)));
            else
                changes.erase(table::imprints, imprint);
        }
        place->links.erase(at);
        put_place(object, *place);
        --row.documents;
        put_dossier(row);
    }

    void document_corrected() {
        const auto keys = lookup.object_keys(object_of(event));
        auto row = keys ? lookup.document(*keys) : std::nullopt;
        if (!row) unreadable(event);
        row->metadata = payload.at("metadata");
        ++row->version;
        put_document(*keys, *row);
    }

    void segment_closed() {
        const Bytes name = Encoder().u32(payload.at("segment").get<std::uint32_t>()).bytes();
        const Json value = {{"bytes", payload.at("bytes")}, {"sha256", to_hex(event.content)}};
        changes.put(table::segments, name, rows.seal_special(table::segments, name, value.dump()));
    }

    void epoch_switched() {
        const auto keyring = from_hex(payload.at("keyring").get<std::string>());
        if (!keyring || keyring->size() != 32) unreadable(event);
        const Bytes name = rows.epoch_name();
        const Bytes value =
            Encoder().u32(payload.at("epoch").get<std::uint32_t>()).raw(*keyring).bytes();
        changes.put(table::counters, name, rows.seal_special(table::counters, name, text(value)));
    }

    /// A refused file changes nothing; an event of before the text was kept has none.
    void rules_loaded() {
        if (event.header.outcome == journal::Outcome::refused || !payload.contains("text")) return;
        const Bytes name = rows.rules_name();
        changes.put(table::counters, name,
                    rows.seal_special(table::counters, name,
                                      payload.at("text").get_ref<const std::string&>()));
    }

    void counters_stepped() {
        for (const journal::CounterStep& step : event.header.counters) {
            const Bytes name = rows.counter_name(step.series, step.year);
            const Bytes value = big_endian(step.value);
            changes.put(table::counters, name,
                        rows.seal_special(table::counters, name, text(value)));
        }
    }

    void rows_changed() {
        switch (event.header.action) {
            case Action::rules_loaded: return rules_loaded();
            case Action::account_created:
            case Action::account_changed: return account_written();
            case Action::login_succeeded:
            case Action::login_failed: return login_counted();
            case Action::dossier_opened: return dossier_opened();
            case Action::dossier_changed:
            case Action::glass_broken:
            case Action::glass_reviewed: return dossier_changed();
            case Action::sheet_written: return sheet_written();
            case Action::document_filed: return document_filed();
            case Action::document_linked: return document_linked();
            case Action::document_unlinked: return document_unlinked();
            case Action::document_corrected: return document_corrected();
            case Action::segment_closed: return segment_closed();
            case Action::epoch_switched: return epoch_switched();
            case Action::proposal_made:
            case Action::proposal_approved:
            case Action::proposal_refused:
            case Action::proposal_cancelled:
            case Action::proposal_expired: return proposal_written();
            default: return;  // Facts of the journal alone.
        }
    }
};

void Projection::apply(store::Changes& changes, const OpenedEvent& event,
                       const std::vector<store::Extent>* extents) const {
    try {
        Step step(rows_, changes, event, extents);
        step.counters_stepped();  // A number given out outlives what it numbered.
        if (!event.payload_destroyed) step.rows_changed();
    } catch (const Json::exception&) {
        unreadable(event);
    }
}

std::optional<BlobId> filed_blob(const OpenedEvent& event) {
    if (event.header.action != Action::document_filed || event.payload_destroyed)
        return std::nullopt;
    const Json payload = Json::parse(event.payload, nullptr, false);
    if (payload.is_discarded() || !payload.contains("document")) return std::nullopt;
    return parse_id<BlobId>(payload.at("document").value("blob", ""));
}

std::optional<OpenedEvent> open_event(const Lookup& lookup, std::uint64_t sequence,
                                      const journal::StoredEvent& stored) {
    const Rows& rows = lookup.rows();
    auto header = journal::open_header(rows.keys(), sequence, stored);
    if (!header) return std::nullopt;
    OpenedEvent event{std::move(*header), {}, false, {}, stored.statement, stored.content};
    for (const BytesView wrap : stored.wraps()) event.wraps.push_back(copy(wrap));
    const EntryId entry = entry_of(event);
    SharedKey key;
    BytesView key_id = event.header.subject;
    EntryId year_id;
    if (event.header.payload_key == journal::PayloadKey::system) {
        const auto id = rows.keys().find(crypto::EntryKind::system_year, stored.year);
        auto year = id ? rows.keys().key(*id) : std::nullopt;
        if (!year) return std::nullopt;
        year_id = *id;
        key_id = year_id;
        key = std::make_shared<const crypto::SealingKey>(std::move(*year));
    } else if (event.header.payload_key == journal::PayloadKey::dossier) {
        if (event.header.action == Action::dossier_opened && event.wraps.size() == 1) {
            if (auto keys = rows.dossier_keys(entry, event.wraps[0])) key = keys->m;
        } else if (auto row = lookup.dossier(entry)) {
            key = row->keys.m;
        }
    } else if (event.header.subject_kind == journal::SubjectKind::dossier) {
        const auto row = lookup.dossier(entry);
        auto keys = row && event.wraps.size() == 1
                        ? rows.object_keys(row->keys, ObjectId{}, event.wraps[0])
                        : std::nullopt;
        if (keys) key = keys->records;
    } else if (auto keys = lookup.object_keys(object_of(event))) {
        key = keys->records;
    }
    if (!key) {
        // Only a tombstone says that a key was destroyed: a wrap that a living key does not open is
        // damage, and what it stands for must not seem to have been destroyed.
        const auto info = rows.keys().info(entry);
        if (event.header.subject_kind == journal::SubjectKind::dossier &&
            (!info || info->state == crypto::EntryState::living))
            return std::nullopt;
        event.payload_destroyed = true;
        return event;
    }
    const auto padded = crypto::open_record(
        *key,
        journal::payload_context(rows.vault(), big_endian(sequence), event.header.action, key_id),
        stored.payload);
    auto payload = padded ? journal::unpad_payload(*padded) : std::nullopt;
    if (!payload) return std::nullopt;
    event.payload = std::move(*payload);
    return event;
}

}  // namespace custode::catalogue
