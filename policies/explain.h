#pragma once

#include "policies/rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace policies::access {

enum class Tongue { italian, english };

/// What people call a role: "ufficio filtro posta"; the id itself for what is no role.
std::string_view role_name(std::string_view role, Tongue tongue);

/// What the rules allow, for people to read: first what nobody may, then each role in turn.
struct Explained {
    std::string role;  ///< An id, or "any".
    std::string name;
    struct Line {
        std::string text;
        std::string rule;  ///< Its id.
    };
    std::vector<Line> lines;
};
std::vector<Explained> explain(const Rules& rules, Tongue tongue);

}  // namespace policies::access
