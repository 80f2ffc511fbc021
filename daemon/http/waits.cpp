#include "daemon/http/waits.h"

#include "archive/base/guard.h"

#include <sys/socket.h>

#include <algorithm>

namespace custode::daemon {

Waits::Place::Place(Waits& waits, const Waiter& waiter) : waits_(waits) {
    {
        const Lock lock(waits.mutex_);
        at_ = waits.waiters_.insert(waits.waiters_.end(), waiter);
        ++waits.by_address_[waiter.address];
        ++waits.uncut_;
        if (waits.uncut_ > waits.most_) waits.cut_slowest();
        waits.count_.store(waits.waiters_.size());
    }
    if (waits.on_begin_) waits.on_begin_();
}

Waits::Place::~Place() {
    const Lock lock(waits_.mutex_);
    if (!at_->is_cut) waits_.forget(*at_);
    waits_.waiters_.erase(at_);
    waits_.count_.store(waits_.waiters_.size());
}

bool Waits::Place::is_cut() const {
    const Lock lock(waits_.mutex_);
    return at_->is_cut;
}

void Waits::forget(const Waiter& waiter) {
    const auto found = by_address_.find(waiter.address);
    if (--found->second == 0) by_address_.erase(found);
    --uncut_;
}

void Waits::cut_slowest() {
    auto slowest = waiters_.end();
    std::size_t crowd = 0;
    for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
        if (it->is_cut) continue;
        const std::size_t own = by_address_.find(it->address)->second;
        if (own < crowd || (own == crowd && it->until >= slowest->until)) continue;
        slowest = it;
        crowd = own;
    }
    slowest->is_cut = true;
    forget(*slowest);
    // Wakes its thread.  The descriptor is still open: the thread leaves its place before it closes
    // it, and for that it needs our lock.  Who only reads can still be told why.
    ::shutdown(slowest->descriptor, slowest->sends ? SHUT_RDWR : SHUT_RD);
}

std::size_t Waits::count() const {
    return stands(Guard::thread_shares) ? std::min(count_.load(), most_) : 0;
}

}  // namespace custode::daemon
