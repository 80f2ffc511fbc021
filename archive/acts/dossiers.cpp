#include "archive/acts/dossiers.h"

#include "archive/acts/drafts.h"
#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/records/code_list.h"
#include "archive/records/folding.h"
#include "archive/records/text.h"
#include "archive/search/index.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::DossierState;
using records::DossierFacts;
using Json = nlohmann::json;

constexpr std::size_t twins_max = 10;
constexpr std::size_t reason_bytes_max = 4'000;

void check_unit(const std::string& unit, const Day& today) {
    const records::CodeEntry* entry = records::units().find(unit);
    if (entry == nullptr || !entry->valid_on(today))
        throw Error(ErrorCode::invalid_argument, "unit.unknown", "could not find that unit");
}

std::string statement_of(const DossierFacts& facts, Millis time) {
    return Json{{"code", records::to_text(facts.code)},
                {"dossier", to_text(facts.id)},
                {"time", to_rfc3339(time)},
                {"what", "dossier.opened"}}
        .dump();
}

bool same_name(const records::Designation& a, const records::Designation& b) {
    return records::folded(a.shown()) == records::folded(b.shown());
}

/// Same tax code; or same name, and births that do not contradict each other.
bool may_be_same(const records::Person& a, const records::Person& b) {
    for (const records::TaxCode& one : a.tax_codes)
        for (const records::TaxCode& other : b.tax_codes)
            if (one.code == other.code) return true;
    const auto has_name = [&](const std::vector<records::Designation>& names) {
        return std::any_of(names.begin(), names.end(),
                           [&](const auto& name) { return same_name(name, a.designation()); });
    };
    if (!has_name(b.designations) && !has_name(b.aliases)) return false;
    using Precision = records::Birth::Precision;
    if (a.birth.precision == Precision::unknown || b.birth.precision == Precision::unknown)
        return true;
    if (a.birth.day && b.birth.day) return *a.birth.day == *b.birth.day;
    return a.birth.year_from <= b.birth.year_to && b.birth.year_from <= a.birth.year_to;
}

void check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\n") == std::string::npos)
        throw Error(ErrorCode::invalid_argument, "reason.missing",
                    "could not go on: a reason in words is needed");
    if (reason.size() > records::reason_characters_max || !is_utf8(reason))
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not go on: the reason is too long or not UTF-8");
}

/// Nobody is born after today, which is a day in Rome.
void check_birth(const records::Birth& birth, const Day& today) {
    const bool is_ahead = birth.day ? *birth.day > today
                                    : birth.precision != records::Birth::Precision::unknown &&
                                          birth.year_from > today.year;
    if (is_ahead)
        throw Error(ErrorCode::invalid_argument, "birth.future",
                    "could not go on: the birth lies in the future");
}

void check_not_in_conflict(const DossierFacts& facts, const AccountId& account) {
    for (const records::Conflict& conflict : facts.conflicts)
        if (conflict.account == account)
            throw Error(ErrorCode::conflict, "account.in_conflict",
                        "could not go on: the account must stay out of this dossier");
}

}  // namespace

/// From before the look for twins until the new dossier is one that the next look finds.
class Dossiers::Opening {
public:
    Opening(Dossiers& dossiers, const records::Person& person) : dossiers_(dossiers) {
        Lock lock(dossiers.opening_mutex_);
        dossiers.opening_ended_.wait(lock, [&]() CUSTODE_REQUIRES(dossiers.opening_mutex_) {
            return std::none_of(dossiers.opening_.begin(), dossiers.opening_.end(),
                                [&](const records::Person* other) {
                                    return may_be_same(person, *other) ||
                                           may_be_same(*other, person);
                                });
        });
        dossiers.opening_.push_front(&person);
        self_ = dossiers.opening_.begin();
    }
    ~Opening() {
        const Lock lock(dossiers_.opening_mutex_);
        dossiers_.opening_.erase(self_);
        dossiers_.opening_ended_.notify_all();
    }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;

private:
    Dossiers& dossiers_;
    std::list<const records::Person*>::iterator self_;
};

TwinError::TwinError(std::vector<Twin> twins)
    : Error(ErrorCode::conflict, "dossier.twin",
            "could not open: a dossier of the same child seems to exist"),
      twins_(std::move(twins)) {}

Json dossier_line(const DossierState& dossier) {
    const records::Person& person = dossier.facts.person;
    return {{"id", to_text(dossier.facts.id)},
            {"code", records::to_text(dossier.facts.code)},
            {"designation", person.designation().shown()},
            {"birth", person.birth.shown()},
            {"unit", dossier.facts.unit},
            {"state", dossier.facts.state == records::DossierState::open ? "open" : "closed"},
            {"documents", dossier.documents}};
}

/// Dossiers that seem to be of the same child, among those that the caller may list: one that may
/// not be seen does not exist.
std::vector<TwinError::Twin> Dossiers::probable_twins(const Principal& principal,
                                                      const records::Person& person) const {
    const auto permitted = door_.permits(principal, Action::dossier_list);
    const auto allowed = [&](const DossierId& id) {
        const auto dossier = ledger_.memory().dossier(id);
        return dossier && permitted(*dossier);
    };
    const search::DossierIndex::Options options{roman_day(ledger_.clock().now()).year, twins_max};
    std::vector<DossierId> found;
    ledger_.memory().search([&](const search::DossierIndex& index) {
        for (const records::TaxCode& code : person.tax_codes)
            for (const search::Hit& hit : index.query(code.code, options, allowed).items)
                if (hit.on(search::Match::tax_code)) found.push_back(hit.id);
        for (const search::Hit& hit :
             index.query(person.designation().shown(), options, allowed).items)
            found.push_back(hit.id);
    });
    std::vector<TwinError::Twin> twins;
    for (const DossierId& id : found) {
        const auto dossier = ledger_.memory().dossier(id);
        const bool known = std::any_of(twins.begin(), twins.end(),
                                       [&](const auto& twin) { return twin.id == id; });
        if (dossier && !known && may_be_same(person, dossier->facts.person))
            twins.push_back({id, records::to_text(dossier->facts.code)});
    }
    return twins;
}

Dossiers::Opened Dossiers::open(const Permit<Action::dossier_open>& permit,
                                const records::Person& person, const std::string& unit,
                                const std::string& twin_reason) {
    const Day today = roman_day(ledger_.clock().now());
    check_unit(unit, today);
    check_birth(person.birth, today);
    if (twin_reason.size() > reason_bytes_max)
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not open: the reason is too long");
    const Opening opening(*this, person);
    if (twin_reason.empty()) {
        std::vector<TwinError::Twin> twins = probable_twins(permit.principal(), person);
        if (!twins.empty()) {
            Json shown = Json::array();
            for (const auto& twin : twins) shown.push_back(twin.code);
            door_.disclosed(permit.principal(), {}, "dossier.twins", {{"codes", std::move(shown)}});
            throw TwinError(std::move(twins));
        }
    }

    // The key first, durably in the keyring's log; then the event that names it.  A crash between
    // the two leaves a key that opens nothing.
    const EntryId entry = ledger_.keys().add(crypto::EntryKind::dossier);
    Bytes wrap;
    const catalogue::DossierKeys keys = ledger_.rows().new_dossier(entry, wrap);
    Opened opened;
    opened.id = crypto::random_id<DossierId>();
    journal::Draft::Statement statement;
    crypto::fill_random(statement.salt);
    std::uint64_t sequence = 0;
    ledger_.commit([&](Batch& batch) {
        DossierFacts facts;
        facts.id = opened.id;
        facts.person = person;
        facts.unit = unit;
        facts.opened = roman_day(batch.now());
        const auto year = static_cast<std::uint32_t>(facts.opened.year);
        const std::uint64_t number = batch.lookup().counter(facts.classification, year) + 1;
        facts.code = {facts.opened.year, facts.classification, static_cast<std::uint32_t>(number)};
        opened.code = records::to_text(facts.code);
        Json payload = {{"facts", records::to_json(facts)}, {"rule", permit.rule()}};
        if (!twin_reason.empty()) payload["twin_reason"] = twin_reason;
        journal::Draft draft = about_dossier(journal::Action::dossier_opened,
                                             permit.principal().account(), keys, payload);
        draft.wraps.push_back(wrap);
        draft.counters.push_back({year, facts.classification, number});
        statement.text = statement_of(facts, batch.now());
        draft.statement = statement;
        sequence = batch.append(draft);
    });
    opened.receipt = ledger_.journal().receipt(sequence, statement);
    return opened;
}

Json Dossiers::shown(const DossierState& dossier) const {
    Json json = records::to_json(dossier.facts);
    json["documents"] = dossier.documents;
    json["designation"] = dossier.facts.person.designation().shown();
    json["assigned"] = Json::array();
    for (const AccountId& id : dossier.facts.assigned)
        if (const auto account = ledger_.memory().account(id))
            json["assigned"].push_back(account->account.name);
    json["grants"] = Json::array();
    for (const records::Grant& grant : dossier.facts.grants)
        if (const auto account = ledger_.memory().account(grant.account))
            json["grants"].push_back({{"account", account->account.name},
                                      {"until", to_text(grant.until)},
                                      {"reason", grant.reason}});
    json.erase("breaks");  // Those are for the ones who review them.
    if (!json.contains("teams")) json["teams"] = Json::array();
    json["conflicts"] = Json::array();
    for (const records::Conflict& conflict : dossier.facts.conflicts)
        if (const auto account = ledger_.memory().account(conflict.account))
            json["conflicts"].push_back(
                {{"account", account->account.name}, {"since", to_text(conflict.since)}});
    return json;
}

Json Dossiers::show(const Permit<Action::dossier_show>& permit) {
    require(permit.disclosure().has_value(), "a disclosure is durable before it is shown");
    const auto dossier = ledger_.memory().dossier(permit.target().dossier->entry);
    if (!dossier) throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
    return shown(*dossier);
}

Dossiers::Page Dossiers::list(const Permit<Action::dossier_list>& permit, const std::string& code,
                              const std::string& cursor, std::size_t limit) {
    const Principal& principal = permit.principal();
    const auto allowed = door_.permits(principal, Action::dossier_list);
    std::vector<std::shared_ptr<const DossierState>> found;
    if (code.empty()) {
        found = ledger_.memory().dossiers(cursor, limit, allowed);
    } else if (auto one = ledger_.memory().dossier(std::string_view(code)); one && allowed(*one)) {
        found.push_back(std::move(one));
    }
    Page page;
    Json shown = Json::array();
    for (const auto& dossier : found) {
        page.items.push_back(dossier_line(*dossier));
        shown.push_back(to_text(dossier->entry));
    }
    if (code.empty() && found.size() == limit)
        page.next = records::to_text(found.back()->facts.code);
    door_.disclosed(principal, {}, "dossier.list", {{"dossiers", std::move(shown)}});
    return page;
}

AccountId Dossiers::account_named(const std::string& name) const {
    std::string canonical;
    try {
        canonical = records::canonical_account_name(name);
    } catch (const Error&) {
        canonical.clear();
    }
    const auto state = ledger_.memory().account(canonical);
    if (!state || state->account.state != records::AccountState::active)
        throw Error(ErrorCode::not_found, "not_found", "could not find the account");
    return state->account.id;
}

void Dossiers::change(const Principal& principal, const std::string& rule, const Target& target,
                      const Json& why, const Change& change) {
    ledger_.commit([&](Batch& batch) {
        const auto row = batch.lookup().dossier(target.dossier->entry);
        if (!row) throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
        DossierFacts facts = records::dossier_from_json(row->facts);
        change(facts);
        const Json payload = {{"facts", records::to_json(facts)}, {"why", why}, {"rule", rule}};
        batch.append(about_dossier(journal::Action::dossier_changed, principal.account(), row->keys,
                                   payload));
    });
}

void Dossiers::assign(const Permit<Action::dossier_assign>& permit, const std::string& account) {
    const AccountId id = account_named(account);
    change(
        permit.principal(), permit.rule(), permit.target(),
        {{"what", "assigned"}, {"account", to_text(id)}}, [&](DossierFacts& facts) {
            if (std::find(facts.assigned.begin(), facts.assigned.end(), id) != facts.assigned.end())
                return;
            check_not_in_conflict(facts, id);
            if (facts.assigned.size() >= records::assigned_max)
                throw Error(ErrorCode::invalid_argument, "assigned.too_many",
                            "could not assign: too many accounts");
            facts.assigned.push_back(id);
        });
}

void Dossiers::unassign(const Permit<Action::dossier_assign>& permit, const std::string& account) {
    const AccountId id = account_named(account);
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "unassigned"}, {"account", to_text(id)}}, [&](DossierFacts& facts) {
               if (std::erase(facts.assigned, id) == 0)
                   throw Error(ErrorCode::not_found, "not_found", "could not find the assignment");
           });
}

void Dossiers::add_team(const Permit<Action::dossier_assign>& permit, const records::Team& team) {
    check_unit(team.unit, roman_day(ledger_.clock().now()));
    if (!records::is_code(team.name))
        throw Error(ErrorCode::invalid_argument, "team.invalid", "the team is not a code");
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "team"}, {"unit", team.unit}, {"team", team.name}}, [&](DossierFacts& facts) {
               if (std::find(facts.teams.begin(), facts.teams.end(), team) != facts.teams.end())
                   return;
               if (facts.teams.size() >= records::teams_max)
                   throw Error(ErrorCode::invalid_argument, "assigned.too_many",
                               "could not assign: too many teams");
               facts.teams.push_back(team);
           });
}

void Dossiers::remove_team(const Permit<Action::dossier_assign>& permit,
                           const records::Team& team) {
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "team ended"}, {"unit", team.unit}, {"team", team.name}},
           [&](DossierFacts& facts) {
               if (std::erase(facts.teams, team) == 0)
                   throw Error(ErrorCode::not_found, "not_found", "could not find the team");
           });
}

void Dossiers::grant(const Permit<Action::dossier_assign>& permit, const std::string& account,
                     const Day& until, const std::string& reason) {
    const AccountId id = account_named(account);
    if (until < roman_day(ledger_.clock().now()))
        throw Error(ErrorCode::invalid_argument, "grant.past", "could not grant: the day is past");
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "granted"}, {"account", to_text(id)}, {"until", to_text(until)}},
           [&](DossierFacts& facts) {
               check_not_in_conflict(facts, id);
               std::erase_if(facts.grants, [&](const auto& grant) { return grant.account == id; });
               if (facts.grants.size() >= records::grants_max)
                   throw Error(ErrorCode::invalid_argument, "assigned.too_many",
                               "could not grant: too many accounts");
               facts.grants.push_back({id, until, reason});
           });
}

void Dossiers::revoke(const Permit<Action::dossier_assign>& permit, const std::string& account) {
    const AccountId id = account_named(account);
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "revoked"}, {"account", to_text(id)}}, [&](DossierFacts& facts) {
               if (std::erase_if(facts.grants,
                                 [&](const auto& grant) { return grant.account == id; }) == 0)
                   throw Error(ErrorCode::not_found, "not_found", "could not find the grant");
           });
}

void Dossiers::add_conflict(const Permit<Action::dossier_conflict>& permit,
                            const std::string& account, const std::string& reason) {
    check_reason(reason);
    const AccountId id = account_named(account);
    const auto concerns = [&](const auto& one) { return one.account == id; };
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "conflict"}, {"account", to_text(id)}, {"reason", reason}},
           [&](DossierFacts& facts) {
               std::erase(facts.assigned, id);
               std::erase_if(facts.grants, concerns);
               std::erase_if(facts.conflicts, concerns);
               if (facts.conflicts.size() >= records::conflicts_max)
                   throw Error(ErrorCode::invalid_argument, "assigned.too_many",
                               "could not note: too many accounts");
               facts.conflicts.push_back({id, roman_day(ledger_.clock().now()), reason});
           });
}

void Dossiers::end_conflict(const Permit<Action::dossier_conflict>& permit,
                            const std::string& account, const std::string& reason) {
    check_reason(reason);
    const AccountId id = account_named(account);
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "conflict ended"}, {"account", to_text(id)}, {"reason", reason}},
           [&](DossierFacts& facts) {
               if (std::erase_if(facts.conflicts,
                                 [&](const auto& one) { return one.account == id; }) == 0)
                   throw Error(ErrorCode::not_found, "not_found", "could not find the conflict");
           });
}

Json Dossiers::correct(const Permit<Action::dossier_correct>& permit,
                       const records::PersonCorrection& correction) {
    if (correction.birth) check_birth(*correction.birth, roman_day(ledger_.clock().now()));
    change(permit.principal(), permit.rule(), permit.target(),
           {{"what", "corrected"}, {"correction", records::to_json(correction)}},
           [&](DossierFacts& facts) {
               facts.person =
                   records::apply(facts.person, correction, roman_day(ledger_.clock().now()));
           });
    const auto dossier = ledger_.memory().dossier(permit.target().dossier->entry);
    return shown(*dossier);
}

}  // namespace custode::acts
