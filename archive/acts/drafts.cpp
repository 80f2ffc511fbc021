#include "archive/acts/drafts.h"

namespace custode::acts {

journal::Draft about_system(journal::Action action, const std::optional<AccountId>& actor,
                            const nlohmann::json& payload) {
    journal::Draft draft;
    draft.action = action;
    draft.actor = actor;
    draft.outcome = actor ? journal::Outcome::permitted : journal::Outcome::system;
    draft.payload = payload.dump();
    return draft;
}

journal::Draft about_dossier(journal::Action action, const AccountId& actor,
                             const catalogue::DossierKeys& dossier, const nlohmann::json& payload) {
    journal::Draft draft = about_system(action, actor, payload);
    draft.subject_kind = journal::SubjectKind::dossier;
    draft.subject = dossier.entry.bytes;
    draft.payload_key = journal::PayloadKey::dossier;
    draft.key = dossier.m;
    return draft;
}

journal::Draft about_object(journal::Action action, const AccountId& actor,
                            const catalogue::ObjectKeys& object, const nlohmann::json& payload) {
    journal::Draft draft = about_system(action, actor, payload);
    draft.subject_kind = journal::SubjectKind::object;
    draft.subject = object.object.bytes;
    draft.payload_key = journal::PayloadKey::object;
    draft.key = object.records;
    return draft;
}

}  // namespace custode::acts
