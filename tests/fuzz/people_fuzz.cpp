// People, corrections, accounts and dossiers as JSON: whatever is accepted is written in a form
// that is accepted again and is the same.
#include "archive/records/people.h"

#include "archive/records/account.h"
#include "archive/records/dossier.h"
#include "archive/records/json.h"
#include "tests/fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::records;

namespace {

template <class Read>
bool reads(Read read) {
    return fuzz::accepted(ErrorCode::invalid_argument, read);
}

template <class Value, class Read>
void survives(const Value& value, Read read, const char* what) {
    const std::string written = write_json(to_json(value));
    const bool again =
        reads([&] { require(write_json(to_json(read(parse_json(written)))) == written, what); });
    require(again, what);
}

void fuzz_person(const nlohmann::json& json) {
    const Person person = person_from_json(json);
    require(!person.designations.empty() && !person.designation().shown().empty(),
            "everybody is called something");
    survives(person, person_from_json, "a person survives its own writing");
    for (const TaxCodeDoubt doubt : tax_code_doubts(person))
        require(!label(doubt).empty(), "a doubt can be shown");
}

void fuzz_correction(const nlohmann::json& json) {
    const PersonCorrection correction = person_correction_from_json(json);
    require(!correction.changed_fields().empty(), "a correction changes something");
    survives(correction, person_correction_from_json, "a correction survives its own writing");
    Person person;
    person.designations.push_back({"Inventati", "Celeste"});
    reads([&] {
        const Person after = apply(person, correction, {2026, 11, 23});
        survives(after, person_from_json, "a corrected person can be written");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    nlohmann::json json;
    if (!reads([&] { json = parse_json(input); })) return 0;
    require(parse_json(write_json(json)) == json, "JSON survives its own writing");
    reads([&] { fuzz_person(json); });
    reads([&] { fuzz_correction(json); });
    reads([&] { survives(account_from_json(json), account_from_json, "an account survives"); });
    reads([&] { survives(dossier_from_json(json), dossier_from_json, "a dossier survives"); });
    if (const auto code = parse_dossier_code(input))
        require(to_text(*code) == input, "a dossier's code has one spelling");
    return 0;
}
