// archive/acts/emergency.h
#pragma once

#include "archive/door.h"

#include <nlohmann/json.hpp>

#include <string>

namespace custode::acts {

/// Breaking the glass: one dossier seen in an emergency by who has no other right to it, and the
/// review that must follow.
///
/// The event is durable before anything can be seen, and from then on the dossier stands on the
/// list of those who keep it and of those who watch over the journal, until somebody else than the
/// one who broke it says that it was justified, or that it was not and how the incident ended.
/// What is seen meanwhile is journaled as every look is.
///
/// Errors   (invalid_argument, "break_glass.code" | "review.verdict" | "reason.missing" |
///          "reason.invalid"); (conflict, "break_glass.too_many" | "review.own" | "review.state");
///          (not_found, "not_found").
/// Threads  Any.
class Emergency {
public:
    Emergency(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    /// The permit's purpose is the code, its reason the words.
    nlohmann::json break_glass(const Permit<Action::dossier_break_glass>& permit);

    /// Every emergency of the dossiers that the principal is told about and that is not closed, the
    /// oldest first; journaled as shown.
    nlohmann::json list(const Principal& principal);

    /// The dossier of an emergency, to ask leave for; nil when there is none of that id.
    DossierId dossier_of(const BreakId& id) const;
    /// `verdict`: "justified", "not-justified" (an incident, which stays), "incident-closed".
    nlohmann::json review(const Permit<Action::dossier_review>& permit, const BreakId& id,
                          const std::string& verdict, const std::string& words);

private:
    nlohmann::json shown(const catalogue::DossierState& dossier,
                         const records::GlassBreak& one) const;

    catalogue::Ledger& ledger_;
    Door& door_;
};

}  // namespace custode::acts
