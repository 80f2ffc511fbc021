#include "archive/records/document.h"

#include "archive/records/code_list.h"
#include "archive/records/dossier.h"
#include "archive/records/words.h"

#include <algorithm>

namespace custode::records {
namespace {

constexpr std::array<Word<Channel>, 8> channels{{{Channel::unknown, "unknown"},
                                                 {Channel::pec, "pec"},
                                                 {Channel::post, "post"},
                                                 {Channel::hand, "hand"},
                                                 {Channel::fax, "fax"},
                                                 {Channel::mail, "mail"},
                                                 {Channel::scan, "scan"},
                                                 {Channel::other, "other"}}};
constexpr std::array<Word<PaperOriginal>, 5> paper_originals{
    {{PaperOriginal::unknown, "unknown"},
     {PaperOriginal::present, "present"},
     {PaperOriginal::transferred, "transferred"},
     {PaperOriginal::discarded, "discarded"},
     {PaperOriginal::none, "none"}}};
constexpr std::array<Word<CourtMandate>, 3> court_mandates{
    {{CourtMandate::to_decide, "to_decide"}, {CourtMandate::yes, "yes"}, {CourtMandate::no, "no"}}};
constexpr std::array<Word<Formation>, 5> formations{{{Formation::unknown, "unknown"},
                                                     {Formation::created, "created"},
                                                     {Formation::acquired, "acquired"},
                                                     {Formation::stored, "stored"},
                                                     {Formation::generated, "generated"}}};
constexpr std::array<Word<Flow>, 4> flows{
    {{Flow::unknown, "unknown"}, {Flow::in, "E"}, {Flow::out, "U"}, {Flow::internal, "I"}}};
constexpr std::array<Word<RegisterKind>, 4> register_kinds{
    {{RegisterKind::unknown, "unknown"},
     {RegisterKind::none, "none"},
     {RegisterKind::protocol, "protocol"},
     {RegisterKind::repertory, "repertory"}}};
constexpr std::array<std::string_view, 11> party_roles{"AmministrazioneCheEffettuaLaRegistrazione",
                                                       "Mittente",
                                                       "Destinatario",
                                                       "Autore",
                                                       "Assegnatario",
                                                       "Operatore",
                                                       "ResponsabileGestioneDocumentale",
                                                       "ResponsabileServizioProtocollo",
                                                       "Produttore",
                                                       "RUP",
                                                       "Altro"};
constexpr std::array<std::string_view, 6> party_kinds{"PF", "PG", "PAI", "PAE", "AS", "SW"};

constexpr TextRule short_rule{.characters_max = 200};
constexpr TextRule subject_rule{.characters_max = subject_characters_max};
constexpr TextRule number_rule{.characters_max = proceeding_characters_max};

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string read_alias(const Json& item, const std::string& path) {
    return text_item(item, path, number_rule);
}

/// What an earlier reading made of the raw text is kept: a two-digit year must not change century
/// because the record is read again ten years later.
std::optional<ProceedingNumber> read_parsed(Fields& fields) {
    ProceedingNumber number;
    const auto code = fields.maybe_code("register");
    const auto digits = fields.maybe_number("number", 1, 9'999'999);
    const auto sub = fields.maybe_number("sub", 1, 999);
    const auto year = fields.maybe_number("year", 1900, 2099);
    if (!code && !digits && !sub && !year) return std::nullopt;
    if (!code) fields.missing("register");
    if (!digits) fields.missing("number");
    if (!year) fields.missing("year");
    number.register_code = *code;
    number.number = static_cast<std::uint32_t>(*digits);
    number.sub = static_cast<std::uint32_t>(sub.value_or(0));
    number.year = static_cast<int>(*year);
    return number;
}

ProceedingReference read_proceeding(const Json& json, const std::string& path, int current_year) {
    ProceedingReference reference;
    if (json.is_string()) {
        reference.raw = text_item(json, path, number_rule);
        if (reference.raw.empty()) refuse_field(path, "is empty");
        reference.parsed = parse_proceeding_number(reference.raw, current_year);
        return reference;
    }
    Fields fields(json, path);
    reference.raw = fields.text("raw", number_rule);
    reference.parsed = read_parsed(fields);
    if (!reference.parsed) reference.parsed = parse_proceeding_number(reference.raw, current_year);
    reference.aliases = fields.list("aliases", 8, read_alias);
    fields.finish();
    return reference;
}

Json write_proceeding(const ProceedingReference& reference) {
    Json json{{"raw", reference.raw}};
    if (reference.parsed) {
        json["register"] = reference.parsed->register_code;
        json["number"] = reference.parsed->number;
        if (reference.parsed->sub != 0) json["sub"] = reference.parsed->sub;
        json["year"] = reference.parsed->year;
    }
    put_list(json, "aliases", reference.aliases,
             [](const std::string& text) { return Json(text); });
    return json;
}

Registration read_registration(const Json& json) {
    Fields fields(json, "registration");
    Registration registration;
    registration.flow = fields.word("flow", flows, Flow::unknown);
    registration.kind = fields.word("register", register_kinds, RegisterKind::unknown);
    registration.register_code = fields.maybe_code("register_code").value_or(std::string());
    registration.number = fields.text_or_empty("number", {.characters_max = 20});
    registration.date = fields.maybe_day("date");
    fields.finish();
    if (registration.number.find_first_not_of("0123456789") != std::string::npos)
        fields.invalid("number", "is not made of digits");
    if (registration.kind == RegisterKind::none &&
        (!registration.number.empty() || registration.date))
        fields.invalid("register", "is 'none' although a number or a date is given");
    return registration;
}

Json write_registration(const Registration& registration) {
    Json json = Json::object();
    if (registration.flow != Flow::unknown) json["flow"] = word_for(flows, registration.flow);
    if (registration.kind != RegisterKind::unknown)
        json["register"] = word_for(register_kinds, registration.kind);
    put(json, "register_code", registration.register_code);
    put(json, "number", registration.number);
    put(json, "date", registration.date);
    return json;
}

Party read_party(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Party party{fields.code("role"), fields.code("kind"), fields.text("name", short_rule)};
    fields.finish();
    if (!is_one_of(party_roles, party.role)) fields.invalid("role", "is not a role of Allegato 5");
    if (!is_one_of(party_kinds, party.kind)) fields.invalid("kind", "is not a kind of Allegato 5");
    return party;
}

Json write_party(const Party& party) {
    return {{"role", party.role}, {"kind", party.kind}, {"name", party.name}};
}

Format read_format(const Json& json) {
    Fields fields(json, "format");
    Format format;
    format.media_type = fields.text_or_empty("media_type", {.characters_max = 120});
    format.software_name = fields.text_or_empty("software_name", short_rule);
    format.software_version = fields.text_or_empty("software_version", short_rule);
    format.software_producer = fields.text_or_empty("software_producer", short_rule);
    fields.finish();
    return format;
}

Json write_format(const Format& format) {
    Json json = Json::object();
    put(json, "media_type", format.media_type);
    put(json, "software_name", format.software_name);
    put(json, "software_version", format.software_version);
    put(json, "software_producer", format.software_producer);
    return json;
}

Verification read_verification(const Json& json) {
    Fields fields(json, "verification");
    const Verification verification{fields.word("digitally_signed", answers, Answer::unknown),
                                    fields.word("sealed", answers, Answer::unknown),
                                    fields.word("time_stamped", answers, Answer::unknown),
                                    fields.word("copy_conforms", answers, Answer::unknown)};
    fields.finish();
    return verification;
}

Json write_verification(const Verification& verification) {
    Json json = Json::object();
    const auto add = [&json](const char* name, Answer answer) {
        if (answer != Answer::unknown) json[name] = word_for(answers, answer);
    };
    add("digitally_signed", verification.digitally_signed);
    add("sealed", verification.sealed);
    add("time_stamped", verification.time_stamped);
    add("copy_conforms", verification.copy_conforms);
    return json;
}

std::optional<DocumentId> read_document_id(Fields& fields, const char* name) {
    const auto text = fields.maybe_text(name, {.characters_max = 36});
    if (!text) return std::nullopt;
    const auto id = parse_id<DocumentId>(*text);
    if (!id) fields.invalid(name, "is not the id of a document");
    return id;
}

void read_service_fields(Fields& fields, DocumentMetadata& metadata, int current_year) {
    metadata.file_name = fields.text("file_name", {.characters_max = file_name_bytes_max});
    metadata.type = fields.code("type");
    const CodeEntry* type = document_types().find(metadata.type);
    if (type == nullptr) fields.invalid("type", "is not in the list of document types");
    metadata.type = type->id;
    metadata.authority = fields.maybe_code("authority").value_or(std::string());
    if (!metadata.authority.empty() && authorities().find(metadata.authority) == nullptr)
        fields.invalid("authority", "is not in the list of authorities");
    metadata.proceedings = fields.list("proceedings", proceedings_max,
                                       [current_year](const Json& item, const std::string& path) {
                                           return read_proceeding(item, path, current_year);
                                       });
    metadata.date_of_act = fields.maybe_day("date_of_act");
    metadata.date_of_notification = fields.maybe_day("date_of_notification");
    metadata.date_of_arrival = fields.maybe_day("date_of_arrival");
    metadata.subject = fields.text_or_empty("subject", subject_rule);
    metadata.sender = fields.text_or_empty("sender", short_rule);
    metadata.channel = fields.word("channel", channels, Channel::unknown);
    metadata.paper_original =
        fields.word("paper_original", paper_originals, PaperOriginal::unknown);
    metadata.paper_place = fields.text_or_empty("paper_place", short_rule);
    metadata.pages = fields.maybe_number("pages", 1, 100'000);
    metadata.court_mandate = fields.word("court_mandate", court_mandates, CourtMandate::to_decide);
    metadata.confidential =
        fields.maybe_flag("confidential")
            .value_or(is_confidential_by_default(metadata.type, metadata.authority));
    metadata.note = fields.text_or_empty("note", {.characters_max = 2000, .lines = true});
}

void read_allegato_5_fields(Fields& fields, DocumentMetadata& metadata) {
    metadata.formation = fields.word("formation", formations, Formation::unknown);
    if (const Json* json = fields.maybe("registration"))
        metadata.registration = read_registration(*json);
    metadata.parties = fields.list("parties", parties_max, read_party);
    metadata.keywords =
        fields.list("keywords", keywords_max, [](const Json& item, const std::string& path) {
            return text_item(item, path, {.characters_max = 60});
        });
    metadata.attachments = fields.maybe_number("attachments", 0, 9999);
    metadata.attached_to = read_document_id(fields, "attached_to");
    metadata.classification = fields.text_or_empty("classification", {.characters_max = 24});
    if (!metadata.classification.empty() && !is_classification(metadata.classification))
        fields.invalid("classification", "is not an index of the titolario");
    if (const Json* json = fields.maybe("format")) metadata.format = read_format(*json);
    if (const Json* json = fields.maybe("verification"))
        metadata.verification = read_verification(*json);
    metadata.version = fields.maybe_number("version", 1, 10'000).value_or(1);
    metadata.supersedes = read_document_id(fields, "supersedes");
    metadata.retention_years = fields.maybe_number("retention_years", 1, 9999);
}

void put_object(Json& json, const char* name, Json object) {
    if (!object.empty()) json[name] = std::move(object);
}

void write_allegato_5_fields(Json& json, const DocumentMetadata& metadata) {
    if (metadata.formation != Formation::unknown)
        json["formation"] = word_for(formations, metadata.formation);
    put_object(json, "registration", write_registration(metadata.registration));
    put_list(json, "parties", metadata.parties, write_party);
    put_list(json, "keywords", metadata.keywords,
             [](const std::string& text) { return Json(text); });
    put(json, "attachments", metadata.attachments);
    if (metadata.attached_to) json["attached_to"] = to_text(*metadata.attached_to);
    put(json, "classification", metadata.classification);
    put_object(json, "format", write_format(metadata.format));
    put_object(json, "verification", write_verification(metadata.verification));
    json["version"] = metadata.version;
    if (metadata.supersedes) json["supersedes"] = to_text(*metadata.supersedes);
    put(json, "retention_years", metadata.retention_years);
}

}  // namespace

bool is_confidential_by_default(const std::string& type, const std::string& authority) {
    const CodeEntry* by_type = document_types().find(type);
    const CodeEntry* by_authority = authorities().find(authority);
    return (by_type != nullptr && by_type->judicial) ||
           (by_authority != nullptr && by_authority->judicial);
}

DocumentMetadata document_from_json(const Json& json, const Day& today) {
    // The name has rules of its own, and a code of its own that tells the clerk what to mend.
    if (json.is_object() && json.contains("file_name") && json["file_name"].is_string())
        check_file_name(json["file_name"].get_ref<const std::string&>());
    Fields fields(json);
    DocumentMetadata metadata;
    read_service_fields(fields, metadata, today.year);
    read_allegato_5_fields(fields, metadata);
    fields.finish();
    return metadata;
}

Json to_json(const DocumentMetadata& metadata) {
    Json json{{"file_name", metadata.file_name},
              {"type", metadata.type},
              {"court_mandate", word_for(court_mandates, metadata.court_mandate)},
              {"confidential", metadata.confidential}};
    put(json, "authority", metadata.authority);
    put_list(json, "proceedings", metadata.proceedings, write_proceeding);
    put(json, "date_of_act", metadata.date_of_act);
    put(json, "date_of_notification", metadata.date_of_notification);
    put(json, "date_of_arrival", metadata.date_of_arrival);
    put(json, "subject", metadata.subject);
    put(json, "sender", metadata.sender);
    if (metadata.channel != Channel::unknown)
        json["channel"] = word_for(channels, metadata.channel);
    if (metadata.paper_original != PaperOriginal::unknown)
        json["paper_original"] = word_for(paper_originals, metadata.paper_original);
    put(json, "paper_place", metadata.paper_place);
    put(json, "pages", metadata.pages);
    put(json, "note", metadata.note);
    write_allegato_5_fields(json, metadata);
    return json;
}

DocumentMetadata corrected(const DocumentMetadata& metadata, const Json& changes,
                           const Day& today) {
    if (!changes.is_object()) refuse_field("metadata", "is not an object");
    if (changes.empty())
        throw Error(ErrorCode::invalid_argument, "correction.empty",
                    "could not correct the document: no field is given");
    Json next = to_json(metadata);
    for (const auto& change : changes.items()) {
        if (change.value().is_null())
            next.erase(change.key());
        else
            next[change.key()] = change.value();
    }
    // An act that turns out to be a court's becomes confidential as if it had been filed as one;
    // the reverse is never decided by a default.
    const bool asked_anew = changes.contains("type") || changes.contains("authority");
    if (asked_anew && !metadata.confidential && !changes.contains("confidential"))
        next.erase("confidential");
    return document_from_json(next, today);
}

}  // namespace custode::records
