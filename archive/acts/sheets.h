// archive/acts/sheets.h
#pragma once

#include "archive/door.h"
#include "archive/records/emergency_sheet.h"

#include <nlohmann/json.hpp>

namespace custode::acts {

/// The emergency sheet of a dossier: kept by who works on it, read at night without breaking glass.
///
/// Errors   (not_found, "not_found"); (invalid_argument, "sheet.source") for a source that is no
///          living document of the dossier.
/// Threads  Any.
class Sheets {
public:
    explicit Sheets(catalogue::Ledger& ledger) : ledger_(ledger) {}

    /// Who the child is, who works on the dossier, and the sheet; null where none was written.
    nlohmann::json show(const Permit<Action::dossier_emergency>& permit) const;
    /// Replaces it whole; whoever writes vouches for it that day.  The journal keeps the former.
    nlohmann::json write(const Permit<Action::dossier_emergency_write>& permit,
                         records::EmergencySheet sheet);

private:
    nlohmann::json shown(const catalogue::DossierState& dossier) const;
    catalogue::Ledger& ledger_;
};

}  // namespace custode::acts
