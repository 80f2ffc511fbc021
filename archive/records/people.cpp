#include "archive/records/people.h"

#include "archive/base/error.h"
#include "archive/records/tax_code.h"

#include <algorithm>

namespace custode::records {
namespace {

[[noreturn]] void refuse(const char* name, const char* message) {
    throw Error(ErrorCode::invalid_argument, name, message);
}

/// The last day of what is no longer in use.  A clock may have been set back since its first: it
/// never ends before it began.
Day last_day(const std::optional<Day>& from, const Day& today) {
    return from && today < *from ? *from : today;
}

void put_in_use(std::vector<Designation>& designations, Designation next, const Day& today) {
    Designation& former = designations.front();
    if (former.same_name(next)) {
        former = std::move(next);  // the same name with better dates or source
        return;
    }
    if (!former.until) former.until = last_day(former.from, today);
    if (!next.from) next.from = today;
    if (designations.size() == designations_max)
        refuse("field.invalid", "field 'designations' has too many items");
    designations.insert(designations.begin(), std::move(next));
}

void put_in_use(std::vector<TaxCode>& codes, TaxCode next, const Day& today) {
    std::erase_if(codes, [&](const TaxCode& code) { return code.code == next.code; });
    for (TaxCode& former : codes)
        if (former.kind == next.kind && !former.until) former.until = last_day(former.from, today);
    if (codes.size() == tax_codes_max)
        refuse("field.invalid", "field 'tax_codes' has too many items");
    codes.insert(codes.begin(), std::move(next));
}

bool birth_agrees(const Birth& birth, const TaxCodeFacts& facts) {
    if (birth.precision == Birth::Precision::unknown) return true;
    if (birth.day)
        return birth.day->year % 100 == static_cast<int>(facts.birth_year_in_century) &&
               birth.day->month == facts.birth_month && birth.day->day == facts.birth_day;
    for (int year = birth.year_from; year <= birth.year_to; ++year)
        if (year % 100 == static_cast<int>(facts.birth_year_in_century)) return true;
    return false;
}

/// A code agrees when any name, present or former, gives its letters.
template <class Letters>
bool letters_agree(const Person& person, const std::string& wanted, Letters letters_of) {
    bool compared = false;
    for (const auto* list : {&person.designations, &person.aliases})
        for (const Designation& designation : *list) {
            const auto letters = letters_of(designation);
            if (!letters) continue;
            if (*letters == wanted) return true;
            compared = true;
        }
    return !compared;
}

std::optional<std::string> surname_of(const Designation& designation) {
    if (designation.surname.empty()) return std::nullopt;
    return surname_letters(designation.surname);
}

std::optional<std::string> name_of(const Designation& designation) {
    if (designation.name.empty()) return std::nullopt;
    return name_letters(designation.name);
}

}  // namespace

std::string Designation::shown() const {
    if (surname.empty() && name.empty()) return text;
    return surname.empty() ? name : name.empty() ? surname : surname + " " + name;
}

bool Designation::same_name(const Designation& other) const {
    return surname == other.surname && name == other.name && text == other.text;
}

Birth Birth::on(const Day& day, std::string place) {
    return {Precision::day, day, day.year, day.year, std::move(place)};
}

Birth Birth::in(int year) { return {Precision::year, std::nullopt, year, year, {}}; }

Birth Birth::about(int year_from, int year_to) {
    return {Precision::estimated, std::nullopt, year_from, year_to, {}};
}

std::string Birth::shown() const {
    if (day) return to_text(*day);
    if (precision == Precision::unknown) return {};
    const std::string from = std::to_string(year_from);
    return year_from == year_to ? from : from + "–" + std::to_string(year_to);
}

std::vector<std::string> PersonCorrection::changed_fields() const {
    std::vector<std::string> fields;
    if (designation) fields.emplace_back("designation");
    if (aliases) fields.emplace_back("aliases");
    if (birth) fields.emplace_back("birth");
    if (sex) fields.emplace_back("sex");
    if (citizenships) fields.emplace_back("citizenships");
    if (msna) fields.emplace_back("msna");
    if (tax_code) fields.emplace_back("tax_code");
    if (external_ids) fields.emplace_back("external_ids");
    return fields;
}

Person apply(const Person& person, const PersonCorrection& correction, const Day& today) {
    if (correction.changed_fields().empty())
        refuse("correction.empty", "could not correct the person: no field is given");
    Person next = person;
    if (correction.designation) put_in_use(next.designations, *correction.designation, today);
    if (correction.aliases) next.aliases = *correction.aliases;
    if (correction.birth) next.birth = *correction.birth;
    if (correction.sex) next.sex = *correction.sex;
    if (correction.citizenships) next.citizenships = *correction.citizenships;
    if (correction.msna) next.msna = *correction.msna;
    if (correction.tax_code) put_in_use(next.tax_codes, *correction.tax_code, today);
    if (correction.external_ids) next.external_ids = *correction.external_ids;
    return next;
}

std::vector<TaxCodeDoubt> tax_code_doubts(const Person& person) {
    std::vector<TaxCodeDoubt> doubts;
    const auto add = [&](bool holds, TaxCodeDoubt doubt) {
        if (!holds && std::find(doubts.begin(), doubts.end(), doubt) == doubts.end())
            doubts.push_back(doubt);
    };
    for (const TaxCode& code : person.tax_codes) {
        if (code.kind == TaxCode::Kind::provisional) {
            add(provisional_check_matches(code.code), TaxCodeDoubt::check_wrong);
            continue;
        }
        add(examine_tax_code(code.code) == TaxCodeProblem::none, TaxCodeDoubt::check_wrong);
        const auto facts = tax_code_facts(code.code);
        if (!facts) continue;
        add(birth_agrees(person.birth, *facts), TaxCodeDoubt::birth_differs);
        add(person.sex == Sex::unknown || (person.sex == Sex::female) == facts->female,
            TaxCodeDoubt::sex_differs);
        add(letters_agree(person, facts->surname_letters, surname_of),
            TaxCodeDoubt::surname_differs);
        add(letters_agree(person, facts->name_letters, name_of), TaxCodeDoubt::name_differs);
    }
    return doubts;
}

std::string label(TaxCodeDoubt doubt) {
    switch (doubt) {
        case TaxCodeDoubt::birth_differs:
            return "la data di nascita non corrisponde al codice fiscale";
        case TaxCodeDoubt::sex_differs: return "il sesso non corrisponde al codice fiscale";
        case TaxCodeDoubt::surname_differs: return "il cognome non corrisponde al codice fiscale";
        case TaxCodeDoubt::name_differs: return "il nome non corrisponde al codice fiscale";
        case TaxCodeDoubt::check_wrong:
            return "il carattere di controllo del codice fiscale è errato";
    }
    return {};
}

}  // namespace custode::records
