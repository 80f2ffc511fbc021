#include "archive/acts/disclosures.h"

#include "archive/base/encoding.h"
#include "archive/records/folding.h"

#include <charconv>
#include <map>
#include <set>

namespace custode::acts {
namespace {

using journal::Header;
using journal::SubjectKind;
using Json = nlohmann::json;
using Open = std::function<journal::OpenedEvent()>;

constexpr std::uint64_t events_a_transaction = 1'000;  // A read transaction is short.

/// What decides whether somebody sees a dossier or what is in it.
constexpr std::array seeing{
    Action::dossier_list,   Action::dossier_show,    Action::document_list,
    Action::document_read,  Action::search_dossiers, Action::search_documents,
    Action::document_proof, Action::export_court,    Action::dossier_history};

bool shows_something(journal::Action action) {
    return action == journal::Action::disclosure_opened ||
           action == journal::Action::export_created || action == journal::Action::glass_broken;
}

bool names(const Json& payload, const char* list, const std::string& id) {
    if (!payload.contains(list) || !payload.at(list).is_array()) return false;
    const Json& ids = payload.at(list);
    return std::find(ids.begin(), ids.end(), Json(id)) != ids.end();
}

std::uint64_t number_of(const std::string& cursor) {
    std::uint64_t value = 0;
    const auto [end, problem] =
        std::from_chars(cursor.data(), cursor.data() + cursor.size(), value);
    if (problem != std::errc() || end != cursor.data() + cursor.size())
        throw Error(ErrorCode::invalid_argument, "field.invalid", "could not go on: cursor");
    return value;
}

Json payload_of(const journal::OpenedEvent& event) {
    const Json payload =
        Json::parse(event.payload_destroyed ? "{}" : event.payload, nullptr, false);
    return payload.is_discarded() ? Json::object() : payload;
}

}  // namespace

/// One way over the journal for one dossier.
class Disclosures::Look {
public:
    Look(catalogue::Ledger& ledger, const catalogue::DossierState& dossier)
        : ledger_(ledger), entry_(dossier.entry), entry_text_(to_text(dossier.entry)) {
        ledger.read([&](const catalogue::Lookup& rows) {
            const auto row = rows.dossier(dossier.entry);
            for (std::uint32_t i = 0; row && i < row->next; ++i) {
                const auto link = rows.link(row->keys, i);
                if (link && !link->unlinked) documents_.emplace(link->object, link->document);
            }
        });
        for (const auto& [object, document] : documents_) objects_.insert(to_text(object));
    }

    /// What that event showed of the dossier, or nothing.
    std::optional<Json> seen(const Header& header, const Open& open) const {
        if (!shows_something(header.action)) return std::nullopt;
        const bool of_dossier =
            header.subject_kind == SubjectKind::dossier && header.subject == entry_.bytes;
        if (header.subject_kind == SubjectKind::dossier && !of_dossier) return std::nullopt;
        const Json payload = payload_of(open());
        std::optional<DocumentId> document;
        if (header.subject_kind == SubjectKind::object) {
            const auto known = documents_.find(ObjectId{header.subject});
            if (known != documents_.end()) document = known->second;
            if (!document && payload.value("dossier", "") != entry_text_) return std::nullopt;
        } else if (!of_dossier && !lists_it(payload)) {
            return std::nullopt;
        }
        Json item = {{"event", header.sequence},
                     {"time", to_rfc3339(header.time)},
                     {"account", name_of(payload.value("account", ""))},
                     {"offices", payload.value("offices", Json::array())},
                     {"what", payload.value("what", payload.contains("export") ? "export" : "")},
                     {"purpose", header.purpose}};
        if (document) item["document"] = to_text(*document);
        if (header.subject_kind == SubjectKind::object)
            item["through_another"] = payload.value("dossier", "") != entry_text_;
        for (const char* more : {"reason", "recipient", "acting_for"})
            if (payload.contains(more) && payload.at(more).is_string() && payload.at(more) != "")
                item[more] = payload.at(more);
        if (item.contains("acting_for")) item["acting_for"] = name_of(item.at("acting_for"));
        return item;
    }

    template <class Visit>
    void visit(std::uint64_t from, std::uint64_t to, Visit visit) {
        for (std::uint64_t start = from; start < to; start += events_a_transaction)
            ledger_.visit_events(start, std::min(to, start + events_a_transaction), visit);
    }

private:
    /// Lists and searches name dossiers by entry, documents by object.
    bool lists_it(const Json& payload) const {
        if (names(payload, "dossiers", entry_text_)) return true;
        if (!payload.contains("objects") || !payload.at("objects").is_array()) return false;
        const Json& ids = payload.at("objects");
        return std::any_of(ids.begin(), ids.end(), [&](const Json& id) {
            return id.is_string() && objects_.contains(id.get_ref<const std::string&>());
        });
    }

    std::string name_of(const std::string& id) const {
        const auto parsed = parse_id<AccountId>(id);
        const auto account = parsed ? ledger_.memory().account(*parsed) : std::nullopt;
        return account ? account->account.name : "";
    }

    catalogue::Ledger& ledger_;
    EntryId entry_;
    std::string entry_text_;
    std::map<ObjectId, DocumentId> documents_;
    std::set<std::string> objects_;
};

namespace {

/// Offices, times and purposes (CGUE C-579/21): neither who, nor of which document.
Json for_the_subject(const Json& item) {
    return {{"time", item.at("time")},
            {"offices", item.at("offices")},
            {"purpose", item.at("purpose")}};
}

/// What the journal states of accounts and of one dossier up to a moment.
struct Then {
    std::map<std::string, records::Account> accounts{};  ///< By canonical name.
    std::optional<records::DossierFacts> dossier{};
    std::string rules{};  ///< The text of those in force; empty before any was journaled whole.

    void take(const Header& header, const Open& open, const EntryId& entry) {
        using journal::Action;
        if (header.action == Action::account_created || header.action == Action::account_changed) {
            const Json payload = payload_of(open());
            accounts.insert_or_assign(payload.at("name").get<std::string>(),
                                      records::account_from_json(payload.at("row").at("account")));
        } else if (header.action == Action::rules_loaded) {
            rules = payload_of(open()).value("text", rules);
        } else if (header.subject_kind == SubjectKind::dossier && header.subject == entry.bytes) {
            const Json payload = payload_of(open());
            if (payload.contains("facts"))
                dossier = records::dossier_from_json(payload.at("facts"));
        }
    }
};

/// Those of that time; today's shipped ones where they were not journaled, or ask for what this
/// program does not know.
policies::access::LoadedRules rules_of(const std::string& text) {
    namespace access = policies::access;
    access::LoadedRules loaded =
        access::load_rules(text.empty() ? access::shipped_rules_text() : std::string_view(text));
    if (!loaded.rules) loaded.rules = access::shipped_rules();
    return loaded;
}

[[noreturn]] void busy() {
    throw Error(ErrorCode::busy, "history.busy",
                "could not go on: another look at the journal is under way");
}

}  // namespace

Disclosures::Page Disclosures::history(const Permit<Action::dossier_history>& permit,
                                       bool for_subject, const std::string& cursor,
                                       std::size_t limit) {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    if (!looking_.try_lock()) busy();
    const Lock looking(looking_, std::adopt_lock);
    Look look(ledger_, *permit.target().dossier);
    const std::uint64_t size = ledger_.journal().size();
    const std::uint64_t from = cursor.empty() ? 0 : number_of(cursor);
    const std::uint64_t to = std::min(size, from + events_a_page);
    Page page;
    std::uint64_t next = to;
    look.visit(from, to, [&](const Header& header, const Open& open) {
        if (page.items.size() == limit) {
            next = std::min(next, header.sequence);
            return;
        }
        const auto item = look.seen(header, open);
        if (item) page.items.push_back(for_subject ? for_the_subject(*item) : *item);
    });
    if (next < size) page.next = std::to_string(next);
    return page;
}

Json Disclosures::readers(const Permit<Action::dossier_history>& permit, Millis at) {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    if (!looking_.try_lock()) busy();
    const Lock looking(looking_, std::adopt_lock);
    const EntryId entry = permit.target().dossier->entry;
    Look look(ledger_, *permit.target().dossier);
    Then then;
    bool is_past = false;
    // The journal's order, not its clock's, is what happened: the first event after the moment ends
    // it, though a clock set back may have given later ones an earlier time.
    look.visit(0, ledger_.journal().size(), [&](const Header& header, const Open& open) {
        is_past = is_past || header.time > at;
        if (!is_past) then.take(header, open, entry);
    });
    if (!then.dossier)
        throw Error(ErrorCode::invalid_argument, "field.invalid",
                    "could not look: the dossier was not there at that time");
    const auto loaded = rules_of(then.rules);
    Json items = Json::array();
    for (const auto& [name, account] : then.accounts) {
        Json may = Json::array();
        std::set<std::string> rules;
        for (const Action action : seeing) {
            const auto decision =
                Door::decision_on(*loaded.rules, account, *then.dossier, action, at);
            if (!decision.is_permitted) continue;
            may.push_back(policies::access::name(action));
            rules.insert(decision.rule);
        }
        if (may.empty()) continue;
        Json offices = Json::array();
        for (const std::string& office : records::offices_of(account, roman_day(at)))
            offices.push_back(office);
        items.push_back({{"account", account.name},
                         {"offices", std::move(offices)},
                         {"may", std::move(may)},
                         {"rules", rules}});
    }
    return {{"at", to_rfc3339(at)},
            {"items", std::move(items)},
            {"next", nullptr},
            {"same_rules", !then.rules.empty() && loaded.reason.empty()}};
}

}  // namespace custode::acts
