// archive/catalogue/lookup.h
#pragma once

#include "archive/base/time.h"
#include "archive/catalogue/rows.h"
#include "archive/proof/merkle.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace custode::catalogue {

/// How a row is fetched: from a transaction, or from a task's changes on top of one.
using Find = std::function<std::optional<Bytes>(store::Table, BytesView name)>;

/// A dossier as its row states it.
struct DossierRow {
    DossierKeys keys;
    nlohmann::json facts;         ///< records::DossierFacts
    std::uint32_t next = 0;       ///< Ordinal of the next link.
    std::uint32_t documents = 0;  ///< Living links.
};

/// One link of a dossier; a nameless tombstone when the document was moved away.
struct LinkRow {
    Bytes wrap;
    bool unlinked = false;
    DocumentId document;
    ObjectId object;
};

/// A document as its row states it, the same whichever dossier it is read through.
struct DocumentRow {
    DocumentId document;
    ObjectId object;
    BlobId blob;
    nlohmann::json metadata;  ///< records::DocumentMetadata
    Sha256Digest sha256;
    std::uint64_t bytes = 0;
    Millis filed;
    AccountId filed_by;
    std::array<std::uint8_t, 32> salt{};
    std::string statement;
    std::uint64_t event = 0;    ///< Sequence of document.filed.
    std::uint32_t version = 1;  ///< Of the metadata; a correction adds one.
};

/// The epoch that the journal named last, with its keyring's digest (KeyService::settle).
struct Epoch {
    std::uint32_t number = 1;
    Sha256Digest keyring;
};

nlohmann::json to_json(const DocumentRow& row);
DocumentRow document_row_from(const nlohmann::json& json);

/// Opens rows along the chain keyring → dossier → link → object.
///
/// Errors   Error(corrupt, "vault.row_damaged") when a row does not open or two rows disagree;
///          what is absent, or under a destroyed key, is an empty optional.
class Lookup {
public:
    Lookup(const Rows& rows, Find find) : rows_(rows), find_(std::move(find)) {}

    const Rows& rows() const { return rows_; }
    std::optional<DossierRow> dossier(const EntryId& entry) const;
    /// Only its keys: a third of the work where its facts are not asked for.
    std::optional<DossierKeys> dossier_keys(const EntryId& entry) const;
    std::optional<LinkRow> link(const DossierKeys& dossier, std::uint32_t ordinal) const;
    /// The emergency sheet, or nothing where none was written.
    std::optional<nlohmann::json> sheet(const DossierKeys& dossier) const;
    std::optional<Place> place(const ObjectId& object) const;
    /// The object's keys, through the link given or through any living one.
    std::optional<ObjectKeys> object_keys(const LinkPlace& through) const;
    std::optional<ObjectKeys> object_keys(const ObjectId& object) const;
    std::optional<DocumentRow> document(const ObjectKeys& keys) const;
    std::optional<DocumentId> twin_in(const DossierKeys& dossier, const Sha256Digest& sha256) const;
    std::optional<std::vector<store::Extent>> extents(const BlobId& blob) const;
    /// The last byte of a segment that a filed object lies on: what is past it was never promised.
    std::uint64_t named_end(std::uint32_t segment) const;
    std::optional<nlohmann::json> account(std::string_view canonical_name) const;
    std::optional<nlohmann::json> proposal(const ProposalId& id) const;
    std::optional<nlohmann::json> idempotency(BytesView name) const;
    /// The content digest that an event's leaf holds.
    std::optional<proof::Hash> event_content(std::uint64_t sequence) const;
    std::uint64_t counter(std::string_view series, std::uint32_t year) const;
    std::optional<std::string> rules_text() const;  ///< Of the rules that were put in force last.
    Epoch epoch() const;  ///< The first, unnamed, when no event switched it.

private:
    const Rows& rows_;
    Find find_;
};

}  // namespace custode::catalogue
