#include "archive/records/fields.h"
#include "archive/records/people.h"
#include "archive/records/tax_code.h"
#include "archive/records/words.h"

#include <algorithm>

namespace custode::records {
namespace {

constexpr std::array<Word<Birth::Precision>, 4> precisions{
    {{Birth::Precision::unknown, "unknown"},
     {Birth::Precision::day, "day"},
     {Birth::Precision::year, "year"},
     {Birth::Precision::estimated, "estimated"}}};
constexpr std::array<Word<Sex>, 3> sexes{
    {{Sex::unknown, "unknown"}, {Sex::female, "F"}, {Sex::male, "M"}}};
constexpr std::array<Word<TaxCode::Kind>, 2> tax_code_kinds{
    {{TaxCode::Kind::definitive, "definitive"}, {TaxCode::Kind::provisional, "provisional"}}};

constexpr TextRule name_rule{.characters_max = name_characters_max};
constexpr TextRule source_rule{.characters_max = source_characters_max};
constexpr std::uint64_t year_min = 1800;
constexpr std::uint64_t year_max = 2999;

void check_order(const Fields& fields, const std::optional<Day>& from,
                 const std::optional<Day>& until) {
    if (from && until && *until < *from) fields.invalid("until", "lies before 'from'");
}

Designation read_designation(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Designation designation;
    designation.surname = fields.text_or_empty("surname", name_rule);
    designation.name = fields.text_or_empty("name", name_rule);
    designation.text = fields.text_or_empty("text", name_rule);
    designation.from = fields.maybe_day("from");
    designation.until = fields.maybe_day("until");
    designation.source = fields.text_or_empty("source", source_rule);
    fields.finish();
    check_order(fields, designation.from, designation.until);
    if (designation.shown().empty()) fields.missing("surname");
    return designation;
}

Json write_designation(const Designation& designation) {
    Json json = Json::object();
    put(json, "surname", designation.surname);
    put(json, "name", designation.name);
    put(json, "text", designation.text);
    put(json, "from", designation.from);
    put(json, "until", designation.until);
    put(json, "source", designation.source);
    return json;
}

/// Without a word, the fields say how precise the birth is known.
Birth::Precision precision_of(const Json& json) {
    if (!json.is_object()) return Birth::Precision::unknown;
    if (json.contains("day")) return Birth::Precision::day;
    if (json.contains("year")) return Birth::Precision::year;
    return json.contains("from") ? Birth::Precision::estimated : Birth::Precision::unknown;
}

Birth read_birth(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Birth birth;
    switch (fields.word("precision", precisions, precision_of(json))) {
        case Birth::Precision::unknown: break;
        case Birth::Precision::day: birth = Birth::on(fields.day("day")); break;
        case Birth::Precision::year:
            birth = Birth::in(static_cast<int>(fields.number("year", year_min, year_max)));
            break;
        case Birth::Precision::estimated: {
            const auto from = fields.number("from", year_min, year_max);
            const auto to = fields.maybe_number("to", from, year_max).value_or(from);
            birth = Birth::about(static_cast<int>(from), static_cast<int>(to));
            if (to - from > 30) fields.invalid("to", "lies more than 30 years after 'from'");
        }
    }
    birth.place = fields.text_or_empty("place", name_rule);
    fields.finish();
    return birth;
}

Json write_birth(const Birth& birth) {
    Json json{{"precision", word_for(precisions, birth.precision)}};
    put(json, "day", birth.day);
    if (birth.precision == Birth::Precision::year) json["year"] = birth.year_from;
    if (birth.precision == Birth::Precision::estimated) {
        json["from"] = birth.year_from;
        json["to"] = birth.year_to;
    }
    put(json, "place", birth.place);
    return json;
}

/// The hint that lets a clerk mend a code without our repeating it.
void check_tax_code(const Fields& fields, const TaxCode& code) {
    if (code.kind == TaxCode::Kind::provisional) {
        if (!is_provisional_tax_code(code.code)) fields.invalid("code", "is not made of 11 digits");
        return;
    }
    switch (examine_tax_code(code.code)) {
        case TaxCodeProblem::none: return;
        case TaxCodeProblem::length:
            fields.invalid("code", "has not 16 characters (11 digits if provisional)");
        case TaxCodeProblem::shape:
            fields.invalid("code", "has a letter where a digit goes, or the reverse");
        case TaxCodeProblem::birth:
            fields.invalid("code", "names a month or a day that does not exist");
        case TaxCodeProblem::check:
            throw Error(
                ErrorCode::invalid_argument, "tax_code.wrong",
                "field '" + fields.path_of("code") +
                    "' has a check character that contradicts the other fifteen: compare it "
                    "with the act, and set 'as_found' when the act itself is wrong");
    }
}

TaxCode read_tax_code(const Json& json, const std::string& path) {
    Fields fields(json, path);
    TaxCode code;
    code.code = canonical_tax_code(fields.text("code", {.characters_max = 32}));
    const auto likely =
        is_provisional_tax_code(code.code) ? TaxCode::Kind::provisional : TaxCode::Kind::definitive;
    code.kind = fields.word("kind", tax_code_kinds, likely);
    code.as_found = fields.maybe_flag("as_found").value_or(false);
    code.from = fields.maybe_day("from");
    code.until = fields.maybe_day("until");
    code.source = fields.text_or_empty("source", source_rule);
    fields.finish();
    check_order(fields, code.from, code.until);
    if (code.code.empty()) fields.invalid("code", "is empty");
    if (!code.as_found) check_tax_code(fields, code);
    return code;
}

Json write_tax_code(const TaxCode& code) {
    Json json{{"kind", word_for(tax_code_kinds, code.kind)}, {"code", code.code}};
    if (code.as_found) json["as_found"] = true;
    put(json, "from", code.from);
    put(json, "until", code.until);
    put(json, "source", code.source);
    return json;
}

ExternalId read_external_id(const Json& json, const std::string& path) {
    Fields fields(json, path);
    ExternalId id;
    id.system = fields.text("system", {.characters_max = 60});
    id.value = fields.text("value", {.characters_max = 120});
    id.source = fields.text_or_empty("source", source_rule);
    fields.finish();
    return id;
}

Json write_external_id(const ExternalId& id) {
    Json json{{"system", id.system}, {"value", id.value}};
    put(json, "source", id.source);
    return json;
}

std::string read_citizenship(const Json& json, const std::string& path) {
    std::string text = text_item(json, path, {.characters_max = 60});
    if (text.empty()) refuse_field(path, "is empty");
    return text;
}

}  // namespace

Person person_from_json(const Json& json) {
    Fields fields(json, "person");
    Person person;
    person.designations = fields.list("designations", designations_max, read_designation);
    person.aliases = fields.list("aliases", designations_max, read_designation);
    if (const Json* birth = fields.maybe("birth"))
        person.birth = read_birth(*birth, "person.birth");
    person.sex = fields.word("sex", sexes, Sex::unknown);
    person.citizenships = fields.list("citizenships", citizenships_max, read_citizenship);
    person.msna = fields.word("msna", answers, Answer::unknown);
    person.tax_codes = fields.list("tax_codes", tax_codes_max, read_tax_code);
    person.external_ids = fields.list("external_ids", external_ids_max, read_external_id);
    fields.finish();
    if (person.designations.empty()) fields.missing("designations");
    return person;
}

Json to_json(const Person& person) {
    Json json = Json::object();
    put_list(json, "designations", person.designations, write_designation);
    put_list(json, "aliases", person.aliases, write_designation);
    if (person.birth.precision != Birth::Precision::unknown || !person.birth.place.empty())
        json["birth"] = write_birth(person.birth);
    if (person.sex != Sex::unknown) json["sex"] = word_for(sexes, person.sex);
    put_list(json, "citizenships", person.citizenships,
             [](const std::string& text) { return Json(text); });
    if (person.msna != Answer::unknown) json["msna"] = word_for(answers, person.msna);
    put_list(json, "tax_codes", person.tax_codes, write_tax_code);
    put_list(json, "external_ids", person.external_ids, write_external_id);
    return json;
}

PersonCorrection person_correction_from_json(const Json& json) {
    Fields fields(json);
    PersonCorrection correction;
    correction.reason =
        fields.text("reason", {.characters_max = reason_characters_max, .lines = true});
    correction.source = fields.text_or_empty("source", source_rule);
    const Json* person = fields.maybe("person");
    fields.finish();
    if (person == nullptr) fields.missing("person");
    Fields changes(*person, "person");
    if (const Json* one = changes.maybe("designation"))
        correction.designation = read_designation(*one, "person.designation");
    if (person->contains("aliases"))
        correction.aliases = changes.list("aliases", designations_max, read_designation);
    if (const Json* birth = changes.maybe("birth"))
        correction.birth = read_birth(*birth, "person.birth");
    if (person->contains("sex")) correction.sex = changes.word("sex", sexes, Sex::unknown);
    if (person->contains("citizenships"))
        correction.citizenships = changes.list("citizenships", citizenships_max, read_citizenship);
    if (person->contains("msna")) correction.msna = changes.word("msna", answers, Answer::unknown);
    if (const Json* code = changes.maybe("tax_code"))
        correction.tax_code = read_tax_code(*code, "person.tax_code");
    if (person->contains("external_ids"))
        correction.external_ids = changes.list("external_ids", external_ids_max, read_external_id);
    changes.finish();
    return correction;
}

Json to_json(const PersonCorrection& correction) {
    Json person = Json::object();
    const auto all = [](const auto& items, auto write) {
        Json array = Json::array();  // an empty list is a change too: it clears
        for (const auto& item : items) array.push_back(write(item));
        return array;
    };
    if (correction.designation) person["designation"] = write_designation(*correction.designation);
    if (correction.aliases) person["aliases"] = all(*correction.aliases, write_designation);
    if (correction.birth) person["birth"] = write_birth(*correction.birth);
    if (correction.sex) person["sex"] = word_for(sexes, *correction.sex);
    if (correction.citizenships) person["citizenships"] = *correction.citizenships;
    if (correction.msna) person["msna"] = word_for(answers, *correction.msna);
    if (correction.tax_code) person["tax_code"] = write_tax_code(*correction.tax_code);
    if (correction.external_ids)
        person["external_ids"] = all(*correction.external_ids, write_external_id);
    Json json{{"reason", correction.reason}, {"person", std::move(person)}};
    put(json, "source", correction.source);
    return json;
}

}  // namespace custode::records
