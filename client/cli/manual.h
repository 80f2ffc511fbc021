// client/cli/manual.h
#pragma once

#include "client/cli/command.h"

#include <string>
#include <vector>

namespace custode::client {

/// What `custode VERB --help` prints: what it does, how it is called, one example, exit codes.
std::string help_text(const Command& command, const std::vector<Option>& globals, Lang lang);

/// The verbs below `group` ("account", or nothing for all), one line each.
std::string overview(const std::vector<Command>& commands, const std::string& group, Lang lang);

/// The manual page of all verbs in roff, Italian with English below each text.
std::string manual_page(const std::vector<Command>& commands, const std::vector<Option>& globals);

/// A bash completion script made from the same table.
std::string bash_completion(const std::vector<Command>& commands,
                            const std::vector<Option>& globals);

/// What stands for a value in a usage line ("NOME", "NAME"), in the language asked for.
std::string place_text(std::string_view word, Lang lang);

/// What an exit code means, in a few words.
std::string_view exit_meaning(Exit exit, Lang lang);

}  // namespace custode::client
