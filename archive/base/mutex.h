// archive/base/mutex.h
#pragma once

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

/// What clang's thread-safety analysis reads (preset clang, -Wthread-safety); for g++ they are
/// nothing.  A field says which lock guards it, a function which lock its caller holds, and a use
/// without that lock does not compile.
/// Source    clang 14, "Thread Safety Analysis".
#if defined(__clang__)
#define CUSTODE_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define CUSTODE_THREAD_SAFETY(attribute)
#endif
#define CUSTODE_GUARDED_BY(mutex) CUSTODE_THREAD_SAFETY(guarded_by(mutex))
#define CUSTODE_REQUIRES(mutex) CUSTODE_THREAD_SAFETY(requires_capability(mutex))
#define CUSTODE_REQUIRES_SHARED(mutex) CUSTODE_THREAD_SAFETY(requires_shared_capability(mutex))
/// The analysis cannot follow what this function does; why it is right stands beside it.
#define CUSTODE_UNCHECKED CUSTODE_THREAD_SAFETY(no_thread_safety_analysis)

namespace custode {

/// std::mutex, known to the analysis.
class CUSTODE_THREAD_SAFETY(capability("mutex")) Mutex {
public:
    void lock() CUSTODE_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
    void unlock() CUSTODE_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
    bool try_lock() CUSTODE_THREAD_SAFETY(try_acquire_capability(true)) {
        return mutex_.try_lock();
    }

private:
    friend class Lock;
    std::mutex mutex_;
};

/// std::shared_mutex, known to the analysis; held by ReadLock and WriteLock.
class CUSTODE_THREAD_SAFETY(capability("mutex")) SharedMutex {
private:
    friend class ReadLock;
    friend class WriteLock;
    std::shared_mutex mutex_;
};

/// Holds a Mutex for its scope; may let go of it in between.
class CUSTODE_THREAD_SAFETY(scoped_lockable) Lock {
public:
    explicit Lock(Mutex& mutex) CUSTODE_THREAD_SAFETY(acquire_capability(mutex))
        : lock_(mutex.mutex_) {}
    /// Of a mutex that try_lock() has taken already.
    Lock(Mutex& mutex, std::adopt_lock_t adopt) CUSTODE_REQUIRES(mutex)
        : lock_(mutex.mutex_, adopt) {}
    ~Lock() CUSTODE_THREAD_SAFETY(release_capability()) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() CUSTODE_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }
    void unlock() CUSTODE_THREAD_SAFETY(release_capability()) { lock_.unlock(); }

private:
    friend class Condition;
    std::unique_lock<std::mutex> lock_;
};

/// Shares a SharedMutex with other readers for its scope.
class CUSTODE_THREAD_SAFETY(scoped_lockable) ReadLock {
public:
    explicit ReadLock(SharedMutex& mutex) CUSTODE_THREAD_SAFETY(acquire_shared_capability(mutex))
        : lock_(mutex.mutex_) {}
    ~ReadLock() CUSTODE_THREAD_SAFETY(release_capability()) {}
    ReadLock(const ReadLock&) = delete;
    ReadLock& operator=(const ReadLock&) = delete;

private:
    std::shared_lock<std::shared_mutex> lock_;
};

/// Holds a SharedMutex alone for its scope.
class CUSTODE_THREAD_SAFETY(scoped_lockable) WriteLock {
public:
    explicit WriteLock(SharedMutex& mutex) CUSTODE_THREAD_SAFETY(acquire_capability(mutex))
        : lock_(mutex.mutex_) {}
    ~WriteLock() CUSTODE_THREAD_SAFETY(release_capability()) {}
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

private:
    std::unique_lock<std::shared_mutex> lock_;
};

/// std::condition_variable, waited on with a Lock.  A predicate that looks at guarded fields is
/// `[…]() CUSTODE_REQUIRES(mutex) { … }`: it is called with the lock held.
class Condition {
public:
    void wait(Lock& lock) { condition_.wait(lock.lock_); }
    template <class Done>
    void wait(Lock& lock, Done done) {
        condition_.wait(lock.lock_, done);
    }
    /// Whether it is done, after `time` at the latest.
    template <class Time, class Done>
    bool wait_for(Lock& lock, Time time, Done done) {
        return condition_.wait_for(lock.lock_, time, done);
    }
    void notify_one() { condition_.notify_one(); }
    void notify_all() { condition_.notify_all(); }

private:
    std::condition_variable condition_;
};

}  // namespace custode
