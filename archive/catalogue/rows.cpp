#include "archive/catalogue/rows.h"

#include "archive/base/codec.h"
#include "archive/base/guard.h"
#include "archive/journal/event.h"

namespace custode::catalogue {
namespace {

constexpr std::uint32_t extents_max = 1U << 24U;
constexpr std::uint32_t links_max = 1U << 16U;

crypto::RecordContext context(const VaultId& vault, store::Table table, BytesView name,
                              BytesView key_id) {
    return {.vault = vault, .table = table_names()[table.index], .key = name, .key_id = key_id};
}

[[noreturn]] void damaged(store::Table table) {
    throw Error(ErrorCode::corrupt, "vault.row_damaged",
                "could not open a row of table " + table_names()[table.index]);
}

std::string opened(std::optional<Bytes> plain, store::Table table) {
    if (!plain) damaged(table);
    return std::string(text(*plain));
}

Bytes name_bytes(const std::array<std::uint8_t, 16>& name) { return {name.begin(), name.end()}; }

SharedKey share(crypto::SealingKey key) {
    return std::make_shared<const crypto::SealingKey>(std::move(key));
}

EntryId special_entry(const crypto::KeyService& keys, crypto::EntryKind kind) {
    const auto id = keys.find(kind);
    if (!id) throw Error(ErrorCode::corrupt, "keyring.damaged", "could not find a special key");
    return *id;
}

crypto::SealingKey special_key(const crypto::KeyService& keys, crypto::EntryKind kind) {
    auto key = keys.key(special_entry(keys, kind));
    if (!key) throw Error(ErrorCode::corrupt, "keyring.damaged", "could not open a special key");
    return std::move(*key);
}

}  // namespace

Rows::Rows(const crypto::KeyService& keys)
    : keys_(keys),
      places_{special_entry(keys, crypto::EntryKind::places),
              special_key(keys, crypto::EntryKind::places)},
      segments_{special_entry(keys, crypto::EntryKind::segments),
                special_key(keys, crypto::EntryKind::segments)},
      idempotency_{special_entry(keys, crypto::EntryKind::idempotency),
                   special_key(keys, crypto::EntryKind::idempotency)} {}

Bytes Rows::account_name(std::string_view canonical_name) const {
    return name_bytes(crypto::keyed_name(places_.key, {view("account"), view(canonical_name)}));
}

ObjectId Rows::object_of(const DocumentId& document) const {
    return {crypto::keyed_name(places_.key, {view("object"), document})};
}

Bytes Rows::sheet_name(const DossierKeys& dossier) const {
    return name_bytes(crypto::keyed_name(*dossier.m, {view("sheet")}));
}

Bytes Rows::link_name(const DossierKeys& dossier, std::uint32_t ordinal) const {
    if (!stands(Guard::blind_names)) {
        return Encoder().raw(BytesView(dossier.entry).first(12)).u32(ordinal).bytes();
    }
    return name_bytes(
        crypto::keyed_name(*dossier.m, {view("link"), Encoder().u32(ordinal).bytes()}));
}

Bytes Rows::object_name(const ObjectKeys& object) const {
    return name_bytes(crypto::keyed_name(*object.records, {view("object")}));
}

Bytes Rows::imprint_name(const DossierKeys& dossier, const Sha256Digest& impronta) const {
    return name_bytes(crypto::keyed_name(*dossier.m, {view("imprint"), impronta}));
}

Bytes Rows::idempotency_name(const AccountId& account, std::string_view route,
                             std::string_view key) const {
    const Blake2Digest digest =
        crypto::keyed_digest(idempotency_.key, {account, view(route), view(key)});
    return {digest.bytes.begin(), digest.bytes.end()};
}

Bytes Rows::counter_name(std::string_view series, std::uint32_t year) const {
    return name_bytes(crypto::keyed_name(
        places_.key, {view("counter"), view(series), Encoder().u32(year).bytes()}));
}

std::optional<DossierKeys> Rows::dossier_keys(const EntryId& entry, BytesView wrap) const {
    auto d = keys_.key(entry);
    if (!d) return std::nullopt;
    auto m = crypto::unwrap<crypto::SealsRecords>(
        *d, journal::wrap_context(vault(), view("dossier"), entry), wrap);
    if (!m) damaged(table::dossiers);
    return DossierKeys{entry, share(std::move(*d)), share(std::move(*m))};
}

DossierKeys Rows::new_dossier(const EntryId& entry, Bytes& wrap) const {
    auto d = keys_.key(entry);
    require(d.has_value(), "a fresh keyring entry lives");
    auto m = crypto::SealingKey::random();
    wrap = crypto::wrap(*d, journal::wrap_context(vault(), view("dossier"), entry), m);
    return {entry, share(std::move(*d)), share(std::move(m))};
}

std::optional<ObjectKeys> Rows::object_keys(const DossierKeys& dossier, const ObjectId& object,
                                            BytesView wrap) const {
    auto o = crypto::unwrap<crypto::SealsOneObject>(
        *dossier.d, journal::wrap_context(vault(), view("object"), dossier.entry), wrap);
    if (!o) return std::nullopt;
    auto records = share(crypto::records_key(*o));
    return ObjectKeys{object, std::make_shared<const crypto::ObjectKey>(std::move(*o)),
                      std::move(records)};
}

ObjectKeys Rows::new_object(const ObjectId& object) const {
    auto o = crypto::ObjectKey::random();
    auto records = share(crypto::records_key(o));
    return {object, std::make_shared<const crypto::ObjectKey>(std::move(o)), std::move(records)};
}

Bytes Rows::wrap_object(const DossierKeys& dossier, const ObjectKeys& object) const {
    return crypto::wrap(*dossier.d, journal::wrap_context(vault(), view("object"), dossier.entry),
                        *object.o);
}

Bytes Rows::epoch_name() const {
    return name_bytes(crypto::keyed_name(places_.key, {view("epoch")}));
}

Bytes Rows::rules_name() const {
    return name_bytes(crypto::keyed_name(places_.key, {view("rules")}));
}

Bytes Rows::segment_end_name(std::uint32_t segment) const {
    return Encoder().u32(segment).u8('e').bytes();
}

Bytes Rows::seal_system(store::Table table, BytesView name, std::uint16_t year,
                        std::string_view value) const {
    const auto id = keys_.find(crypto::EntryKind::system_year, year);
    const auto key = id ? keys_.key(*id) : std::nullopt;
    require(key.has_value(), "the year's key was made with its first event");
    const Bytes sealed = crypto::seal_record(*key, context(vault(), table, name, *id), view(value));
    return Encoder().u16(year).raw(sealed).bytes();
}

std::string Rows::open_system(store::Table table, BytesView name, BytesView row) const {
    Decoder in(row);
    const std::uint16_t year = in.u16();
    const auto id = keys_.find(crypto::EntryKind::system_year, year);
    const auto key = in.ok() && id ? keys_.key(*id) : std::nullopt;
    if (!key) damaged(table);
    return opened(crypto::open_record(*key, context(vault(), table, name, *id), in.raw(in.left())),
                  table);
}

const crypto::SealingKey& Rows::special(store::Table table) const {
    if (table == table::idempotency) return idempotency_.key;
    if (table == table::locations || table == table::segments) return segments_.key;
    return places_.key;
}

const EntryId& Rows::special_id(store::Table table) const {
    if (table == table::idempotency) return idempotency_.id;
    if (table == table::locations || table == table::segments) return segments_.id;
    return places_.id;
}

Bytes Rows::seal_special(store::Table table, BytesView name, std::string_view value) const {
    return crypto::seal_record(special(table), context(vault(), table, name, special_id(table)),
                               view(value));
}

std::string Rows::open_special(store::Table table, BytesView name, BytesView row) const {
    return opened(
        crypto::open_record(special(table), context(vault(), table, name, special_id(table)), row),
        table);
}

Bytes Rows::seal_dossier(store::Table table, BytesView name, const DossierKeys& dossier,
                         std::string_view value) const {
    return crypto::seal_record(*dossier.m, context(vault(), table, name, dossier.entry),
                               view(value));
}

std::string Rows::open_dossier(store::Table table, BytesView name, const DossierKeys& dossier,
                               BytesView sealed) const {
    return opened(
        crypto::open_record(*dossier.m, context(vault(), table, name, dossier.entry), sealed),
        table);
}

Bytes Rows::seal_object(BytesView name, const ObjectKeys& object, std::string_view value) const {
    return crypto::seal_record(*object.records,
                               context(vault(), table::objects, name, object.object), view(value));
}

std::string Rows::open_object(BytesView name, const ObjectKeys& object, BytesView sealed) const {
    return opened(
        crypto::open_record(*object.records, context(vault(), table::objects, name, object.object),
                            sealed),
        table::objects);
}

std::optional<WrappedRow> split(BytesView row) {
    if (row.size() < journal::wrap_bytes) return std::nullopt;
    return WrappedRow{row.first(journal::wrap_bytes), row.subspan(journal::wrap_bytes)};
}

Bytes join(BytesView wrap, BytesView sealed) {
    require(wrap.size() == journal::wrap_bytes, "a wrap has its size");
    return Encoder().raw(wrap).raw(sealed).bytes();
}

bool is_zero(BytesView wrap) {
    return std::all_of(wrap.begin(), wrap.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string encode_extents(const std::vector<store::Extent>& extents) {
    Encoder out;
    out.u32(static_cast<std::uint32_t>(extents.size()));
    for (const store::Extent& extent : extents)
        out.u32(extent.segment).u64(extent.offset).u64(extent.length);
    return std::string(text(out.bytes()));
}

std::optional<std::vector<store::Extent>> decode_extents(std::string_view bytes) {
    Decoder in(view(bytes));
    const std::uint32_t count = in.u32();
    if (!in.ok() || count > extents_max || in.left() != std::size_t{count} * 20)
        return std::nullopt;
    std::vector<store::Extent> extents(count);
    for (store::Extent& extent : extents) extent = {in.u32(), in.u64(), in.u64()};
    return extents;
}

std::string encode_place(const Place& place) {
    Encoder out;
    out.raw(place.document).u32(static_cast<std::uint32_t>(place.links.size()));
    for (const LinkPlace& link : place.links) out.raw(link.dossier).u32(link.ordinal);
    return std::string(text(out.bytes()));
}

std::optional<Place> decode_place(std::string_view bytes) {
    Decoder in(view(bytes));
    Place place;
    in.into(place.document.bytes);
    const std::uint32_t count = in.u32();
    if (!in.ok() || count > links_max || in.left() != std::size_t{count} * 20) return std::nullopt;
    place.links.resize(count);
    for (LinkPlace& link : place.links) {
        in.into(link.dossier.bytes);
        link.ordinal = in.u32();
    }
    return place;
}

}  // namespace custode::catalogue
