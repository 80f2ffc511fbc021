#pragma once

#include "archive/base/time.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace custode::records {

/// Answer to a question that may not have been asked yet.
enum class Answer { unknown, yes, no };

/// One way in which a person is called: surname and name, or a text of its own where neither is
/// known ("neonata, 12/03/2026, Mangiagalli").  At least one of the three is there.
struct Designation {
    std::string surname{};
    std::string name{};
    std::string text{};
    std::optional<Day> from{};
    std::optional<Day> until{};
    std::string source{};

    std::string shown() const;  ///< "Rossi Anna", or the text.
    bool same_name(const Designation& other) const;
};

/// A birth as well as it is known.
struct Birth {
    enum class Precision { unknown, day, year, estimated };

    Precision precision = Precision::unknown;
    std::optional<Day> day;  ///< Only for `day`.
    int year_from = 0;  ///< For `day` and `year` the year itself, for `estimated` the earliest.
    int year_to = 0;    ///< For `estimated` the latest, else as year_from.
    std::string place;

    static Birth on(const Day& day, std::string place = {});
    static Birth in(int year);
    static Birth about(int year_from, int year_to);
    std::string shown() const;  ///< "2012-03-04", "2012", "2008–2010" or "".
};

enum class Sex { unknown, female, male };

/// A tax code as it stands on papers.  `as_found` keeps a wrong one that an act carries.
struct TaxCode {
    enum class Kind { definitive, provisional };

    Kind kind = Kind::definitive;
    std::string code{};  ///< Canonical (canonical_tax_code).
    bool as_found = false;
    std::optional<Day> from{};
    std::optional<Day> until{};
    std::string source{};
};

/// The name of this person's record in another system: a SISA case, a SIM number, a passport.
struct ExternalId {
    std::string system{};
    std::string value{};
    std::string source{};
};

/// A minor as the service knows them: nothing but one designation is needed to begin.
///
/// Errors  person_from_json throws Error(invalid_argument, "field.…"), and "tax_code.wrong" with a
///         hint when the check character contradicts the rest and `as_found` is not set.
struct Person {
    std::vector<Designation> designations;  ///< In use first, then the former ones; never empty.
    std::vector<Designation> aliases;
    Birth birth;
    Sex sex = Sex::unknown;
    std::vector<std::string> citizenships;
    Answer msna = Answer::unknown;  ///< Unaccompanied foreign minor.
    std::vector<TaxCode> tax_codes;
    std::vector<ExternalId> external_ids;

    const Designation& designation() const { return designations.front(); }
};

/// What a correction replaces; fields that are absent stay.  The old name and tax code are kept
/// with the day on which they ended; every other old value is kept by the journal.
struct PersonCorrection {
    std::string reason;
    std::string source;
    std::optional<Designation> designation;  ///< Comes into use; the former stays, dated.
    std::optional<std::vector<Designation>> aliases;
    std::optional<Birth> birth;
    std::optional<Sex> sex;
    std::optional<std::vector<std::string>> citizenships;
    std::optional<Answer> msna;
    std::optional<TaxCode> tax_code;  ///< Comes into use; the former of its kind stays, dated.
    std::optional<std::vector<ExternalId>> external_ids;

    std::vector<std::string> changed_fields() const;  ///< For a journal that names no value.
};

/// The person after the correction, which took effect on `today`.
/// @throws Error(invalid_argument, "correction.empty" | "field.invalid")
Person apply(const Person& person, const PersonCorrection& correction, const Day& today);

Person person_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Person& person);

/// Reads {"reason","source","person":{changed fields}}.
PersonCorrection person_correction_from_json(const nlohmann::json& json);
nlohmann::json to_json(const PersonCorrection& correction);

/// Where a definitive tax code and the rest of the record disagree: to be looked at, not refused;
/// codes outlive a rectified name, sex or birth.
enum class TaxCodeDoubt { birth_differs, sex_differs, surname_differs, name_differs, check_wrong };
std::vector<TaxCodeDoubt> tax_code_doubts(const Person& person);
std::string label(TaxCodeDoubt doubt);  ///< In Italian, for people.

constexpr std::size_t name_characters_max = 200;
constexpr std::size_t source_characters_max = 300;
constexpr std::size_t reason_characters_max = 1000;
constexpr std::size_t designations_max = 32;
constexpr std::size_t tax_codes_max = 16;
constexpr std::size_t external_ids_max = 32;
constexpr std::size_t citizenships_max = 8;

}  // namespace custode::records
