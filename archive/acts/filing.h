// archive/acts/filing.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/door.h"
#include "archive/proof/receipt.h"
#include "archive/records/document.h"

#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace custode::acts {

/// Putting documents into dossiers.
///
/// A document is filed when finish() returns and not before: its container is fdatasynced in the
/// segments, its event and rows in the catalogue, and the receipt covers them.  After a crash in
/// between nothing names the bytes that were appended; they are dropped.
///
/// Units    Bytes of the original; one byte at least.
/// Errors   begin(): (conflict, "idempotency.conflict" | "idempotency.in_flight"),
///          DuplicateError, (invalid_argument, "body.empty" | "body.too_large" | "dossier.closed" |
///          "request.key"), (full, "store.full").  Upload: (invalid_argument,
///          "body.length_mismatch" | "body.digest_mismatch"); finish() those of begin() again:
///          rights, the dossier's state and its twins may have changed while the bytes came.
/// Threads  Any; an Upload is used by one.
/// Source   design §6.
class Filing {
public:
    static constexpr std::uint64_t bytes_max = std::uint64_t{1} << 40U;
    static constexpr std::size_t again_characters_max = 500;
    static constexpr std::size_t same_bytes_max = 200;  ///< Copies that are looked at, to flag.

    Filing(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    struct Request {
        records::DocumentMetadata metadata;
        std::string again;            ///< Why the same bytes are filed again; empty: they are not.
        std::string idempotency_key;  ///< 16–64 of A–Z a–z 0–9 - _
        std::uint64_t bytes = 0;      ///< As announced.
        Sha256Digest sha256;          ///< As announced.
    };
    struct Filed {
        DocumentId document;
        DossierId dossier;
        Sha256Digest sha256;
        std::uint64_t bytes = 0;
        proof::Receipt receipt;
        std::vector<std::string> same_bytes_in;  ///< Codes of dossiers that the caller may list.
        bool replayed = false;                   ///< The answer to an earlier, equal request.
    };

    class Upload {
    public:
        /// Pieces of this size are sealed without being copied.
        static constexpr std::size_t piece_bytes = 65'504;

        ~Upload();
        void write(BytesView bytes);
        Filed finish();

    private:
        friend class Filing;
        struct State;
        explicit Upload(std::unique_ptr<State> state);
        std::unique_ptr<State> state_;
    };

    using Permission = Permit<Action::document_file>;

    /// Checks everything that can be checked before a byte is read.  `also`: the same document in
    /// further dossiers, a permit for each.
    std::variant<Filed, std::unique_ptr<Upload>> begin(const Permission& permit,
                                                       std::vector<Permission> also,
                                                       Request request);

private:
    struct Flight;  ///< A request under way, by its idempotency name.

    void check_rights(const Permission& permit);
    std::optional<Filed> earlier(const Permission& permit, const Request& request,
                                 BytesView idempotency);
    [[noreturn]] void refuse_twin(const Principal& principal, const EntryId& dossier,
                                  const DocumentId& twin) const;
    std::vector<std::string> same_bytes(const Principal& principal, const Sha256Digest& sha256,
                                        const DossierId& but, const ObjectId& own);

    catalogue::Ledger& ledger_;
    Door& door_;
    Mutex mutex_;
    std::set<Bytes> in_flight_ CUSTODE_GUARDED_BY(mutex_);
};

/// The same bytes lie in the dossier already.
class DuplicateError : public Error {
public:
    explicit DuplicateError(const DocumentId& document);
    /// Nil for who may file there and read nothing.
    const DocumentId& document() const { return document_; }

private:
    DocumentId document_;
};

}  // namespace custode::acts
