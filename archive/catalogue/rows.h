// archive/catalogue/rows.h
#pragma once

#include "archive/catalogue/tables.h"
#include "archive/crypto/keys.h"
#include "archive/crypto/record.h"
#include "archive/store/segments.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace custode::catalogue {

using SharedKey = std::shared_ptr<const crypto::SealingKey>;

/// The keys of one dossier while it is worked on: D wraps, M seals its facts.
struct DossierKeys {
    EntryId entry;
    SharedKey d;
    SharedKey m;
};

/// The keys of one object: O_x itself and the key of the records about it.
struct ObjectKeys {
    ObjectId object;
    std::shared_ptr<const crypto::ObjectKey> o;
    SharedKey records;
};

/// One way to a document: the `ordinal`-th of a dossier.
struct LinkPlace {
    EntryId dossier;
    std::uint32_t ordinal = 0;
    friend auto operator<=>(const LinkPlace&, const LinkPlace&) = default;
};

/// How rows are named, sealed and opened.  Knows no transaction and keeps nothing but keys.
///
/// Errors   open_…() throw Error(corrupt, "vault.row_damaged") when a row does not authenticate.
/// Threads  Any.
/// Source   FORMAT.md §3.
class Rows {
public:
    explicit Rows(const crypto::KeyService& keys);

    const crypto::KeyService& keys() const { return keys_; }
    const VaultId& vault() const { return keys_.vault(); }

    // Names.  All are keyed digests: nobody without keys can tell what a row is about.
    Bytes account_name(std::string_view canonical_name) const;
    ObjectId object_of(const DocumentId& document) const;
    Bytes link_name(const DossierKeys& dossier, std::uint32_t ordinal) const;
    Bytes sheet_name(const DossierKeys& dossier) const;
    Bytes object_name(const ObjectKeys& object) const;
    Bytes imprint_name(const DossierKeys& dossier, const Sha256Digest& impronta) const;
    Bytes idempotency_name(const AccountId& account, std::string_view route,
                           std::string_view key) const;
    Bytes counter_name(std::string_view series, std::uint32_t year) const;
    Bytes epoch_name() const;                             ///< In counters: which epoch it is.
    Bytes rules_name() const;                             ///< In counters: the rules in force.
    Bytes segment_end_name(std::uint32_t segment) const;  ///< In segments: how far it is named.

    // Keys.
    std::optional<DossierKeys> dossier_keys(const EntryId& entry, BytesView wrap) const;
    DossierKeys new_dossier(const EntryId& entry, Bytes& wrap) const;
    std::optional<ObjectKeys> object_keys(const DossierKeys& dossier, const ObjectId& object,
                                          BytesView wrap) const;
    ObjectKeys new_object(const ObjectId& object) const;
    Bytes wrap_object(const DossierKeys& dossier, const ObjectKeys& object) const;

    // Values.  `year` rows carry the year of the Y that sealed them in front.
    Bytes seal_system(store::Table table, BytesView name, std::uint16_t year,
                      std::string_view value) const;
    std::string open_system(store::Table table, BytesView name, BytesView row) const;
    /// Under one of the vault's special keys (places, segments, idempotency).
    Bytes seal_special(store::Table table, BytesView name, std::string_view value) const;
    std::string open_special(store::Table table, BytesView name, BytesView row) const;
    Bytes seal_dossier(store::Table table, BytesView name, const DossierKeys& dossier,
                       std::string_view value) const;
    std::string open_dossier(store::Table table, BytesView name, const DossierKeys& dossier,
                             BytesView sealed) const;
    Bytes seal_object(BytesView name, const ObjectKeys& object, std::string_view value) const;
    std::string open_object(BytesView name, const ObjectKeys& object, BytesView sealed) const;

private:
    const crypto::SealingKey& special(store::Table table) const;
    const EntryId& special_id(store::Table table) const;

    struct Special {
        EntryId id;
        crypto::SealingKey key;
    };
    const crypto::KeyService& keys_;
    Special places_;
    Special segments_;
    Special idempotency_;
};

/// The key with which a row begins that wraps another (dossiers, links): 104 bytes of wrap, then
/// the sealed value.
struct WrappedRow {
    BytesView wrap;
    BytesView sealed;
};
std::optional<WrappedRow> split(BytesView row);
Bytes join(BytesView wrap, BytesView sealed);
bool is_zero(BytesView wrap);  ///< A tombstone's wrap.

std::string encode_extents(const std::vector<store::Extent>& extents);
std::optional<std::vector<store::Extent>> decode_extents(std::string_view bytes);

struct Place {
    DocumentId document;
    std::vector<LinkPlace> links;
};
std::string encode_place(const Place& place);
std::optional<Place> decode_place(std::string_view bytes);

}  // namespace custode::catalogue
