// archive/acts/ceremonies.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/catalogue/ledger.h"

#include <filesystem>
#include <vector>

namespace custode::acts {

/// What is done with the keys of the whole vault, by those who hold its root.
///
/// There is no permit: the ceremony asks for the root itself, again, and is journaled.
///
/// Errors   Those of crypto::KeyService::unseal() for the root and of prepare_epoch(); whatever
///          journaling throws, and then the epoch is the former one, or is settled by the next
///          unsealing when the disk could not tell.
/// Threads  Any; one ceremony at a time.
/// Source   design §4 "Epoch switch".
class Ceremonies {
public:
    explicit Ceremonies(catalogue::Ledger& ledger) : ledger_(ledger) {}

    /// Wraps every key under a new epoch secret on `holders` (none: those there are) and makes it
    /// count by one event.  Gives the new epoch's number.
    std::uint32_t switch_epoch(const crypto::UnsealInput& root_again,
                               const std::vector<std::filesystem::path>& holders);

private:
    void settle() CUSTODE_REQUIRES(mutex_);

    catalogue::Ledger& ledger_;
    Mutex mutex_;
};

}  // namespace custode::acts
