#include "archive/acts/emergency.h"

#include "archive/acts/drafts.h"
#include "archive/crypto/digest.h"
#include "archive/records/text.h"
#include "policies/calendar.h"

#include <limits>

namespace custode::acts {
namespace {

using catalogue::Batch;
using catalogue::DossierState;
using records::DossierFacts;
using records::GlassBreak;
using Json = nlohmann::json;

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the dossier");
}

void check_words(const std::string& words) {
    if (words.find_first_not_of(" \t\n") == std::string::npos)
        throw Error(ErrorCode::invalid_argument, "reason.missing",
                    "could not go on: a reason in words is needed");
    const auto problem = records::examine_text(
        words, {.characters_max = records::reason_characters_max, .lines = true});
    if (problem != records::TextProblem::none)
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not go on: the reason is too long or holds what no text does");
}

Day due_after(Millis opened) {
    const Day day = roman_day(opened);
    const auto due = policies::calendar::add_working_days({day.year, day.month, day.day},
                                                          records::review_working_days);
    return {due.year, due.month, due.day};
}

Millis end_of(const GlassBreak& one) {
    return {one.opened.value + std::chrono::milliseconds(GlassBreak::span).count()};
}

/// The facts of the dossier as its row states them in this very task.
DossierFacts facts_in(const Batch& batch, const EntryId& entry, catalogue::DossierKeys& keys) {
    auto row = batch.lookup().dossier(entry);
    if (!row) missing();
    keys = row->keys;
    return records::dossier_from_json(row->facts);
}

auto with_id(const BreakId& id) {
    return [id](const GlassBreak& one) { return one.id == id; };
}

const std::string& this_boot() {
    static const std::string boot = boot_id();
    return boot;
}

}  // namespace

Json Emergency::break_glass(const Permit<Action::dossier_break_glass>& permit) {
    const Purpose& purpose = permit.purpose();
    if (std::find(records::break_codes.begin(), records::break_codes.end(), purpose.code) ==
        records::break_codes.end())
        throw Error(ErrorCode::invalid_argument, "break_glass.code",
                    "could not open: the reason is no code of the list");
    check_words(purpose.reason);
    permit.check_lease();
    GlassBreak one;
    one.id = crypto::random_id<BreakId>();
    one.account = permit.principal().account();
    one.code = purpose.code;
    one.reason = purpose.reason;
    one.boot = this_boot();
    const auto& target = *permit.target().dossier;
    door_.before_showing([&, entry = target.entry](Batch& batch) {
        catalogue::DossierKeys keys;
        DossierFacts facts = facts_in(batch, entry, keys);
        if (facts.breaks.size() >= records::breaks_max)
            throw Error(ErrorCode::conflict, "break_glass.too_many",
                        "could not open: too many emergencies wait for their review");
        one.opened = batch.now();
        one.boot_millis = ledger_.clock().boot_millis();
        one.due = due_after(one.opened);
        facts.breaks.push_back(one);
        journal::Draft draft = about_dossier(journal::Action::glass_broken, one.account, keys,
                                             {{"facts", records::to_json(facts)},
                                              {"break", to_text(one.id)},
                                              {"what", "break-glass"},
                                              {"account", to_text(one.account)},
                                              {"offices", door_.offices(permit.principal())},
                                              {"reason", one.reason},
                                              {"rule", permit.rule()}});
        draft.purpose = one.code;
        batch.append(draft);
    });
    return {{"id", to_text(one.id)},
            {"dossier", to_text(target.facts.id)},
            {"code", records::to_text(target.facts.code)},
            {"until", to_rfc3339(end_of(one))},
            {"minutes", GlassBreak::span.count()},
            {"due", to_text(one.due)}};
}

Json Emergency::shown(const DossierState& dossier, const GlassBreak& one) const {
    const auto name = [&](const AccountId& id) {
        const auto account = ledger_.memory().account(id);
        return account ? account->account.name : std::string();
    };
    Json json = {{"id", to_text(one.id)},
                 {"dossier", to_text(dossier.facts.id)},
                 {"code", records::to_text(dossier.facts.code)},
                 {"unit", dossier.facts.unit},
                 {"account", name(one.account)},
                 {"purpose", one.code},
                 {"reason", one.reason},
                 {"opened", to_rfc3339(one.opened)},
                 {"until", to_rfc3339(end_of(one))},
                 {"running", one.is_running(this_boot(), ledger_.clock().boot_millis())},
                 {"due", to_text(one.due)},
                 {"overdue", one.state == GlassBreak::State::unreviewed &&
                                 one.due < roman_day(ledger_.clock().now())},
                 {"state", one.state == GlassBreak::State::incident ? "incident" : "unreviewed"}};
    if (one.reviewer) json["reviewer"] = name(*one.reviewer);
    if (!one.review.empty()) json["review"] = one.review;
    return json;
}

Json Emergency::list(const Principal& principal) {
    const auto told = door_.permits(principal, Action::dossier_notices);
    const auto waiting = ledger_.memory().dossiers(
        "", std::numeric_limits<std::size_t>::max(), [&](const DossierState& dossier) {
            return !dossier.facts.breaks.empty() && told(dossier);
        });
    std::vector<std::pair<Millis, Json>> found;
    Json shown_entries = Json::array();
    for (const auto& dossier : waiting) {
        shown_entries.push_back(to_text(dossier->entry));
        for (const GlassBreak& one : dossier->facts.breaks)
            found.emplace_back(one.opened, shown(*dossier, one));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Json items = Json::array();
    for (auto& [opened, item] : found) items.push_back(std::move(item));
    door_.disclosed(principal, {}, "review.list", {{"dossiers", std::move(shown_entries)}});
    return items;
}

DossierId Emergency::dossier_of(const BreakId& id) const {
    const auto found = ledger_.memory().dossiers("", 1, [&](const DossierState& dossier) {
        const auto& breaks = dossier.facts.breaks;
        return std::any_of(breaks.begin(), breaks.end(), with_id(id));
    });
    return found.empty() ? DossierId{} : found.front()->facts.id;
}

Json Emergency::review(const Permit<Action::dossier_review>& permit, const BreakId& id,
                       const std::string& verdict, const std::string& words) try {
    check_words(words);
    const bool is_closing = verdict == "justified" || verdict == "incident-closed";
    if (!is_closing && verdict != "not-justified")
        throw Error(ErrorCode::invalid_argument, "review.verdict",
                    "could not review: the verdict is none of the list");
    permit.check_lease();
    const AccountId by = permit.principal().account();
    ledger_.commit([&, entry = permit.target().dossier->entry](Batch& batch) {
        catalogue::DossierKeys keys;
        DossierFacts facts = facts_in(batch, entry, keys);
        const auto one = std::find_if(facts.breaks.begin(), facts.breaks.end(), with_id(id));
        if (one == facts.breaks.end()) missing();
        if (one->account == by)
            throw Error(ErrorCode::conflict, "review.own",
                        "could not review: nobody reviews their own emergency");
        const bool is_incident = one->state == GlassBreak::State::incident;
        if (is_incident != (verdict == "incident-closed"))
            throw Error(ErrorCode::conflict, "review.state",
                        "could not review: an incident is closed, what is not one is judged");
        const AccountId breaker = one->account;
        if (is_closing) {
            facts.breaks.erase(one);
        } else {
            one->state = GlassBreak::State::incident;
            one->reviewer = by;
            one->review = words;
        }
        batch.append(about_dossier(journal::Action::glass_reviewed, by, keys,
                                   {{"facts", records::to_json(facts)},
                                    {"break", to_text(id)},
                                    {"breaker", to_text(breaker)},
                                    {"verdict", verdict},
                                    {"words", words},
                                    {"rule", permit.rule()}}));
    });
    return {{"id", to_text(id)},
            {"dossier", to_text(permit.target().dossier->facts.id)},
            {"verdict", verdict},
            {"state", is_closing ? "closed" : "incident"}};
} catch (const Error& error) {
    if (error.name() == "review.own")
        door_.note_refusal(permit.principal(), Action::dossier_review, to_text(id), error.name());
    throw;
}

}  // namespace custode::acts
