// A rule file is accepted or refused with a reason, and no file brings an administrator near a
// dossier.
#include "policies/access.h"

#include <cstdint>
#include <cstdlib>

using namespace policies::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const LoadedRules loaded = load_rules({reinterpret_cast<const char*>(data), size});
    if (loaded.rules.has_value() != loaded.reason.empty()) std::abort();
    if (!loaded.rules) return 0;
    const Subject administrator{"me", {{"administrator", "gea"}}};
    Resource dossier{Resource::Kind::dossier, {}, "gea", {"me"}, {{"me", {2999, 1, 1}}}};
    for (const Action action : all_actions())
        if (touches_dossiers(action) &&
            decide(*loaded.rules, administrator, action, dossier, {{2026, 11, 23}}).is_permitted)
            std::abort();
    return 0;
}
