#include "client/cli/person.h"

#include "archive/base/time.h"

#include <optional>

namespace custode::client {
namespace {

using Json = nlohmann::json;

std::optional<int> year_of(const std::string& text) {
    if (text.size() != 4 || text.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::stoi(text);
}

Json birth_json(const PersonOptions& options) {
    Json birth = Json::object();
    if (!options.born.empty() && !options.born_about.empty()) {
        throw Problem("person.birth", {options.born + " / " + options.born_about});
    }
    if (!options.born.empty()) {
        if (parse_day(options.born))
            birth = {{"precision", "day"}, {"day", options.born}};
        else if (const auto year = year_of(options.born))
            birth = {{"precision", "year"}, {"year", *year}};
        else
            throw Problem("person.birth", {options.born});
    }
    if (!options.born_about.empty()) {
        const std::size_t dash = options.born_about.find('-');
        const auto from = year_of(options.born_about.substr(0, dash));
        const auto to =
            dash == std::string::npos ? from : year_of(options.born_about.substr(dash + 1));
        if (!from || !to || *to < *from) throw Problem("person.birth", {options.born_about});
        birth = {{"precision", "estimated"}, {"from", *from}, {"to", *to}};
    }
    if (!options.birth_place.empty()) birth["place"] = options.birth_place;
    return birth;
}

std::optional<Json> designation_json(const PersonOptions& options) {
    Json designation = Json::object();
    if (!options.surname.empty()) designation["surname"] = options.surname;
    if (!options.name.empty()) designation["name"] = options.name;
    if (!options.designation.empty()) designation["text"] = options.designation;
    return designation.empty() ? std::nullopt : std::optional(designation);
}

// "Rossi, Anna" is a surname and a name; without a comma nobody knows which word is which.
Json alias_json(const std::string& alias) {
    const std::size_t comma = alias.find(',');
    if (comma == std::string::npos) return {{"text", alias}};
    const std::size_t name = alias.find_first_not_of(' ', comma + 1);
    Json json = {{"surname", alias.substr(0, comma)}};
    if (name != std::string::npos) json["name"] = alias.substr(name);
    return json;
}

Json external_json(const std::string& external) {
    const std::size_t colon = external.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == external.size()) {
        throw Problem("person.external", {external});
    }
    return {{"system", external.substr(0, colon)}, {"value", external.substr(colon + 1)}};
}

std::string sex_word(const std::string& given) {
    if (given == "F" || given == "f") return "F";
    if (given == "M" || given == "m") return "M";
    throw Problem("person.sex", {given});
}

// What opening and correcting write alike.
Json common_json(const PersonOptions& options) {
    Json person = Json::object();
    if (Json birth = birth_json(options); !birth.empty()) person["birth"] = std::move(birth);
    if (!options.sex.empty()) person["sex"] = sex_word(options.sex);
    for (const std::string& alias : options.aliases) person["aliases"].push_back(alias_json(alias));
    for (const std::string& one : options.externals) {
        person["external_ids"].push_back(external_json(one));
    }
    return person;
}

}  // namespace

Json person_json(const PersonOptions& options) {
    Json person = common_json(options);
    const auto designation = designation_json(options);
    if (!designation) throw Problem("person.unnamed");
    person["designations"] = Json::array({*designation});
    if (!options.tax_code.empty()) {
        person["tax_codes"].push_back({{"kind", "definitive"}, {"code", options.tax_code}});
    }
    if (!options.provisional_tax_code.empty()) {
        person["tax_codes"].push_back(
            {{"kind", "provisional"}, {"code", options.provisional_tax_code}});
    }
    return person;
}

Json person_changes(const PersonOptions& options) {
    Json person = common_json(options);
    if (const auto designation = designation_json(options)) person["designation"] = *designation;
    if (!options.tax_code.empty() && !options.provisional_tax_code.empty()) {
        throw Problem("person.one_tax_code");
    }
    if (!options.tax_code.empty()) {
        person["tax_code"] = {{"kind", "definitive"}, {"code", options.tax_code}};
    }
    if (!options.provisional_tax_code.empty()) {
        person["tax_code"] = {{"kind", "provisional"}, {"code", options.provisional_tax_code}};
    }
    if (person.empty()) throw Problem("person.no_change");
    return person;
}

std::vector<Option> PersonOptions::described() {
    return {
        {"--surname", &surname, {"Cognome", "Surname"}, "COGNOME"},
        {"--name", &name, {"Nome", "Given name"}, "NOME"},
        {"--designation",
         &designation,
         {"Designazione, quando il nome non è noto", "Designation, when the name is not known"},
         "TESTO"},
        {"--born",
         &born,
         {"Data di nascita AAAA-MM-GG, o il solo anno", "Day of birth, or year"},
         "DATA"},
        {"--born-about",
         &born_about,
         {"Anno di nascita stimato, o un intervallo AAAA-AAAA", "Estimated year, or YYYY-YYYY"},
         "ANNO"},
        {"--birth-place", &birth_place, {"Luogo di nascita", "Place of birth"}, "LUOGO"},
        {"--sex", &sex, {"F o M", "F or M"}, "F|M"},
        {"--tax-code", &tax_code, {"Codice fiscale", "Tax code"}, "CODICE"},
        {"--provisional-tax-code",
         &provisional_tax_code,
         {"Codice fiscale provvisorio (11 cifre)", "Provisional tax code (11 digits)"},
         "CODICE"},
        {"--alias",
         &aliases,
         {"Altro nome, «Cognome, Nome» o testo; si può ripetere",
          "Other name, \"Surname, Name\" or a text; may be repeated"},
         "NOME"},
        {"--external",
         &externals,
         {"Identificativo in un altro sistema, SISTEMA:ID; si può ripetere",
          "Id in another system, SYSTEM:ID; may be repeated"},
         "SISTEMA:ID"},
    };
}

}  // namespace custode::client
