// client/cli/console.h
#pragma once

#include "client/cli/api.h"
#include "client/cli/command.h"
#include "client/cli/state.h"

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace custode::client {

/// What a verb works with: the wishes of the user, the saved session, and the two ways out.
///
/// Results go to standard output, once, as text for people or as one JSON value; everything else
/// goes to standard error.  All text that came from files or from the server is escaped.
class Console {
public:
    explicit Console(GlobalOptions options);

    Lang lang() const { return lang_; }
    bool is_json() const { return options_.json; }
    bool is_quiet() const { return options_.quiet; }
    const StatePaths& paths() const;

    /// The server of --server, CUSTODE_SERVER or the session.  @throws Problem(server.unnamed)
    Endpoint endpoint() const;
    /// Calls without a session.
    Api guest() const;
    /// Calls with the saved session.
    /// @throws Problem(session.none) when there is none for this server
    Api api() const;
    SavedSession session() const;
    std::optional<SavedSession> saved() const;

    /// The result: `value` under --json, else what `human` writes.
    void result(const Json& value, const std::function<void(std::ostream&)>& human) const;
    /// A sentence of the catalogue on standard output (people only), unless --quiet.
    void done(std::string_view code, const std::vector<std::string>& arguments = {}) const;
    /// A sentence on standard error, unless --quiet.
    void note(std::string_view code, const std::vector<std::string>& arguments = {}) const;

private:
    GlobalOptions options_;
    Lang lang_;
};

/// Rows under a heading, columns as wide as their widest cell; every cell is escaped.
void print_table(std::ostream& out, const std::vector<std::string>& heading,
                 const std::vector<std::vector<std::string>>& rows);

/// A member as text for people: empty when absent or null, lists joined with commas.
std::string cell(const Json& object, const char* name);

/// The problem as it is shown to people, and as --json shows it.
std::string problem_text(const Problem& problem, Lang lang);
Json problem_json(const Problem& problem, Lang lang);

/// A password or passphrase from a file, without its line end; or asked for on the terminal when
/// `file` is empty.
std::string secret_from(const std::string& file, std::string_view prompt_code, Lang lang);

}  // namespace custode::client
