#include "archive/acts/searching.h"

#include "archive/acts/dossiers.h"
#include "archive/acts/reading.h"
#include "archive/records/document.h"
#include "archive/records/folding.h"
#include "archive/search/index.h"

namespace custode::acts {
namespace {

using Json = nlohmann::json;

void check(const std::string& query) {
    if (query.size() > Searching::query_bytes_max)
        throw Error(ErrorCode::invalid_argument, "query.too_long", "could not search: too long");
    if (records::folded(query).size() < 2)
        throw Error(ErrorCode::invalid_argument, "query.empty",
                    "could not search: nothing to find");
}

Json matches_of(const search::Hit& hit) {
    using search::Match;
    constexpr std::pair<Match, const char*> names[] = {{Match::code, "code"},
                                                       {Match::tax_code, "tax_code"},
                                                       {Match::tax_code_near, "tax_code_near"},
                                                       {Match::external_id, "external_id"},
                                                       {Match::number, "number"},
                                                       {Match::name, "name"},
                                                       {Match::birth, "birth"}};
    Json matches = Json::array();
    for (const auto& [match, name] : names)
        if (hit.on(match)) matches.push_back(name);
    return matches;
}

/// On what the words of a query fall in a document; empty when not all of them fall on one thing.
std::string match_in(const records::DocumentMetadata& metadata, const std::string& folded_query) {
    const auto holds = [&](const std::string& text) {
        return records::folded(text).find(folded_query) != std::string::npos;
    };
    if (holds(metadata.subject)) return "subject";
    if (holds(metadata.sender)) return "sender";
    if (holds(metadata.file_name)) return "file_name";
    if (holds(metadata.type)) return "type";
    if (holds(metadata.registration.number)) return "registration";
    for (const auto& reference : metadata.proceedings)
        if (holds(reference.raw)) return "proceeding";
    return {};
}

}  // namespace

Json Searching::dossiers(const Permit<Action::search_dossiers>& permit, const std::string& query) {
    check(query);
    const auto permitted = door_.permits(permit.principal(), Action::search_dossiers);
    const auto allowed = [&](const DossierId& id) {
        const auto dossier = ledger_.memory().dossier(id);
        return dossier && permitted(*dossier);
    };
    search::Hits hits;
    const search::DossierIndex::Options options{roman_day(ledger_.clock().now()).year, hits_max};
    ledger_.memory().search(
        [&](const search::DossierIndex& index) { hits = index.query(query, options, allowed); });
    Json items = Json::array();
    Json shown = Json::array();
    for (const search::Hit& hit : hits.items) {
        const auto dossier = ledger_.memory().dossier(hit.id);
        if (!dossier) continue;
        Json item = dossier_line(*dossier);
        item["match"] = matches_of(hit);
        items.push_back(std::move(item));
        shown.push_back(to_text(dossier->entry));
    }
    door_.disclosed(permit.principal(), {}, "search.dossiers",
                    {{"query", query}, {"dossiers", std::move(shown)}});
    return items;
}

Json Searching::documents(const Permit<Action::search_documents>& permit,
                          const std::string& query) {
    check(query);
    const std::string folded_query = records::folded(query);
    const auto allowed = door_.permits(permit.principal(), Action::search_documents);
    Json items = Json::array();
    Json shown = Json::array();
    std::size_t looked_at = 0;
    for (std::string after; items.size() < hits_max && looked_at < documents_looked_at_max;) {
        const auto next = ledger_.memory().dossiers(after, 1, allowed);
        if (next.empty()) break;
        const auto& dossier = next.front();
        after = records::to_text(dossier->facts.code);
        ledger_.read([&](const catalogue::Lookup& rows) {
            const auto row = rows.dossier(dossier->entry);
            for (std::uint32_t i = 0; row && i < row->next && items.size() < hits_max; ++i) {
                const auto keys = rows.object_keys(catalogue::LinkPlace{dossier->entry, i});
                const auto document = keys ? rows.document(*keys) : std::nullopt;
                if (!document) continue;
                ++looked_at;
                const auto metadata =
                    records::document_from_json(document->metadata, roman_day(document->filed));
                const std::string match = match_in(metadata, folded_query);
                if (match.empty()) continue;
                Json item = document_json(ledger_, *document, dossier->facts.id);
                item["match"] = match;
                items.push_back(std::move(item));
                shown.push_back(to_text(document->object));
            }
        });
    }
    door_.disclosed(permit.principal(), {}, "search.documents",
                    {{"query", query}, {"objects", std::move(shown)}});
    return items;
}

}  // namespace custode::acts
