// daemon/http/census.h
#pragma once

#include "archive/base/mutex.h"

#include <map>
#include <memory>
#include <string>

namespace custode::daemon {

/// Counts connections, in all and per address, and says no in time.
///
/// An IPv6 peer is counted by its /64, which is what one subscriber commands.
///
/// Lifetime  Outlives its tickets.   Threads   Any.
class Census {
public:
    using Counts = std::map<std::string, std::size_t>;
    struct Leave {
        Counts::iterator place;
        void operator()(Census* census) const { census->leave(place); }
    };
    using Ticket = std::unique_ptr<Census, Leave>;  ///< A counted connection; it leaves by itself.

    Census(std::size_t total_max, std::size_t per_address_max)
        : total_max_(total_max), per_address_max_(per_address_max) {}

    enum class Answer { admitted, total_full, address_full };
    struct Admission {
        Answer answer;
        Ticket ticket;  ///< Empty unless admitted.
    };
    Admission admit(const std::string& address);

    std::size_t total() const;

    /// How many connections its address has now, itself among them.
    std::size_t crowd(const Ticket& ticket) const;
    std::size_t crowd(const std::string& address) const;  ///< The same of one that comes.
    /// What it is counted under; lives as long as the ticket.
    static const std::string& key(const Ticket& ticket) {
        return ticket.get_deleter().place->first;
    }

    /// What an address is counted under: itself, or its first 64 bits.
    static std::string key_of(const std::string& address);

private:
    void leave(Counts::iterator place);

    const std::size_t total_max_;
    const std::size_t per_address_max_;
    mutable Mutex mutex_;
    Counts counts_ CUSTODE_GUARDED_BY(mutex_);
    std::size_t total_ CUSTODE_GUARDED_BY(mutex_) = 0;
};

}  // namespace custode::daemon
