// daemon/problems.h
#pragma once

#include "archive/base/error.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace custode::daemon {

enum class Language { italian, english };

/// The language that an Accept-Language header asks for; Italian when it says nothing we have.
Language language_of(std::string_view accept_language);

/// What a stable code means to a person: a title that says what happened, a hint that says what to
/// do.  A code without an entry of its own speaks with the words of its kind.
struct ProblemText {
    int status = 500;
    std::string_view title;
    std::string_view hint;
};
ProblemText problem_text(std::string_view code, ErrorCode kind, Language language);

/// The one place where an Error becomes HTTP; daemon/API.md repeats this table.
int status_of(ErrorCode kind);

/// An RFC 9457 body.  `more`: further members ("document" of a duplicate).
std::string problem_json(std::string_view code, ErrorCode kind, std::string_view detail,
                         std::string_view correlation, Language language,
                         const nlohmann::json& more = nlohmann::json::object(),
                         int status_override = 0);

/// Every code that has an entry, for the test that both languages are there.
std::vector<std::string_view> problem_codes();

}  // namespace custode::daemon
