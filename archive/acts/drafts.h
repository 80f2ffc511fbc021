// archive/acts/drafts.h
#pragma once

#include "archive/catalogue/rows.h"
#include "archive/journal/journal.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// The three shapes of an event that acts draft; what the payload says is sealed under the key with
/// which it shall die: the year's, the dossier's or the object's.
journal::Draft about_system(journal::Action action, const std::optional<AccountId>& actor,
                            const nlohmann::json& payload);
journal::Draft about_dossier(journal::Action action, const AccountId& actor,
                             const catalogue::DossierKeys& dossier, const nlohmann::json& payload);
journal::Draft about_object(journal::Action action, const AccountId& actor,
                            const catalogue::ObjectKeys& object, const nlohmann::json& payload);

}  // namespace custode::acts
