#include "archive/crypto/password.h"

#include "archive/base/error.h"
#include "archive/base/guard.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <semaphore>
#include <thread>

namespace custode::crypto {
namespace {

constexpr unsigned long long passes = 3;
constexpr std::size_t memory_bytes = std::size_t{64} << 20U;
constexpr std::size_t password_bytes_max = 1024;
constexpr std::chrono::seconds wait_max{1};
constexpr int niceness = 5;  // a third of the weight of who answers

std::counting_semaphore<hashes_at_once> places{hashes_at_once};

/// One of the places at the hash; without the bound, a flood of logins would take 64 MiB each.
class Place {
public:
    Place() {
        if (stands(Guard::few_hashes) && !places.try_acquire_for(wait_max))
            throw Error(ErrorCode::busy, "login.busy",
                        "could not check a password within a second");
    }
    ~Place() {
        if (stands(Guard::few_hashes)) places.release();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
};

void hash_into(const SealingKey& pepper, const std::string& password, PasswordHash& result) {
    if (password.size() > password_bytes_max)
        throw Error(ErrorCode::invalid_argument, "password.too_long",
                    "could not use a password of more than 1,024 bytes");
    detail::WideSecret peppered;  // a stolen table of hashes is useless without the pepper
    detail::KeyedBlake2(pepper.view(), detail::Arena::slot_bytes, "custode/pwd/v1")
        .raw(view(password))
        .finish({peppered.data(), detail::Arena::slot_bytes});
    const Place place;
    int done = -1;
    // In a thread of its own, since only who is about to end may yield to others for good: those
    // who are signed in go before those who guess.
    std::jthread([&] {
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
        done = crypto_pwhash(result.hash.data(), result.hash.size(),
                             reinterpret_cast<const char*>(peppered.view().data()),
                             detail::Arena::slot_bytes, result.salt.data(), passes, memory_bytes,
                             crypto_pwhash_ALG_ARGON2ID13);
    }).join();
    if (done != 0)
        throw Error(ErrorCode::busy, "login.busy", "could not have the memory to check a password");
}

}  // namespace

PasswordHash hash_password(const SealingKey& pepper, const std::string& password) {
    PasswordHash result;
    fill_random(result.salt);
    hash_into(pepper, password, result);
    return result;
}

bool verify_password(const SealingKey& pepper, const std::string& password,
                     const PasswordHash& expected) {
    PasswordHash tried;
    tried.salt = expected.salt;
    hash_into(pepper, password, tried);
    return equal(tried.hash, expected.hash);
}

bool verify_nobody(const SealingKey& pepper, const std::string& password) {
    PasswordHash nobody;
    fill_random(nobody.hash);
    static_cast<void>(verify_password(pepper, password, nobody));
    return false;
}

}  // namespace custode::crypto
