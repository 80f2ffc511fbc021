#include "archive/records/code_list.h"
#include "archive/records/document.h"

namespace custode::records {
namespace {

using AskedBy = Missing::AskedBy;

/// Collects what is asked and not there.
class Form {
public:
    void ask(bool there, const char* field, const char* label, AskedBy asked_by) {
        if (!there) missing_.push_back({field, label, asked_by});
    }
    std::vector<Missing> result() && { return std::move(missing_); }

private:
    std::vector<Missing> missing_;
};

bool is_judicial(const DocumentMetadata& metadata) {
    return is_confidential_by_default(metadata.type, metadata.authority);
}

void ask_service(Form& form, const DocumentMetadata& metadata) {
    const auto service = AskedBy::service;
    if (is_judicial(metadata)) {
        form.ask(!metadata.authority.empty(), "authority", "autorità", service);
        form.ask(!metadata.proceedings.empty(), "proceedings", "numero di procedimento", service);
    }
    form.ask(metadata.date_of_act.has_value(), "date_of_act", "data dell'atto", service);
    form.ask(metadata.date_of_arrival.has_value(), "date_of_arrival", "data di arrivo", service);
    form.ask(!metadata.sender.empty(), "sender", "mittente", service);
    form.ask(metadata.channel != Channel::unknown, "channel", "canale di provenienza", service);
    form.ask(metadata.paper_original != PaperOriginal::unknown, "paper_original",
             "originale cartaceo", service);
    const bool on_paper = metadata.paper_original == PaperOriginal::present ||
                          metadata.paper_original == PaperOriginal::transferred;
    form.ask(!on_paper || !metadata.paper_place.empty(), "paper_place",
             "collocazione dell'originale cartaceo", service);
    form.ask(metadata.pages.has_value(), "pages", "numero di pagine", service);
    form.ask(metadata.court_mandate != CourtMandate::to_decide, "court_mandate",
             "formato su mandato dell'autorità giudiziaria (sì o no)", service);
}

void ask_registration(Form& form, const Registration& registration) {
    const auto agid = AskedBy::allegato_5;
    form.ask(registration.flow != Flow::unknown, "registration.flow", "tipologia di flusso", agid);
    form.ask(registration.kind != RegisterKind::unknown, "registration.register",
             "tipo di registro", agid);
    if (registration.kind == RegisterKind::unknown || registration.kind == RegisterKind::none)
        return;
    form.ask(!registration.register_code.empty(), "registration.register_code",
             "codice del registro", agid);
    form.ask(!registration.number.empty(), "registration.number", "numero di registrazione", agid);
    form.ask(registration.date.has_value(), "registration.date", "data di registrazione", agid);
}

/// The flags are asked of what was created with software or acquired (modes a and b), conformity
/// of copies only of scans.
void ask_verification(Form& form, const DocumentMetadata& metadata) {
    const auto agid = AskedBy::allegato_5;
    if (metadata.formation != Formation::created && metadata.formation != Formation::acquired)
        return;
    const Verification& verification = metadata.verification;
    form.ask(verification.digitally_signed != Answer::unknown, "verification.digitally_signed",
             "firmato digitalmente (sì o no)", agid);
    form.ask(verification.sealed != Answer::unknown, "verification.sealed",
             "sigillato elettronicamente (sì o no)", agid);
    form.ask(verification.time_stamped != Answer::unknown, "verification.time_stamped",
             "marca temporale (sì o no)", agid);
    if (metadata.formation == Formation::acquired)
        form.ask(verification.copy_conforms != Answer::unknown, "verification.copy_conforms",
                 "conformità della copia per immagine (sì o no)", agid);
}

}  // namespace

std::vector<Missing> missing(const DocumentMetadata& metadata) {
    const auto agid = AskedBy::allegato_5;
    Form form;
    form.ask(!metadata.subject.empty(), "subject", "oggetto", agid);
    ask_service(form, metadata);
    form.ask(metadata.formation != Formation::unknown, "formation", "modalità di formazione", agid);
    ask_registration(form, metadata.registration);
    form.ask(!metadata.parties.empty(), "parties", "soggetti", agid);
    form.ask(metadata.attachments.has_value(), "attachments", "numero degli allegati", agid);
    form.ask(!metadata.format.media_type.empty(), "format.media_type", "identificativo del formato",
             agid);
    ask_verification(form, metadata);
    return std::move(form).result();
}

}  // namespace custode::records
