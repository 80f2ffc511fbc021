// What clang must refuse: check_locks.py compiles it once with each mistake and once with none.
#include "archive/base/mutex.h"

#include <memory>

using custode::Condition;
using custode::Lock;
using custode::Mutex;
using custode::ReadLock;
using custode::SharedMutex;
using custode::WriteLock;

struct State {
    Mutex mutex;
    Condition changed;
    int count CUSTODE_GUARDED_BY(mutex) = 0;
    SharedMutex shared;
    int fact CUSTODE_GUARDED_BY(shared) = 0;

    void more() CUSTODE_REQUIRES(mutex) { ++count; }
};

class User {
public:
    int right() const {
        Lock lock(state_->mutex);
        state_->changed.wait(lock,
                             [&]() CUSTODE_REQUIRES(state_->mutex) { return state_->count > 0; });
        state_->more();
        lock.unlock();
        lock.lock();
        const ReadLock reading(state_->shared);
        return state_->count + state_->fact;
    }
    void right_too() {
        if (!state_->mutex.try_lock()) return;
        const Lock lock(state_->mutex, std::adopt_lock);
        const WriteLock writing(state_->shared);
        state_->fact = state_->count;
    }

    void wrong() {
#if MISTAKE == 1  // read without the lock
        [[maybe_unused]] const int seen = state_->count;
#elif MISTAKE == 2  // written by one of many readers
        const ReadLock reading(state_->shared);
        state_->fact = 1;
#elif MISTAKE == 3  // called without the lock that it needs
        state_->more();
#elif MISTAKE == 4  // after letting go
        Lock lock(state_->mutex);
        lock.unlock();
        state_->count = 1;
#elif MISTAKE == 5  // under another lock
        const WriteLock writing(state_->shared);
        state_->count = 1;
#elif MISTAKE == 6  // locked twice
        const Lock lock(state_->mutex);
        const Lock again(state_->mutex);
#endif
    }

private:
    std::unique_ptr<State> state_ = std::make_unique<State>();
};

int main() {
    User user;
    user.right_too();
    user.wrong();
}
