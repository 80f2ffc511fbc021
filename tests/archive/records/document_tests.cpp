#include "archive/records/document.h"

#include "tests/archive/records/refusals.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace custode;
using namespace custode::records;
using custode::tests::begins;
using custode::tests::refusal;
using nlohmann::json;

namespace {

const Day today{2026, 11, 23};

json full_document() {
    return json::parse(R"({
      "file_name":"decreto.pdf","type":"decreto","authority":"TM",
      "proceedings":[{"raw":"R.G.V.G. 567/25","register":"VG","number":567,"year":2025,
                      "aliases":["R.G. 12/2019"]}],
      "date_of_act":"2026-03-12","date_of_notification":"2026-03-14","date_of_arrival":"2026-03-15",
      "subject":"decreto provvisorio","sender":"TM Milano, cancelleria","channel":"pec",
      "paper_original":"present","paper_place":"faldone 12","pages":2,"court_mandate":"yes",
      "confidential":true,"note":"prima\nseconda","formation":"acquired",
      "registration":{"flow":"E","register":"protocol","register_code":"PG","number":"0012345","date":"2026-03-15"},
      "parties":[{"role":"Mittente","kind":"PAI","name":"Tribunale per i minorenni"}],
      "keywords":["affido"],"attachments":1,"attached_to":"00000000-0000-4000-8000-000000000009",
      "classification":"VII.11","format":{"media_type":"application/pdf","software_name":"Writer"},
      "verification":{"digitally_signed":"yes","sealed":"no","time_stamped":"no","copy_conforms":"no"},
      "version":2,"supersedes":"00000000-0000-4000-8000-000000000008","retention_years":9999})");
}

json least_document() { return {{"file_name", "a.pdf"}, {"type", "altro"}}; }

std::string reading(const json& document) {
    return refusal([&] { (void)document_from_json(document, today); });
}

std::string with(const char* name, const json& value) {
    json document = full_document();
    document[name] = value;
    return reading(document);
}

bool is_missing(const DocumentMetadata& metadata, const char* field) {
    const auto all = missing(metadata);
    return std::any_of(all.begin(), all.end(),
                       [&](const Missing& one) { return one.field == field; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(document_tests)

BOOST_AUTO_TEST_CASE(everything_known_is_read_and_written_back) {
    BOOST_TEST(to_json(document_from_json(full_document(), today)) == full_document());
    BOOST_TEST(missing(document_from_json(full_document(), today)).empty());
}

BOOST_AUTO_TEST_CASE(a_name_and_a_type_are_enough_and_the_rest_is_unknown) {
    const DocumentMetadata metadata = document_from_json(least_document(), today);
    BOOST_TEST((metadata.channel == Channel::unknown));
    BOOST_TEST((metadata.court_mandate == CourtMandate::to_decide));
    BOOST_TEST(!metadata.pages.has_value());
    BOOST_TEST(metadata.version == 1U);
    BOOST_TEST(
        (document_from_json(to_json(metadata), today).paper_original == PaperOriginal::unknown));
    for (const char* field :
         {"subject", "date_of_act", "date_of_arrival", "sender", "channel", "paper_original",
          "pages", "court_mandate", "formation", "registration.flow", "registration.register",
          "parties", "attachments", "format.media_type"})
        BOOST_TEST(is_missing(metadata, field), field);
    BOOST_TEST(!is_missing(metadata, "authority"));  // asked of judicial acts only
}

BOOST_AUTO_TEST_CASE(each_field_that_is_taken_away_is_missed) {
    for (const char* field : {"authority", "proceedings", "date_of_act", "date_of_arrival",
                              "subject", "sender", "channel", "paper_original", "paper_place",
                              "pages", "court_mandate", "formation", "parties", "attachments"}) {
        json document = full_document();
        document.erase(field);
        const auto all = missing(document_from_json(document, today));
        BOOST_REQUIRE(all.size() == 1U);
        BOOST_TEST(all.front().field == field);
        BOOST_TEST(!all.front().label.empty());
    }
    for (const char* part :
         {"/registration/number", "/registration/date", "/registration/register_code",
          "/registration/flow", "/verification/copy_conforms", "/format/media_type"}) {
        json document = full_document();
        document = document.patch(json::array({{{"op", "remove"}, {"path", part}}}));
        std::string dotted = std::string(part).substr(1);
        std::replace(dotted.begin(), dotted.end(), '/', '.');
        const auto all = missing(document_from_json(document, today));
        BOOST_REQUIRE(all.size() == 1U);
        BOOST_TEST(all.front().field == dotted);
        BOOST_TEST((all.front().asked_by == Missing::AskedBy::allegato_5));
    }
}

BOOST_AUTO_TEST_CASE(acts_of_judicial_authorities_are_confidential_unless_somebody_says_otherwise) {
    const auto confidential = [](json document) {
        return document_from_json(document, today).confidential;
    };
    BOOST_TEST(!confidential(least_document()));
    BOOST_TEST(confidential({{"file_name", "a"}, {"type", "decreto"}}));
    BOOST_TEST(
        confidential({{"file_name", "a"}, {"type", "corrispondenza"}, {"authority", "PMM"}}));
    BOOST_TEST(
        !confidential({{"file_name", "a"}, {"type", "corrispondenza"}, {"authority", "PL"}}));
    BOOST_TEST(!confidential({{"file_name", "a"}, {"type", "decreto"}, {"confidential", false}}));
}

BOOST_AUTO_TEST_CASE(a_proceeding_may_be_a_bare_text_and_keeps_it) {
    json document = least_document();
    document["proceedings"] = {"R.G. n. 567/25", "fasc. 12", "V.G. 3/2024"};
    const DocumentMetadata metadata = document_from_json(document, today);
    BOOST_TEST(metadata.proceedings[0].raw == "R.G. n. 567/25");
    BOOST_TEST(metadata.proceedings[0].parsed->normal() == "RG 567/2025");
    BOOST_TEST(!metadata.proceedings[1].parsed.has_value());
    BOOST_TEST(metadata.proceedings[2].parsed->normal() == "VG 3/2024");
    // Read again in another century's light, the year stays what it was.
    const DocumentMetadata later = document_from_json(to_json(metadata), {2126, 1, 1});
    BOOST_TEST(later.proceedings[0].parsed->year == 2025);
}

BOOST_AUTO_TEST_CASE(every_field_refuses_every_wrong_type) {
    int tried = 0;
    const json full = full_document();
    for (const auto& member : full.items())
        for (const json& wrong :
             {json(nullptr), json(-1), json(1.5), json({{"x", 1}}), json("\x01")}) {
            BOOST_TEST(begins(with(member.key().c_str(), wrong), "f"), member.key() + wrong.dump());
            ++tried;
        }
    BOOST_TEST(tried == 5 * 28);
    BOOST_TEST(with("date_of_atc", "2026-03-12") ==
               "field.unknown: field 'date_of_atc' is not one of this form");
}

BOOST_AUTO_TEST_CASE(wrong_values_are_refused_by_name) {
    BOOST_TEST(begins(with("file_name", "../decreto.pdf"), "file_name.invalid"));
    BOOST_TEST(begins(with("file_name", "a\nb"), "file_name.invalid"));
    BOOST_TEST(begins(with("file_name", "\xFF"), "file_name.invalid"));
    BOOST_TEST(begins(with("file_name", std::string(10'000, 'x')), "file_name.invalid"));
    BOOST_TEST(begins(with("type", "dekret"), "field.invalid: field 'type'"));
    BOOST_TEST(begins(with("authority", "XX"), "field.invalid: field 'authority'"));
    BOOST_TEST(begins(with("channel", "pigeon"), "field.invalid: field 'channel'"));
    BOOST_TEST(begins(with("pages", 0), "field.invalid: field 'pages'"));
    BOOST_TEST(begins(with("date_of_act", "2026-02-30"), "field.invalid: field 'date_of_act'"));
    BOOST_TEST(begins(with("keywords", {"1", "2", "3", "4", "5", "6"}),
                      "field.invalid: field 'keywords'"));
    BOOST_TEST(begins(with("parties", {{{"role", "Amico"}, {"kind", "PF"}, {"name", "x"}}}),
                      "field.invalid"));
    BOOST_TEST(
        begins(with("registration", {{"register", "none"}, {"number", "1"}}), "field.invalid"));
    BOOST_TEST(begins(with("registration", {{"number", "12a"}}), "field.invalid"));
    BOOST_TEST(begins(with("proceedings", {{{"raw", "x"}, {"number", 5}}}), "field.missing"));
    BOOST_TEST(begins(with("supersedes", "x"), "field.invalid: field 'supersedes'"));
}

BOOST_AUTO_TEST_CASE(a_correction_replaces_completes_and_forgets) {
    const DocumentMetadata before = document_from_json(full_document(), today);
    const DocumentMetadata after = corrected(
        before, {{"pages", 3}, {"sender", nullptr}, {"proceedings", {"R.G. 1/2026"}}}, today);
    BOOST_TEST(*after.pages == 3U);
    BOOST_TEST(after.sender.empty());
    BOOST_TEST(after.proceedings.front().parsed->normal() == "RG 1/2026");
    BOOST_TEST(after.subject == before.subject);
    const auto correcting = [&](const json& changes) {
        return refusal([&] { (void)corrected(before, changes, today); });
    };
    BOOST_TEST(begins(correcting(json::object()), "correction.empty"));
    BOOST_TEST(begins(correcting({{"type", nullptr}}), "field.missing"));
    BOOST_TEST(begins(correcting({{"colour", "red"}}), "field.unknown"));
    BOOST_TEST(begins(correcting(json::array()), "field.invalid"));
}

BOOST_AUTO_TEST_CASE(an_act_found_to_be_a_courts_becomes_confidential) {
    const DocumentMetadata before = document_from_json(least_document(), today);
    BOOST_TEST(corrected(before, {{"authority", "TM"}}, today).confidential);
    BOOST_TEST(
        !corrected(before, {{"authority", "TM"}, {"confidential", false}}, today).confidential);
    BOOST_TEST(!corrected(before, {{"pages", 1}}, today).confidential);
    const DocumentMetadata decree = document_from_json(full_document(), today);
    BOOST_TEST(corrected(decree, {{"type", "altro"}, {"authority", "PL"}}, today).confidential);
}

BOOST_AUTO_TEST_CASE(modes_of_formation_have_the_sentence_of_the_schema) {
    BOOST_TEST(
        begins(std::string(full_sentence(Formation::acquired)),
               "acquisizione di un documento informatico per via telematica o su supporto "
               "informatico, acquisizione della copia per immagine su supporto informatico"));
    BOOST_TEST(full_sentence(Formation::unknown).empty());
    for (const Formation mode : {Formation::created, Formation::stored, Formation::generated})
        BOOST_TEST(full_sentence(mode).size() > 80U);
}

BOOST_AUTO_TEST_SUITE_END()
