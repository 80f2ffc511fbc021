#include "daemon/http/census.h"

#include <Poco/Net/IPAddress.h>

#include <string_view>

namespace custode::daemon {

std::string Census::key_of(const std::string& address) {
    const Poco::Net::IPAddress parsed(address);
    if (parsed.family() != Poco::Net::IPAddress::IPv6 || parsed.isIPv4Mapped()) return address;
    constexpr std::size_t prefix_bytes = 8;
    return {static_cast<const char*>(parsed.addr()), prefix_bytes};
}

Census::Admission Census::admit(const std::string& address) {
    std::string key = key_of(address);
    const Lock lock(mutex_);
    if (total_ >= total_max_) return {Answer::total_full, {}};
    const auto place = counts_.try_emplace(std::move(key), 0).first;
    if (place->second >= per_address_max_) return {Answer::address_full, {}};
    ++place->second;
    ++total_;
    return {Answer::admitted, Ticket(this, Leave{place})};
}

void Census::leave(Counts::iterator place) {
    const Lock lock(mutex_);
    if (--place->second == 0) counts_.erase(place);
    --total_;
}

std::size_t Census::crowd(const Ticket& ticket) const {
    const Lock lock(mutex_);
    return ticket.get_deleter().place->second;
}

std::size_t Census::crowd(const std::string& address) const {
    const Lock lock(mutex_);
    const auto found = counts_.find(key_of(address));
    return found == counts_.end() ? 0 : found->second;
}

std::size_t Census::total() const {
    const Lock lock(mutex_);
    return total_;
}

}  // namespace custode::daemon
