#include "archive/base/guard.h"

#ifdef CUSTODE_CONTROLS

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace custode {
namespace {

std::array<bool, guard_names.size()> read_environment() noexcept {
    std::array<bool, guard_names.size()> stand{};
    stand.fill(true);
    const char* without = std::getenv("CUSTODE_WITHOUT");  // NOLINT(concurrency-mt-unsafe)
    std::string_view rest = without == nullptr ? "" : without;
    while (!rest.empty()) {
        const std::string_view name = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        const auto* found = std::find(guard_names.begin(), guard_names.end(), name);
        if (found == guard_names.end()) {
            std::fprintf(stderr, "CUSTODE_WITHOUT: no guard of that name\n");
            std::abort();
        }
        stand[static_cast<std::size_t>(found - guard_names.begin())] = false;
        std::fprintf(stderr, "NEGATIVE CONTROL: running without %.*s\n",
                     static_cast<int>(name.size()), name.data());
    }
    return stand;
}

}  // namespace

bool stands(Guard guard) noexcept {
    static const auto stand = read_environment();
    return stand[static_cast<std::size_t>(guard)];
}

}  // namespace custode

#endif
