// archive/acts/reading.h
#pragma once

#include "archive/door.h"
#include "archive/proof/receipt.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace custode::acts {

/// Showing what is in dossiers.
///
/// Everything here takes a permit whose disclosure is durable already, or journals what a list
/// shows before it gives it out.
///
/// Errors   (not_found, "not_found"); (invalid_argument, "range.unsatisfiable"); (corrupt,
///          "object.damaged" | "segments.damaged" | "vault.row_damaged").
/// Threads  Any.
class Reading {
public:
    static constexpr std::size_t items_max = 200;
    static constexpr std::size_t looked_at_max = 5'000;  ///< For one page of list_all().

    Reading(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    struct Page {
        nlohmann::json items = nlohmann::json::array();
        std::string next;  ///< Empty at the end.
    };

    /// The documents of one dossier in order of filing, `after` an ordinal as a cursor.
    Page list(const Permit<Action::document_list>& permit, const std::string& cursor,
              std::size_t limit, bool only_incomplete);
    /// The same over every dossier that the account may list.  A page may be short, or empty, and
    /// still have a next one: a request looks at so many documents and no more.
    Page list_all(const Permit<Action::document_list>& permit, const std::string& cursor,
                  std::size_t limit, bool only_incomplete);
    nlohmann::json show(const Permit<Action::document_list>& permit);

    /// An open original.  Chunks are opened as they are asked for, so that memory is bounded.
    class Content {
    public:
        std::uint64_t size() const;
        const Sha256Digest& sha256() const;
        std::string file_name() const;
        std::string media_type() const;  ///< As claimed; never trusted to show anything inline.
        /// Gives bytes [from, to) to `sink`, chunk by chunk.
        void stream(std::uint64_t from, std::uint64_t to,
                    const std::function<void(BytesView)>& sink) const;

    private:
        friend class Reading;
        struct State;
        std::shared_ptr<State> state_;
    };
    Content content(const Permit<Action::document_read>& permit);
    /// Says in the journal how much of an opened disclosure was sent; without it all counts as
    /// read.
    void close(const Permit<Action::document_read>& permit, const Content& content,
               std::uint64_t from, std::uint64_t to);
    /// For an export, whose permit covers the dossier and whose event names the document.
    Content content(const Permit<Action::export_court>& permit, const catalogue::LinkPlace& link);

    proof::Receipt proof(const Permit<Action::document_proof>& permit);

private:
    Content open(const catalogue::LinkPlace& link);

    catalogue::Ledger& ledger_;
    Door& door_;
};

/// DOCUMENT of the API: metadata, what the vault adds, and what is still missing.
nlohmann::json document_json(catalogue::Ledger& ledger, const catalogue::DocumentRow& row,
                             const DossierId& dossier);

}  // namespace custode::acts
