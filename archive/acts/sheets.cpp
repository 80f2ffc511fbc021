#include "archive/acts/sheets.h"

#include "archive/acts/drafts.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::DossierState;
using Json = nlohmann::json;

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
}

/// Looked at where nobody else writes: a document may be moved away at the same moment.
void check_sources(const Batch& batch, const catalogue::DossierRow& row,
                   const records::EmergencySheet& sheet) {
    for (const DocumentId& source : sheet.sources()) {
        const auto place = batch.lookup().place(batch.lookup().rows().object_of(source));
        const bool is_here =
            place && std::any_of(place->links.begin(), place->links.end(),
                                 [&](const auto& link) { return link.dossier == row.keys.entry; });
        if (!is_here)
            throw Error(ErrorCode::invalid_argument, "sheet.source",
                        "could not write: a source is no document of this dossier");
    }
}

}  // namespace

Json Sheets::shown(const DossierState& dossier) const {
    const auto name = [&](const AccountId& id) {
        const auto account = ledger_.memory().account(id);
        return account ? account->account.name : std::string();
    };
    Json assigned = Json::array();
    for (const AccountId& id : dossier.facts.assigned) assigned.push_back(name(id));
    Json json = {{"dossier", to_text(dossier.facts.id)},
                 {"code", records::to_text(dossier.facts.code)},
                 {"designation", dossier.facts.person.designation().shown()},
                 {"birth", dossier.facts.person.birth.shown()},
                 {"unit", dossier.facts.unit},
                 {"assigned", std::move(assigned)},
                 {"sheet", nullptr}};
    const auto sheet = ledger_.read([&](const catalogue::Lookup& rows) {
        const auto keys = rows.dossier_keys(dossier.entry);
        return keys ? rows.sheet(*keys) : std::nullopt;
    });
    if (!sheet) return json;
    json["sheet"] = *sheet;
    json["sheet"]["validated_by"] = name(records::sheet_from_json(*sheet).validated_by);
    return json;
}

Json Sheets::show(const Permit<Action::dossier_emergency>& permit) const {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    return shown(*permit.target().dossier);
}

Json Sheets::write(const Permit<Action::dossier_emergency_write>& permit,
                   records::EmergencySheet sheet) {
    permit.check_lease();
    sheet.validated_by = permit.principal().account();
    ledger_.commit([&, entry = permit.target().dossier->entry](Batch& batch) {
        const auto row = batch.lookup().dossier(entry);
        if (!row) missing();
        check_sources(batch, *row, sheet);
        sheet.validated = roman_day(batch.now());
        batch.append(about_dossier(journal::Action::sheet_written, permit.principal().account(),
                                   row->keys,
                                   {{"sheet", records::to_json(sheet)}, {"rule", permit.rule()}}));
    });
    return shown(*permit.target().dossier);
}

}  // namespace custode::acts
