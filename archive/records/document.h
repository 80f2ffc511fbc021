#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/records/formation.h"
#include "archive/records/people.h"
#include "archive/records/proceeding_number.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace custode::records {

/// A proceeding as the act writes it, what the grammar made of it, and its other numbers (the same
/// proceeding after a migration of registers).
struct ProceedingReference {
    std::string raw;
    std::optional<ProceedingNumber> parsed;
    std::vector<std::string> aliases;  ///< Raw.
};

enum class Channel { unknown, pec, post, hand, fax, mail, scan, other };
enum class PaperOriginal { unknown, present, transferred, discarded, none };
enum class CourtMandate { to_decide, yes, no };  ///< "Formed on the court's mandate".
enum class Flow { unknown, in, out, internal };
enum class RegisterKind { unknown, none, protocol, repertory };

/// Allegato 5, DatiDiRegistrazione: where the body registered the document.
struct Registration {
    Flow flow = Flow::unknown;
    RegisterKind kind = RegisterKind::unknown;
    std::string register_code;
    std::string number;  ///< Digits as the register writes them, zeroes in front included.
    std::optional<Day> date;
};

/// Allegato 5, Soggetti/Ruolo.  `role` and `kind` are literals of the schema ("Mittente", "PF").
struct Party {
    std::string role;
    std::string kind;
    std::string name;
};

/// Allegato 5, Verifica.
struct Verification {
    Answer digitally_signed = Answer::unknown;
    Answer sealed = Answer::unknown;
    Answer time_stamped = Answer::unknown;
    Answer copy_conforms = Answer::unknown;  ///< Only asked of scans.
};

/// Allegato 5, IdentificativoDelFormato: as claimed by who filed; the examiner finds the truth.
struct Format {
    std::string media_type;
    std::string software_name;
    std::string software_version;
    std::string software_producer;
};

/// What is known about a document beside its bytes.  Unknown is stored as unknown: filing never
/// waits for a field, and missing() says what is still to be completed.
///
/// Errors  document_from_json throws Error(invalid_argument, "field.…" | "file_name.invalid").
/// Source  AgID Allegato 5 (DocumentoAmministrativoInformatico) and the service's own fields.
struct DocumentMetadata {
    std::string file_name;
    std::string type;       ///< Id in document_types().
    std::string authority;  ///< Id in authorities(), or empty: unknown.
    std::vector<ProceedingReference> proceedings;
    std::optional<Day> date_of_act;
    std::optional<Day> date_of_notification;
    std::optional<Day> date_of_arrival;
    std::string subject;
    std::string sender;
    Channel channel = Channel::unknown;
    PaperOriginal paper_original = PaperOriginal::unknown;
    std::string paper_place;
    std::optional<std::uint64_t> pages;
    CourtMandate court_mandate = CourtMandate::to_decide;
    bool confidential = false;  ///< Riservato; true by default for acts of judicial authorities.

    Formation formation = Formation::unknown;
    Registration registration;
    std::vector<Party> parties;
    std::vector<std::string> keywords;
    std::optional<std::uint64_t> attachments;
    std::optional<DocumentId> attached_to;  ///< The principal document that this one is annexed to.
    std::string classification;             ///< Empty: that of the dossier.
    Format format;
    Verification verification;
    std::uint64_t version = 1;
    std::optional<DocumentId> supersedes;
    std::optional<std::uint64_t> retention_years;  ///< 9999: permanent.  Unknown means never due.
    std::string note;
};

/// `today` tells the century of two-digit years in proceeding numbers.  A proceeding may be a bare
/// text, or {"raw", "register", "number", "sub", "year", "aliases"} as to_json writes it.
DocumentMetadata document_from_json(const nlohmann::json& json, const Day& today);
nlohmann::json to_json(const DocumentMetadata& metadata);

/// The metadata with some fields replaced, as in document_from_json; null makes a field unknown.
/// @throws Error(invalid_argument, "correction.empty" | "field.…")
DocumentMetadata corrected(const DocumentMetadata& metadata, const nlohmann::json& changes,
                           const Day& today);

/// Whether the type or the authority makes a document confidential unless somebody says otherwise.
bool is_confidential_by_default(const std::string& type, const std::string& authority);

/// A field that Allegato 5 or the service asks for and that is still unknown.
struct Missing {
    enum class AskedBy { allegato_5, service };

    std::string field;  ///< As in the JSON: "registration.number".
    std::string label;  ///< In Italian, for people.
    AskedBy asked_by;
};

/// In the order of a form; empty when the document is complete.  Retention is never asked: it comes
/// from the body's own plan, and while it is unknown nothing falls due.
std::vector<Missing> missing(const DocumentMetadata& metadata);

constexpr std::size_t proceedings_max = 32;
constexpr std::size_t parties_max = 64;
constexpr std::size_t keywords_max = 5;  ///< Allegato 5: ParoleChiave 0..5.
constexpr std::size_t subject_characters_max = 1000;
constexpr std::size_t proceeding_characters_max = 120;

}  // namespace custode::records
