// client/cli/command.h
#pragma once

#include "client/cli/messages.h"
#include "client/cli/problem.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace custode::client {

class Console;

/// One option or positional argument of a verb.
struct Option {
    using Target = std::variant<bool*, std::string*, std::vector<std::string>*, unsigned*>;

    std::string names;  ///< "-o,--output", or "DOSSIER" for a positional.
    Target into;        ///< Lives as long as the command that names it.
    Words about;
    std::string value = {};  ///< What the help calls the value: "FILE".
    bool required = false;

    bool is_positional() const { return names.front() != '-'; }
};

/// One verb: what is parsed, shown by --help and man, and offered by completion comes from here
/// alone.
struct Command {
    std::string path;  ///< "account create"
    Words about;
    std::string example;  ///< After "custode ".
    std::vector<Option> options;
    std::vector<Exit> exits;  ///< Beside 0, 1 and 2, which every verb has.
    std::function<Exit(Console&)> run;
};

/// What every verb takes before its own options.
struct GlobalOptions {
    std::string server;
    std::string ca;
    std::string lang;
    bool json = false;
    bool quiet = false;

    std::vector<Option> described();
};

/// All verbs, in the order of the manual.
std::vector<Command> all_commands();

/// The families, each in its own file under verbs/.
std::vector<Command> session_commands();
std::vector<Command> second_factor_commands();
std::vector<Command> unseal_commands();
std::vector<Command> account_commands();
std::vector<Command> proposal_commands();
std::vector<Command> dossier_commands();
std::vector<Command> watch_commands();
std::vector<Command> emergency_commands();
std::vector<Command> filing_commands();
std::vector<Command> reading_commands();
std::vector<Command> receipt_commands();
std::vector<Command> export_commands();
std::vector<Command> reference_commands();

/// Parses the arguments and runs the verb; what main() returns.
int run(int count, const char* const* arguments);

}  // namespace custode::client
