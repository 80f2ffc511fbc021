// archive/acts/refiling.h
#pragma once

#include "archive/door.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// Mending what was filed wrongly: metadata corrected, a document moved out of a wrong dossier.
///
/// Nothing is undone: every step is an event.  After a refiling the wrong dossier keeps a nameless
/// tombstone, its readers get "missing" everywhere, and its wrap of the object's key dies at the
/// dossier's next key rotation.
///
/// Errors   (not_found, "not_found"); (conflict, "document.in_dossier" | "dossier.closed" |
///          DuplicateError); (invalid_argument, "reason.missing" | "refile.same" | "field.…").
/// Threads  Any.
class Refiling {
public:
    explicit Refiling(catalogue::Ledger& ledger) : ledger_(ledger) {}

    /// Moves the document of `from` (a permit on the document through the wrong dossier) into the
    /// dossier of `to`.  The answer lists who opened it through the wrong one, oldest first.
    nlohmann::json refile(const Permit<Action::document_refile>& from,
                          const Permit<Action::document_file>& to, const std::string& reason);

    nlohmann::json correct(const Permit<Action::document_correct>& permit,
                           const nlohmann::json& changes, const std::string& reason);

private:
    nlohmann::json readers(const ObjectId& object, const EntryId& dossier,
                           std::uint64_t since) const;

    catalogue::Ledger& ledger_;
};

}  // namespace custode::acts
