// archive/acts/searching.h
#pragma once

#include "archive/door.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// Finding dossiers and documents by what is known about them.
///
/// What the caller may not list takes no part: not in hits, ranking, counts or suggestions.  One
/// search is one event, its query sealed; the hits are named in it by pseudonym.
///
/// Errors   (invalid_argument, "query.empty" | "query.too_long").
/// Threads  Any.
class Searching {
public:
    static constexpr std::size_t query_bytes_max = 500;
    static constexpr std::size_t hits_max = 50;
    static constexpr std::size_t documents_looked_at_max = 20'000;

    Searching(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    nlohmann::json dossiers(const Permit<Action::search_dossiers>& permit,
                            const std::string& query);
    /// Documents by subject, sender, file name, proceeding number, type: in the dossiers that the
    /// query finds first, then in all that the caller may list.
    nlohmann::json documents(const Permit<Action::search_documents>& permit,
                             const std::string& query);

private:
    catalogue::Ledger& ledger_;
    Door& door_;
};

}  // namespace custode::acts
