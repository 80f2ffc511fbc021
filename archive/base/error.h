// archive/base/error.h
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace custode {

/// Why an operation was not done, in terms that the caller can act on.
///
/// The numbers are part of the HTTP API (daemon/API.md): append, never renumber.
enum class ErrorCode {
    invalid_argument = 1,  ///< The input breaks a documented rule; retrying it is useless.
    not_found = 2,         ///< Missing, or not permitted: the two are never told apart.
    conflict = 3,          ///< It exists already, or its state changed meanwhile.
    busy = 4,              ///< A queue or a limit is full; retry later.
    full = 5,              ///< No room on the disk or in the map; an operator must act.
    corrupt = 6,           ///< Stored bytes fail authentication or decoding; stop writing.
    storage = 7,           ///< The operating system refused; the message carries its reason.
    sealed = 8,            ///< The vault holds no keys now, or an account is locked.
    unauthenticated = 9,   ///< No session, or a wrong name, password, share or key.
    unsupported = 10,      ///< A newer format, a foreign file system, a missing capability.
};

/// The one exception type thrown by archive/.
///
/// `name` is stable and machine-read ("share.old_ceremony"); the message says in English what was
/// attempted and on which id; never a key, never content, never a person's data.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, std::string name, const std::string& message)
        : std::runtime_error(message), code_(code), name_(std::move(name)) {}

    ErrorCode code() const noexcept { return code_; }
    const std::string& name() const noexcept { return name_; }

private:
    ErrorCode code_;
    std::string name_;
};

/// Stops the process when a belief of ours is false: a bug, not an input.  On in every build.
/// (The builtins are those behind std::source_location, which clang 14 does not have yet.)
inline void require(bool belief, const char* what, const char* file = __builtin_FILE(),
                    int line = __builtin_LINE()) {
    if (belief) return;
    std::fprintf(stderr, "custode: broken belief: %s (%s:%d)\n", what, file, line);
    std::abort();
}

}  // namespace custode
