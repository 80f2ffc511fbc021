#pragma once

#include "archive/door.h"

#include <nlohmann/json.hpp>

#include <deque>

namespace custode::acts {

/// Finding out whose dossier there is, without reading it: the mail room has to know where a decree
/// belongs, the emergency unit whether a child is known.
///
/// Shows code, name, birth and responsible unit of what is found in any unit, and nothing else;
/// what a seal, a secrecy or a conflict of interest keeps from the caller is not found.  Each look
/// names its purpose and is an event, its query sealed; how many there may be in a minute is
/// bounded, so that nobody reads the town's children off by guessing.
///
/// Errors   (invalid_argument, "query.empty" | "query.too_long"), (busy, "locate.too_many").
/// Threads  Any.
class Locating {
public:
    static constexpr std::size_t query_bytes_max = 200;
    static constexpr std::size_t query_characters_min = 4;  ///< Two letters would list half a town.
    static constexpr std::size_t hits_max = 10;
    static constexpr std::size_t a_minute = 20;
    static constexpr std::size_t accounts_max = 10'000;

    Locating(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    struct Found {
        nlohmann::json items;
        bool has_more = false;  ///< The query has to say more.
    };
    Found locate(const Permit<Action::dossier_locate>& permit, const std::string& query);

private:
    void take_turn(const Principal& principal);

    catalogue::Ledger& ledger_;
    Door& door_;
    Mutex mutex_;
    /// When each account looked, in the last minute; boot time, ms.
    std::map<AccountId, std::deque<std::int64_t>> looks_ CUSTODE_GUARDED_BY(mutex_);
};

}  // namespace custode::acts
