#include "client/cli/messages.h"

#include "archive/base/error.h"
#include "client/cli/catalogue.h"
#include "client/cli/terminal.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace custode::client {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

const Message& message_of(std::string_view code) {
    const auto all = messages();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Message& message) { return message.code == code; });
    require(found != all.end(), "every message code is in the catalogue");
    return *found;
}

std::string filled(std::string_view pattern, const std::vector<std::string>& arguments) {
    std::string text;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const bool is_place = pattern[at] == '{' && at + 2 < pattern.size() &&
                              pattern[at + 1] >= '0' && pattern[at + 1] <= '9' &&
                              pattern[at + 2] == '}';
        if (!is_place) {
            text += pattern[at];
            continue;
        }
        const auto index = static_cast<std::size_t>(pattern[at + 1] - '0');
        if (index < arguments.size()) text += visible(arguments[index]);
        at += 2;
    }
    return text;
}

std::string say(Lang lang, std::string_view code, const std::vector<std::string>& arguments) {
    return filled(message_of(code).text.in(lang), arguments);
}

Lang language_of(std::string_view wanted) {
    std::string speaks(wanted);
    for (const char* name : {"CUSTODE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (speaks.empty()) speaks = environment(name);
    }
    // "it", "it_IT.UTF-8", "it@euro"; but not "item".
    const bool is_italian =
        speaks.rfind("it", 0) == 0 && (speaks.size() == 2 || speaks[2] == '_' || speaks[2] == '-' ||
                                       speaks[2] == '.' || speaks[2] == '@');
    return is_italian ? Lang::it : Lang::en;
}

std::span<const Message> messages() { return catalogue(); }

}  // namespace custode::client
