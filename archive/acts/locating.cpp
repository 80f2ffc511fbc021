#include "archive/acts/locating.h"

#include "archive/records/folding.h"
#include "archive/search/index.h"

namespace custode::acts {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t minute_millis = 60'000;

void check(const std::string& query) {
    if (query.size() > Locating::query_bytes_max)
        throw Error(ErrorCode::invalid_argument, "query.too_long", "could not look: too long");
    if (records::folded(query).size() < Locating::query_characters_min)
        throw Error(ErrorCode::invalid_argument, "query.empty",
                    "could not look: four characters are the least");
}

/// Not documents, not state, not who works on it: enough to pick the right child.
Json line_of(const catalogue::DossierState& dossier) {
    const records::Person& person = dossier.facts.person;
    return {{"id", to_text(dossier.facts.id)},
            {"code", records::to_text(dossier.facts.code)},
            {"designation", person.designation().shown()},
            {"birth", person.birth.shown()},
            {"unit", dossier.facts.unit}};
}

}  // namespace

void Locating::take_turn(const Principal& principal) {
    const std::int64_t now = ledger_.clock().boot_millis();
    {
        const Lock lock(mutex_);
        if (looks_.size() >= accounts_max)
            std::erase_if(looks_, [&](const auto& entry) {
                return entry.second.empty() || entry.second.back() + minute_millis <= now;
            });
        auto& looks = looks_[principal.account()];
        while (!looks.empty() && looks.front() + minute_millis <= now) looks.pop_front();
        if (looks.size() < a_minute) return looks.push_back(now);
    }
    door_.note_refusal(principal, Action::dossier_locate, "", "locate.too_many");
    throw Error(ErrorCode::busy, "locate.too_many", "could not look: too often in one minute");
}

Locating::Found Locating::locate(const Permit<Action::dossier_locate>& permit,
                                 const std::string& query) {
    permit.check_lease();
    check(query);
    take_turn(permit.principal());
    const auto permitted = door_.permits(permit.principal(), Action::dossier_locate);
    const auto allowed = [&](const DossierId& id) {
        const auto dossier = ledger_.memory().dossier(id);
        return dossier && permitted(*dossier);
    };
    search::Hits hits;
    const search::DossierIndex::Options options{roman_day(ledger_.clock().now()).year, hits_max};
    ledger_.memory().search(
        [&](const search::DossierIndex& index) { hits = index.query(query, options, allowed); });
    Found found{Json::array(), hits.has_more};
    Json shown = Json::array();
    for (const search::Hit& hit : hits.items) {
        const auto dossier = ledger_.memory().dossier(hit.id);
        if (!dossier) continue;
        found.items.push_back(line_of(*dossier));
        shown.push_back(to_text(dossier->entry));
    }
    door_.disclosed(
        permit.principal(), permit.purpose(), "dossier.locate",
        {{"query", query}, {"reason", permit.purpose().reason}, {"dossiers", std::move(shown)}});
    return found;
}

}  // namespace custode::acts
