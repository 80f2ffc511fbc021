#include "archive/door.h"

#include "archive/base/encoding.h"
#include "archive/base/guard.h"
#include "archive/base/mutex.h"
#include "archive/records/code_list.h"

#include <deque>
#include <map>
#include <thread>

namespace custode {
namespace {

namespace access = ::policies::access;
using Json = nlohmann::json;

constexpr std::size_t reason_bytes_max = 4'000;
constexpr std::size_t counted_ids_max = 1'000;
constexpr std::size_t leases_max = 10'000;  // Past it every look is a disclosure of its own.
constexpr std::chrono::minutes lease_span{5};
/// How much later than its disclosure an event comes when the guard journal_first is left out.
constexpr std::chrono::milliseconds too_late{100};

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find it, or not for this account");
}

std::string attempted(const Resource& resource) {
    struct Name {
        std::string operator()(const OnNothing&) const { return {}; }
        // The one id that is not parsed before it comes here: as long as a client likes.
        std::string operator()(const OnUnit& unit) const {
            return records::units().find(unit.id) != nullptr ? unit.id : "(no unit)";
        }
        std::string operator()(const OnDossier& dossier) const { return to_text(dossier.id); }
        std::string operator()(const OnDocument& document) const { return to_text(document.id); }
        std::string operator()(const OnDocumentIn& in) const { return to_text(in.id); }
    };
    return std::visit(Name{}, resource);
}

access::Day policy_day(const Day& day) { return {day.year, day.month, day.day}; }

std::optional<access::Day> policy_day(const std::optional<Day>& day) {
    return day ? std::optional(policy_day(*day)) : std::nullopt;
}

access::Subject subject_of(const records::Account& account) {
    access::Subject subject;
    subject.account = to_text(account.id);
    subject.is_active = account.state == records::AccountState::active;
    for (const records::RoleHeld& held : account.roles)
        subject.roles.push_back(
            {held.role, held.unit, policy_day(held.from), policy_day(held.until), held.team});
    return subject;
}

bool is_open_unit(const std::string& unit, const Day& today) {
    const records::CodeEntry* entry = records::units().find(unit);
    return entry != nullptr && entry->valid_on(today);
}

const std::string& this_boot() {
    static const std::string boot = boot_id();
    return boot;
}

access::Resource resource_of(const records::DossierFacts& facts, const Day& today) {
    access::Resource resource;
    resource.kind = access::Resource::Kind::dossier;
    resource.unit = facts.unit;
    resource.is_unit_open = is_open_unit(resource.unit, today);
    resource.is_dossier_open = facts.state == records::DossierState::open;
    for (const AccountId& id : facts.assigned) resource.assigned.push_back(to_text(id));
    std::vector<access::Grant> grants;
    for (const records::Grant& grant : facts.grants)
        grants.push_back({to_text(grant.account), policy_day(grant.until)});
    resource.grants = access::Grants(std::move(grants));
    for (const records::Team& team : facts.teams) resource.teams.push_back({team.unit, team.name});
    for (const records::Conflict& conflict : facts.conflicts)
        resource.conflicts.push_back(to_text(conflict.account));
    return resource;
}

/// With the emergencies that still run.
access::Resource resource_of(const catalogue::DossierState& dossier, const Day& today,
                             std::int64_t boot_millis) {
    access::Resource resource = resource_of(dossier.facts, today);
    for (const records::GlassBreak& one : dossier.facts.breaks)
        if (one.is_running(this_boot(), boot_millis))
            resource.broken_glass.push_back(to_text(one.account));
    return resource;
}

/// A purpose is a short code; which ones an office uses is its own list.
void check_purpose(const Purpose& purpose) {
    const bool plain = std::all_of(purpose.code.begin(), purpose.code.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    if (purpose.code.size() > 31 || !plain)
        throw Error(ErrorCode::invalid_argument, "purpose.invalid",
                    "could not go on: a purpose is a code of up to 31 plain characters");
    if (purpose.reason.size() > reason_bytes_max || !is_utf8(purpose.reason))
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not go on: the reason is too long or not UTF-8");
}

/// What a rule asks of whoever carries the permit out: none of our answers marks or tells anybody
/// yet, and a permit that leaves that out would not be the one that was given.
void check_duties(const std::vector<access::Obligation>& obligations) {
    for (const access::Obligation obligation : obligations)
        if (obligation == access::Obligation::watermark ||
            obligation == access::Obligation::notification)
            throw Error(ErrorCode::unsupported, "obligation.unsupported",
                        "could not go on: a rule asks for what this program cannot do yet");
}

void check_obligations(const std::vector<access::Obligation>& unmet) {
    for (const access::Obligation obligation : unmet) {
        if (obligation == access::Obligation::purpose)
            throw Error(ErrorCode::invalid_argument, "purpose.missing",
                        "could not go on: a purpose is needed");
        if (obligation == access::Obligation::reason)
            throw Error(ErrorCode::invalid_argument, "reason.missing",
                        "could not go on: a reason in words is needed");
        if (obligation == access::Obligation::second_person)
            throw Error(ErrorCode::invalid_argument, "second_person.missing",
                        "could not go on: somebody else has to approve");
    }
}

}  // namespace

/// Under which disclosure somebody is reading a document.
struct Door::Lease {
    AccountId account;
    ObjectId object;
    EntryId dossier;
    std::string what, purpose, reason;
    auto operator<=>(const Lease&) const = default;
};

struct Door::State {
    struct Running {
        std::uint64_t disclosure = 0;
        std::int64_t until = 0;  ///< Boot time, ms.
    };

    catalogue::Ledger& ledger;

    /// Refusals of one account in the current minute.
    struct Tally {
        std::int64_t minute = 0;
        unsigned journaled = 0;
        unsigned counted = 0;
        std::vector<std::string> ids;
    };
    Mutex mutex;
    /// Shared with the lists that are being chosen while other rules come in force.
    std::shared_ptr<const access::Rules> rules CUSTODE_GUARDED_BY(mutex);
    std::map<AccountId, Tally> tallies CUSTODE_GUARDED_BY(mutex);
    std::map<Lease, Running> leases CUSTODE_GUARDED_BY(mutex);
    /// The same in the order in which they end, so that no look goes over all of them.
    std::deque<std::map<Lease, Running>::iterator> ending CUSTODE_GUARDED_BY(mutex);
    Mutex flushing;  // one flush at a time; taken before mutex
    /// Kept until they are durable.
    std::deque<journal::Draft> pending CUSTODE_GUARDED_BY(flushing);

    // Said aloud because clang 14 cannot make an aggregate from make_unique's parentheses.
    State(catalogue::Ledger& of, access::Rules by)
        : ledger(of), rules(std::make_shared<const access::Rules>(std::move(by))) {}

    std::shared_ptr<const access::Rules> rules_now() {
        const Lock lock(mutex);
        return rules;
    }

    Day today() const { return roman_day(ledger.clock().now()); }

    access::Context context(const Purpose& purpose) const {
        return {policy_day(today()), purpose.code, purpose.reason};
    }

    access::Resource resource(const catalogue::DossierState& dossier) const {
        return resource_of(dossier, today(), ledger.clock().boot_millis());
    }

    /// Where whoever looks works now: what the person concerned may be told instead of a name.
    Json offices(const Principal& principal) const {
        const auto own = account(principal);
        return own ? Json(records::offices_of(*own, today())) : Json::array();
    }

    std::optional<records::Account> account(const Principal& principal) const {
        const auto state = ledger.memory().account(principal.account());
        if (!state) return std::nullopt;
        return state->account;
    }

    /// Whether this refusal still gets an event of its own.
    bool journal_this(const AccountId& account, const std::string& id) {
        const std::int64_t minute = ledger.clock().boot_millis() / 60'000;
        const Lock lock(mutex);
        Tally& tally = tallies[account];
        if (tally.minute != minute) {
            tally.minute = minute;
            tally.journaled = 0;
        }
        if (tally.journaled < refusals_journaled_per_minute) {
            ++tally.journaled;
            return true;
        }
        ++tally.counted;
        if (tally.ids.size() < counted_ids_max) tally.ids.push_back(id);
        return false;
    }
};

Door::Door(catalogue::Ledger& ledger, access::Rules rules)
    : state_(std::make_unique<State>(ledger, std::move(rules))) {}

void Door::use(access::Rules rules) {
    auto next = std::make_shared<const access::Rules>(std::move(rules));
    const Lock lock(state_->mutex);
    state_->rules.swap(next);
}

Door::~Door() = default;

/// Asks for a shared decree through each of its dossiers in turn; the first that opens is the one
/// through which it is read.
bool Door::through(const DocumentId& document, const DossierId* only,
                   const std::function<bool(const access::Resource&)>& permitted,
                   Target& target) const {
    target.document = document;
    target.object = state_->ledger.rows().object_of(document);
    const auto place = state_->ledger.read(
        [&](const catalogue::Lookup& rows) { return rows.place(target.object); });
    for (const auto& link : place ? place->links : std::vector<catalogue::LinkPlace>{}) {
        const auto dossier = state_->ledger.memory().dossier(link.dossier);
        if (!dossier || (only != nullptr && dossier->facts.id != *only)) continue;
        if (!permitted(state_->resource(*dossier))) continue;
        target.dossier = dossier;
        target.link = link;
        return true;
    }
    return false;
}

Door::Answer Door::decide(const Principal& principal, Action action, const Resource& resource,
                          const Purpose& purpose) {
    check_purpose(purpose);
    const auto account = state_->account(principal);
    if (!account) refuse(principal, action, resource, "account.unknown");
    const access::Subject subject = subject_of(*account);
    const access::Context context = state_->context(purpose);
    const auto rules = state_->rules_now();
    const auto ask = [&](const access::Resource& asked) {
        return access::decide(*rules, subject, action, asked, context);
    };

    Answer answer;
    answer.purpose = purpose;
    std::string rule = "missing";
    const auto permitted = [&](const access::Resource& asked) {
        const access::Decision decision = ask(asked);
        rule = decision.rule;
        if (!decision.is_permitted) return false;
        check_obligations(access::unmet(decision, context));
        check_duties(decision.obligations);
        if (purpose.code.empty()) answer.purpose.code = decision.purpose;
        answer.rule = rule;
        return true;
    };

    if (std::holds_alternative<OnNothing>(resource)) {
        access::Resource asked;
        if (access::touches_dossiers(action)) asked.kind = access::Resource::Kind::collection;
        if (permitted(asked)) return answer;
    } else if (const auto* unit = std::get_if<OnUnit>(&resource)) {
        access::Resource asked;
        asked.kind = access::Resource::Kind::dossier;
        asked.unit = unit->id;
        asked.is_unit_open = is_open_unit(unit->id, state_->today());
        if (permitted(asked)) return answer;
    } else if (const auto* on = std::get_if<OnDossier>(&resource)) {
        answer.target.dossier = state_->ledger.memory().dossier(on->id);
        if (answer.target.dossier && permitted(state_->resource(*answer.target.dossier)))
            return answer;
    } else if (const auto* in = std::get_if<OnDocumentIn>(&resource)) {
        if (through(in->id, &in->dossier, permitted, answer.target)) return answer;
    } else if (const auto* document = std::get_if<OnDocument>(&resource)) {
        if (through(document->id, nullptr, permitted, answer.target)) return answer;
    }
    refuse(principal, action, resource, rule);
}

std::optional<std::uint64_t> Door::running_lease(const Lease& lease) const {
    const std::int64_t now = state_->ledger.clock().boot_millis();
    const Lock lock(state_->mutex);
    auto& ending = state_->ending;
    for (; !ending.empty() && ending.front()->second.until <= now; ending.pop_front())
        state_->leases.erase(ending.front());
    const auto found = state_->leases.find(lease);
    if (found == state_->leases.end()) return std::nullopt;
    return found->second.disclosure;
}

std::uint64_t Door::journal_disclosure(const Principal& principal, const Answer& answer,
                                       const std::string& what) {
    const Purpose& purpose = answer.purpose;
    const Lease lease{principal.account(),
                      answer.target.object,
                      answer.target.dossier ? answer.target.dossier->entry : EntryId{},
                      what,
                      purpose.code,
                      purpose.reason};
    if (!lease.object.is_nil())
        if (const auto running = running_lease(lease)) return *running;
    Json payload = {{"what", what},
                    {"account", to_text(principal.account())},
                    {"rule", answer.rule},
                    {"offices", state_->offices(principal)}};
    if (!purpose.reason.empty()) payload["reason"] = purpose.reason;
    journal::Draft draft;
    draft.action = journal::Action::disclosure_opened;
    draft.actor = principal.account();
    draft.purpose = purpose.code;
    const auto sequence = std::make_shared<std::uint64_t>(0);
    before_showing([target = answer.target, draft, payload, sequence](auto& batch) mutable {
        if (!target.object.is_nil()) {
            const auto keys = batch.lookup().object_keys(target.link);
            // Moved away or destroyed since the decision: it is not here any more.
            if (!keys || keys->object != target.object) missing();
            payload["dossier"] = to_text(target.dossier->entry);
            draft.subject_kind = journal::SubjectKind::object;
            draft.subject = keys->object.bytes;
            draft.payload_key = journal::PayloadKey::object;
            draft.key = keys->records;
        } else if (target.dossier) {
            const auto keys = batch.lookup().dossier_keys(target.dossier->entry);
            if (!keys) missing();
            draft.subject_kind = journal::SubjectKind::dossier;
            draft.subject = keys->entry.bytes;
            draft.payload_key = journal::PayloadKey::dossier;
            draft.key = keys->m;
        }
        draft.payload = payload.dump();
        *sequence = batch.append(draft);
    });
    if (!lease.object.is_nil()) {
        const std::int64_t span = std::chrono::milliseconds(lease_span).count();
        const Lock lock(state_->mutex);
        if (state_->leases.size() >= leases_max) return *sequence;
        // One that a parallel look has begun meanwhile stays: both were journaled.
        const auto [place, is_new] = state_->leases.try_emplace(
            lease, State::Running{*sequence, state_->ledger.clock().boot_millis() + span});
        if (is_new) state_->ending.push_back(place);
    }
    return *sequence;
}

void Door::before_showing(std::function<void(catalogue::Batch&)> task) {
    if (stands(Guard::journal_first)) return state_->ledger.commit(task);
    // As those do it who write the audit after the answer: nobody waits, nobody looks.
    state_->ledger.post([task = std::move(task)](catalogue::Batch& batch) {
        std::this_thread::sleep_for(too_late);
        task(batch);
    });
}

void Door::disclosed(const Principal& principal, const Purpose& purpose, const std::string& what,
                     Json details) {
    details["what"] = what;
    details["account"] = to_text(principal.account());
    details["offices"] = state_->offices(principal);
    journal::Draft draft;
    draft.action = journal::Action::disclosure_opened;
    draft.actor = principal.account();
    draft.purpose = purpose.code;
    draft.payload = details.dump();
    before_showing([draft](catalogue::Batch& batch) { batch.append(draft); });
}

bool Door::would_permit(const Principal& principal, Action action,
                        const catalogue::DossierState& dossier) const {
    return permits(principal, action)(dossier);
}

std::function<bool(const catalogue::DossierState&)> Door::permits(const Principal& principal,
                                                                  Action action) const {
    const auto account = state_->account(principal);
    if (!account) return [](const catalogue::DossierState&) { return false; };
    return [rules = state_->rules_now(), subject = subject_of(*account), action,
            context = state_->context({}), today = state_->today(),
            boot_millis =
                state_->ledger.clock().boot_millis()](const catalogue::DossierState& dossier) {
        return access::decide(*rules, subject, action, resource_of(dossier, today, boot_millis),
                              context)
            .is_permitted;
    };
}

bool Door::permits_service(const records::Account& account, Action action) const {
    return access::decide(*state_->rules_now(), subject_of(account), action, {},
                          state_->context({}))
        .is_permitted;
}

Json Door::offices(const Principal& principal) const { return state_->offices(principal); }

access::Decision Door::decision_on(const access::Rules& rules, const records::Account& account,
                                   const records::DossierFacts& facts, Action action, Millis at) {
    const Day day = roman_day(at);
    access::Resource resource = resource_of(facts, day);
    const std::int64_t span = std::chrono::milliseconds(records::GlassBreak::span).count();
    for (const records::GlassBreak& one : facts.breaks)
        if (at >= one.opened && at.value - one.opened.value < span)
            resource.broken_glass.push_back(to_text(one.account));
    return access::decide(rules, subject_of(account), action, resource, {policy_day(day)});
}

void Door::note_refusal(const Principal& principal, Action action, const std::string& attempted,
                        const std::string& rule) {
    if (!state_->journal_this(principal.account(), attempted)) return;
    journal::Draft draft;
    draft.action = journal::Action::access_refused;
    draft.actor = principal.account();
    draft.outcome = journal::Outcome::refused;
    draft.payload =
        Json{{"action", access::name(action)}, {"attempted", attempted}, {"rule", rule}}.dump();
    state_->ledger.commit([&](catalogue::Batch& batch) { batch.append(draft); });
}

void Door::refuse(const Principal& principal, Action action, const Resource& resource,
                  const std::string& rule) {
    note_refusal(principal, action, attempted(resource), rule);
    missing();
}

void Door::flush_refusals() {
    const Lock flushing(state_->flushing);
    std::map<AccountId, State::Tally> counted;
    {
        const Lock lock(state_->mutex);
        for (auto& [account, tally] : state_->tallies) {
            if (tally.counted == 0) continue;
            // What the minute has used up stays used up.
            counted[account] = {tally.minute, 0, std::exchange(tally.counted, 0),
                                std::exchange(tally.ids, {})};
        }
        const std::int64_t minute = state_->ledger.clock().boot_millis() / 60'000;
        std::erase_if(state_->tallies,
                      [&](const auto& entry) { return entry.second.minute < minute; });
    }
    for (const auto& [account, tally] : counted) {
        journal::Draft draft;
        draft.action = journal::Action::refusals_counted;
        draft.actor = account;
        draft.outcome = journal::Outcome::refused;
        draft.payload = Json{{"count", tally.counted}, {"attempted", tally.ids}}.dump();
        state_->pending.push_back(std::move(draft));
    }
    while (!state_->pending.empty()) {
        const journal::Draft& next = state_->pending.front();
        state_->ledger.commit([&](catalogue::Batch& batch) { batch.append(next); });
        state_->pending.pop_front();
    }
}

}  // namespace custode
