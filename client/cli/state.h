// client/cli/state.h
#pragma once

#include "client/cli/http.h"

#include <functional>
#include <optional>
#include <string>

namespace custode::client {

/// Where the client keeps what it must remember: CUSTODE_SESSION, or
/// $XDG_STATE_HOME/custode/session.json, or ~/.local/state/custode/session.json; the pins and the
/// marks of unfinished filings lie beside it.
struct StatePaths {
    std::string session;
    std::string pins;
    std::string unfinished;  ///< A folder.

    static StatePaths of_environment();
};

/// An open session as `custode login` left it.  Secret: the token is as good as the password
/// until it expires.
struct SavedSession {
    std::string server;
    std::string ca;
    std::string token;
    std::string user;
    std::string expires;
    std::string key;  ///< Verifier key of the log, as pinned at login.
};

/// The saved session, or nothing.
/// @throws Problem(session.readable_by_others | session.damaged)
std::optional<SavedSession> load_session(const std::string& path);
void save_session(const std::string& path, const SavedSession& session);
void forget_session(const std::string& path);

/// The whole of a small file, or nothing when there is none.
/// @throws Problem(file.unreadable | file.too_long)
std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

/// Writes a file that is seen whole or not at all: mode 0600, fsync, rename, in a folder (made
/// when missing) of mode 0700.  @throws Problem(file.unwritable)
void write_private_file(const std::string& path, const std::string& content);

/// Runs `work` while no other custode process does so for the same `path` (a lock beside it).
void while_locked(const std::string& path, const std::function<void()>& work);

/// Remembers, over a crash, that the filing of a key was begun and its answer not yet seen.
///
/// A key answered from an earlier run is good news after an interruption, and a duplicate when
/// that run had already reported its success: only a mark on disk can tell the two apart.
class UnfinishedMark {
public:
    UnfinishedMark(const std::string& folder, const std::string& key);

    bool was_there() const { return was_there_; }
    void remove();  ///< The answer is known.

private:
    std::string path_;
    bool was_there_;
};

}  // namespace custode::client
