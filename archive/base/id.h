// archive/base/id.h
#pragma once

#include "archive/base/bytes.h"

#include <algorithm>
#include <optional>
#include <string>

namespace custode {

/// Sixteen random bytes that name one thing of kind `Of` for ever; never reused, never derived
/// from what it names.  Written as a UUID (RFC 9562, version 4), lower case.
template <class Of>
struct Id {
    static constexpr std::size_t bytes_count = 16;

    std::array<std::uint8_t, bytes_count> bytes{};

    bool is_nil() const { return bytes == std::array<std::uint8_t, bytes_count>{}; }
    operator BytesView() const { return bytes; }  // NOLINT(google-explicit-constructor)
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using VaultId = Id<struct VaultTag>;
using EntryId = Id<struct KeyringEntryTag>;  ///< Of a keyring entry; for a dossier its pseudonym.
using DossierId = Id<struct DossierTag>;
using DocumentId = Id<struct DocumentTag>;  ///< Public id of a document, in URLs and receipts.
using ObjectId = Id<struct ObjectTag>;      ///< Pseudonym of an object in journal headers.
using BlobId = Id<struct BlobTag>;          ///< Name of an object's ciphertext in the segments.
using AccountId = Id<struct AccountTag>;
using BreakId = Id<struct BreakTag>;        ///< Of a dossier opened in an emergency.
using SessionId = Id<struct SessionTag>;    ///< Of a session, for its owner; no token.
using ProposalId = Id<struct ProposalTag>;  ///< Of what awaits a second person.

namespace detail {
std::string uuid_text(BytesView sixteen);
bool parse_uuid(std::string_view text, std::array<std::uint8_t, 16>& into);
}  // namespace detail

template <class Of>
std::string to_text(const Id<Of>& id) {
    return detail::uuid_text(id);
}

/// The id written as `text`, or nothing when it is not a lower-case canonical UUID.
template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
    IdType id;
    if (!detail::parse_uuid(text, id.bytes)) return std::nullopt;
    return id;
}

/// Reads an id from exactly sixteen bytes.
template <class IdType>
std::optional<IdType> id_from(BytesView bytes) {
    if (bytes.size() != IdType::bytes_count) return std::nullopt;
    IdType id;
    std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
    return id;
}

}  // namespace custode
