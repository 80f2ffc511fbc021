#include "daemon/spoken.h"

#include <cstdlib>
#include <string_view>

namespace custode::daemon {

Language spoken_language() {
    for (const char* name : {"CUSTODE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        // "it", "it_IT.UTF-8", "it@euro"; but not "item".
        const std::string_view said(value);
        const bool is_italian =
            said.starts_with("it") && (said.size() == 2 || said.find_first_of("_-.@") == 2);
        return is_italian ? Language::italian : Language::english;
    }
    return Language::english;
}

const char* told(const char* italian, const char* english) {
    return spoken_language() == Language::italian ? italian : english;
}

}  // namespace custode::daemon
