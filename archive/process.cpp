#include "archive/process.h"

#include "archive/base/guard.h"
#include "archive/crypto/secret.h"
#include "archive/crypto/signature.h"
#include "archive/store/bus_guard.h"

#include <mutex>

namespace custode {

void prepare_process() {
    static std::once_flag once;
    std::call_once(once, [] {
        crypto::open_arena();
        crypto::self_test();
        if (stands(Guard::bus_guard)) store::install_bus_guard();
    });
}

}  // namespace custode
