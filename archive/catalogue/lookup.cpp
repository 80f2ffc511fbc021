#include "archive/catalogue/lookup.h"

#include "archive/base/codec.h"
#include "archive/base/encoding.h"
#include "archive/journal/event.h"

namespace custode::catalogue {
namespace {

using Json = nlohmann::json;

[[noreturn]] void disagree(store::Table table) {
    throw Error(ErrorCode::corrupt, "vault.row_damaged",
                "could not read a row of table " + table_names()[table.index] +
                    ": it is not of the form that is written");
}

/// Our own JSON, already authenticated: anything odd in it is damage.
Json parsed(const std::string& value, store::Table table) {
    Json json = Json::parse(value, nullptr, false);
    if (json.is_discarded()) disagree(table);
    return json;
}

template <class IdType>
IdType id_of(const Json& json) {
    const auto id = parse_id<IdType>(json.get<std::string>());
    if (!id) throw Error(ErrorCode::corrupt, "vault.row_damaged", "could not read an id in a row");
    return *id;
}

template <std::size_t size>
std::array<std::uint8_t, size> hex_of(const Json& json) {
    const auto bytes = from_hex(json.get<std::string>());
    if (!bytes || bytes->size() != size)
        throw Error(ErrorCode::corrupt, "vault.row_damaged", "could not read a digest in a row");
    std::array<std::uint8_t, size> array{};
    std::copy(bytes->begin(), bytes->end(), array.begin());
    return array;
}

}  // namespace

Json to_json(const DocumentRow& row) {
    return {{"document", custode::to_text(row.document)},
            {"object", custode::to_text(row.object)},
            {"blob", custode::to_text(row.blob)},
            {"metadata", row.metadata},
            {"sha256", to_hex(row.sha256)},
            {"bytes", row.bytes},
            {"filed", row.filed.value},
            {"filed_by", custode::to_text(row.filed_by)},
            {"salt", to_hex(row.salt)},
            {"statement", row.statement},
            {"event", row.event},
            {"version", row.version}};
}

DocumentRow document_row_from(const Json& json) {
    try {
        DocumentRow row;
        row.document = id_of<DocumentId>(json.at("document"));
        row.object = id_of<ObjectId>(json.at("object"));
        row.blob = id_of<BlobId>(json.at("blob"));
        row.metadata = json.at("metadata");
        row.sha256.bytes = hex_of<32>(json.at("sha256"));
        row.bytes = json.at("bytes").get<std::uint64_t>();
        row.filed.value = json.at("filed").get<std::int64_t>();
        row.filed_by = id_of<AccountId>(json.at("filed_by"));
        row.salt = hex_of<32>(json.at("salt"));
        row.statement = json.at("statement").get<std::string>();
        row.event = json.at("event").get<std::uint64_t>();
        row.version = json.at("version").get<std::uint32_t>();
        return row;
    } catch (const Json::exception&) {
        disagree(table::objects);
    }
}

std::optional<DossierRow> Lookup::dossier(const EntryId& entry) const {
    const auto row = find_(table::dossiers, entry);
    if (!row) return std::nullopt;
    const auto parts = split(*row);
    if (!parts) disagree(table::dossiers);
    auto keys = rows_.dossier_keys(entry, parts->wrap);
    if (!keys) return std::nullopt;
    const Json json =
        parsed(rows_.open_dossier(table::dossiers, entry, *keys, parts->sealed), table::dossiers);
    return DossierRow{std::move(*keys), json.at("facts"), json.at("next").get<std::uint32_t>(),
                      json.at("documents").get<std::uint32_t>()};
}

std::optional<DossierKeys> Lookup::dossier_keys(const EntryId& entry) const {
    const auto row = find_(table::dossiers, entry);
    if (!row) return std::nullopt;
    const auto parts = split(*row);
    if (!parts) disagree(table::dossiers);
    return rows_.dossier_keys(entry, parts->wrap);
}

std::optional<LinkRow> Lookup::link(const DossierKeys& dossier, std::uint32_t ordinal) const {
    const Bytes name = rows_.link_name(dossier, ordinal);
    const auto row = find_(table::links, name);
    if (!row) return std::nullopt;
    const auto parts = split(*row);
    if (!parts) disagree(table::links);
    const Json json =
        parsed(rows_.open_dossier(table::links, name, dossier, parts->sealed), table::links);
    LinkRow link;
    link.wrap = copy(parts->wrap);
    link.unlinked = is_zero(parts->wrap);
    if (link.unlinked) return link;
    // A tombstone in whose zeroes a bit flipped says no more than a tombstone does.
    if (!json.contains("document") || !json.contains("object")) disagree(table::links);
    link.document = id_of<DocumentId>(json.at("document"));
    link.object = id_of<ObjectId>(json.at("object"));
    return link;
}

std::optional<Json> Lookup::sheet(const DossierKeys& dossier) const {
    const Bytes name = rows_.sheet_name(dossier);
    const auto row = find_(table::sheets, name);
    if (!row) return std::nullopt;
    return parsed(rows_.open_dossier(table::sheets, name, dossier, *row), table::sheets);
}

std::optional<Place> Lookup::place(const ObjectId& object) const {
    const auto row = find_(table::places, object);
    if (!row) return std::nullopt;
    auto place = decode_place(rows_.open_special(table::places, object, *row));
    if (!place) disagree(table::places);
    return place;
}

std::optional<ObjectKeys> Lookup::object_keys(const LinkPlace& through) const {
    const auto dossier = dossier_keys(through.dossier);
    if (!dossier) return std::nullopt;
    const auto link = this->link(*dossier, through.ordinal);
    if (!link) {
        // No link is ever taken away: one that was moved leaves a tombstone.
        const auto row = this->dossier(through.dossier);
        if (row && through.ordinal < row->next) disagree(table::links);
    }
    if (!link || link->unlinked) return std::nullopt;
    auto keys = rows_.object_keys(*dossier, link->object, link->wrap);
    if (!keys) disagree(table::links);
    return keys;
}

std::optional<ObjectKeys> Lookup::object_keys(const ObjectId& object) const {
    const auto place = this->place(object);
    if (!place) return std::nullopt;
    for (const LinkPlace& link : place->links)
        if (auto keys = object_keys(link)) return keys;
    return std::nullopt;
}

std::optional<DocumentRow> Lookup::document(const ObjectKeys& keys) const {
    const Bytes name = rows_.object_name(keys);
    const auto row = find_(table::objects, name);
    if (!row) disagree(table::objects);  // whose key is wrapped somewhere has a row
    DocumentRow document =
        document_row_from(parsed(rows_.open_object(name, keys, *row), table::objects));
    // A wrap put under another link of the same dossier would lead to another object.
    if (document.object != keys.object) disagree(table::objects);
    return document;
}

std::optional<DocumentId> Lookup::twin_in(const DossierKeys& dossier,
                                          const Sha256Digest& sha256) const {
    const Bytes name = rows_.imprint_name(dossier, sha256);
    const auto row = find_(table::imprints, name);
    if (!row) return std::nullopt;
    const auto id = parse_id<DocumentId>(rows_.open_dossier(table::imprints, name, dossier, *row));
    if (!id) disagree(table::imprints);
    return id;
}

std::optional<std::vector<store::Extent>> Lookup::extents(const BlobId& blob) const {
    const auto row = find_(table::locations, blob);
    if (!row) return std::nullopt;
    auto extents = decode_extents(rows_.open_special(table::locations, blob, *row));
    if (!extents) disagree(table::locations);
    return extents;
}

std::uint64_t Lookup::named_end(std::uint32_t segment) const {
    const Bytes name = rows_.segment_end_name(segment);
    const auto row = find_(table::segments, name);
    if (!row) return 0;
    const auto end = from_big_endian(view(rows_.open_special(table::segments, name, *row)));
    if (!end) disagree(table::segments);
    return *end;
}

std::optional<std::string> Lookup::rules_text() const {
    const Bytes name = rows_.rules_name();
    const auto row = find_(table::counters, name);
    if (!row) return std::nullopt;
    return rows_.open_special(table::counters, name, *row);
}

Epoch Lookup::epoch() const {
    const Bytes name = rows_.epoch_name();
    const auto row = find_(table::counters, name);
    if (!row) return {};
    const std::string value = rows_.open_special(table::counters, name, *row);
    Decoder in(view(value));
    Epoch epoch;
    epoch.number = in.u32();
    in.into(epoch.keyring.bytes);
    if (!in.finished()) disagree(table::counters);
    return epoch;
}

std::optional<Json> Lookup::account(std::string_view canonical_name) const {
    const Bytes name = rows_.account_name(canonical_name);
    const auto row = find_(table::accounts, name);
    if (!row) return std::nullopt;
    return parsed(rows_.open_system(table::accounts, name, *row), table::accounts);
}

std::optional<Json> Lookup::proposal(const ProposalId& id) const {
    const auto row = find_(table::proposals, id);
    if (!row) return std::nullopt;
    return parsed(rows_.open_system(table::proposals, id, *row), table::proposals);
}

std::optional<Json> Lookup::idempotency(BytesView name) const {
    const auto row = find_(table::idempotency, name);
    if (!row) return std::nullopt;
    return parsed(rows_.open_special(table::idempotency, name, *row), table::idempotency);
}

std::optional<proof::Hash> Lookup::event_content(std::uint64_t sequence) const {
    const auto bytes = find_(table::journal, big_endian(sequence));
    const auto event = bytes ? journal::StoredEvent::decode(*bytes) : std::nullopt;
    if (!event) return std::nullopt;
    return event->content;
}

std::uint64_t Lookup::counter(std::string_view series, std::uint32_t year) const {
    const Bytes name = rows_.counter_name(series, year);
    const auto row = find_(table::counters, name);
    if (!row) return 0;
    const auto value = from_big_endian(view(rows_.open_special(table::counters, name, *row)));
    if (!value) disagree(table::counters);
    return *value;
}

}  // namespace custode::catalogue
