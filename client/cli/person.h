// client/cli/person.h
#pragma once

#include "client/cli/command.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace custode::client {

/// What the command line or a row of elenco.csv says about a minor; empty means not said.
struct PersonOptions {
    std::string surname;
    std::string name;
    std::string designation;
    std::string born;        ///< YYYY-MM-DD, or a year alone
    std::string born_about;  ///< A year, or YEAR-YEAR: estimated
    std::string birth_place;
    std::string sex;
    std::string tax_code;
    std::string provisional_tax_code;
    std::vector<std::string> aliases;    ///< "Surname, Name", or any text
    std::vector<std::string> externals;  ///< "SYSTEM:ID"

    std::vector<Option> described();
};

/// PERSON as the server reads it.
/// @throws Problem(person.unnamed | person.birth | person.sex | person.external)
nlohmann::json person_json(const PersonOptions& options);

/// Only the changed fields, as a correction wants them: one `designation`, one `tax_code`.
nlohmann::json person_changes(const PersonOptions& options);

}  // namespace custode::client
