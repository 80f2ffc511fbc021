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
    std::size_t& count = counts_[key];
    if (count >= per_address_max_) return {Answer::address_full, {}};
    ++count;
    ++total_;
    return {Answer::admitted, Ticket(this, Leave{std::move(key)})};
}

void Census::leave(const std::string& key) {
    const Lock lock(mutex_);
    const auto found = counts_.find(key);
    if (--found->second == 0) counts_.erase(found);
    --total_;
}

std::size_t Census::total() const {
    const Lock lock(mutex_);
    return total_;
}

}  // namespace custode::daemon
