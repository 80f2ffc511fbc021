// client/cli/problem.h
#pragma once

#include "client/cli/messages.h"

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::client {

/// What the process ends with.  Scripts rely on the numbers: never renumber.
/// Source   daemon/API.md, column "CLI exit".
enum class Exit {
    ok = 0,
    failed = 1,
    usage = 2,
    not_found = 3,  ///< Or not permitted: the two are never told apart.
    conflict = 4,
    sealed = 5,  ///< Sealed, locked, or no session.
    partial = 6,
    integrity = 7,
    interrupted = 130,
};

/// Why a verb, or one file of a batch, was not done.
///
/// A local problem names a row of the catalogue (messages.h) and its arguments, and is worded when
/// it is shown.  A problem of the server brings its own title and hint, already in the language
/// asked for.
class Problem : public std::exception {
public:
    explicit Problem(std::string_view code, std::vector<std::string> arguments = {});

    /// As the server answered it.
    struct Answer {
        std::string code;
        int status = 0;
        std::string title;
        std::string hint;
        std::map<std::string, std::string> members;  ///< further texts, e.g. "document"
        std::optional<unsigned> retry_after_seconds;
    };
    explicit Problem(Answer answer);

    const std::string& code() const { return code_; }
    Exit exit() const { return exit_; }
    int status() const { return answer_ ? answer_->status : 0; }
    std::string message(Lang lang) const;
    std::string hint(Lang lang) const;
    const std::map<std::string, std::string>& members() const { return members_; }
    void add(const std::string& name, const std::string& value) { members_[name] = value; }

    /// Whether the same request may succeed a little later: 429, 503, a cut connection.
    bool is_passing() const;
    std::optional<unsigned> retry_after_seconds() const;

    const char* what() const noexcept override { return code_.c_str(); }

private:
    std::string code_;
    Exit exit_;
    std::vector<std::string> arguments_;
    std::optional<Answer> answer_;
    std::map<std::string, std::string> members_;
};

/// The table of daemon/API.md: which exit an answer of that status and code ends with.
Exit exit_for(int status, std::string_view code);

}  // namespace custode::client
