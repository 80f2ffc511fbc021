#include "archive/acts/proposals.h"

#include "archive/acts/drafts.h"
#include "archive/base/encoding.h"
#include "archive/base/guard.h"
#include "archive/crypto/digest.h"
#include "archive/records/folding.h"
#include "archive/records/text.h"

namespace custode::acts {
namespace {

using catalogue::Batch;
using records::Proposal;
using records::ProposalState;
using Json = nlohmann::json;

[[noreturn]] void conflict(const char* name, const char* why) {
    throw Error(ErrorCode::conflict, name, std::string("could not decide: ") + why);
}

std::string statement_of(const Proposal& proposal) {
    const auto& content = std::get<records::RightsChange>(proposal.content);
    Json json{{"what", "proposal.made"},
              {"kind", records::word_of(proposal.kind)},
              {"proposal", to_text(proposal.id)},
              {"proposer", proposal.proposer_name},
              {"account", content.account},
              {"time", to_rfc3339(proposal.made)},
              {"expires", to_rfc3339(proposal.expires)}};
    if (content.role) json["role"] = records::to_json(*content.role);
    return json.dump();
}

std::string hash_of(const Proposal& proposal) {
    return to_hex(crypto::sha256({proposal.salt, view(proposal.statement)}));
}

journal::Draft draft_of(journal::Action action, const std::optional<AccountId>& actor,
                        const Proposal& proposal, const std::string& rule) {
    Json payload{{"proposal", records::to_json(proposal)}};
    if (!rule.empty()) payload["rule"] = rule;
    return about_system(action, actor, payload);
}

std::optional<Proposal> proposal_in(const Batch& batch, const ProposalId& id) {
    const auto row = batch.lookup().proposal(id);
    if (!row) return std::nullopt;
    return records::proposal_from_json(*row);
}

[[noreturn]] void missing() {
    throw Error(ErrorCode::not_found, "not_found", "could not find the proposal");
}

void check_open(const Proposal& proposal, Millis now) {
    if (proposal.state == ProposalState::expired ||
        (proposal.state == ProposalState::open && proposal.expires <= now))
        conflict("proposal.expired", "the proposal has expired");
    if (proposal.state != ProposalState::open)
        conflict("proposal.decided", "the proposal was decided already");
}

void check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\n") == std::string::npos)
        throw Error(ErrorCode::invalid_argument, "reason.missing",
                    "could not go on: a reason in words is needed");
    const auto problem = records::examine_text(
        reason, {.characters_max = records::proposal_reason_characters_max, .lines = true});
    if (problem != records::TextProblem::none)
        throw Error(ErrorCode::invalid_argument, "reason.invalid",
                    "could not go on: the reason is too long or holds what no text does");
}

/// The account as its row states it now, in this very group too.
std::optional<records::Account> account_in(const Batch& batch, const catalogue::Memory& memory,
                                           const AccountId& id) {
    const auto known = memory.account(id);
    if (!known) return std::nullopt;
    const auto row = batch.lookup().account(records::canonical_account_name(known->account.name));
    if (!row) return std::nullopt;
    return records::account_from_json(row->at("account"));
}

}  // namespace

void refuse_stale_proposal() {
    conflict("proposal.stale", "what was proposed does not apply any more");
}

Json proposal_json(const Proposal& proposal, Millis now) {
    const auto& content = std::get<records::RightsChange>(proposal.content);
    const bool is_late = proposal.state == ProposalState::open && proposal.expires <= now;
    Json json{{"id", to_text(proposal.id)},
              {"kind", records::word_of(proposal.kind)},
              {"account", content.account},
              {"state", records::word_of(is_late ? ProposalState::expired : proposal.state)},
              {"proposer", proposal.proposer_name},
              {"made", to_rfc3339(proposal.made)},
              {"expires", to_rfc3339(proposal.expires)},
              {"statement",
               {{"text", proposal.statement},
                {"salt", to_hex(proposal.salt)},
                {"sha256", hash_of(proposal)}}}};
    if (content.role) json["role"] = records::to_json(*content.role);
    if (proposal.decided) json["decided"] = to_rfc3339(*proposal.decided);
    if (!proposal.decider_name.empty()) json["decider"] = proposal.decider_name;
    if (!proposal.reason.empty()) json["reason"] = proposal.reason;
    return json;
}

void Proposals::carry_out(records::ProposalKind kind, Action needed, Execute execute) {
    kinds_[static_cast<std::size_t>(kind)] = {needed, std::move(execute)};
}

const Proposals::Kind& Proposals::kind(records::ProposalKind kind) const {
    const Kind& known = kinds_[static_cast<std::size_t>(kind)];
    require(known.execute != nullptr, "every kind of proposal can be carried out");
    return known;
}

Proposal Proposals::propose(Batch& batch, const Principal& proposer, const std::string& rule,
                            records::ProposalKind kind, const records::RightsChange& content) {
    const auto all = ledger_.memory().proposals();
    const auto open = std::count_if(all.begin(), all.end(), [&](const Proposal& other) {
        return other.state == ProposalState::open && other.expires > batch.now();
    });
    if (static_cast<std::size_t>(open) >= open_max)
        conflict("proposal.too_many", "too many proposals wait for a second person");
    Proposal proposal;
    proposal.id = crypto::random_id<ProposalId>();
    proposal.kind = kind;
    proposal.content = content;
    proposal.proposer = proposer.account();
    proposal.proposer_name = proposer.name();
    proposal.made = batch.now();
    proposal.expires = {batch.now().value + std::chrono::milliseconds(open_for).count()};
    crypto::fill_random(proposal.salt);
    proposal.statement = statement_of(proposal);
    journal::Draft draft =
        draft_of(journal::Action::proposal_made, proposer.account(), proposal, rule);
    draft.statement = {proposal.salt, proposal.statement};
    batch.append(draft);
    return proposal;
}

Json Proposals::list(const Permit<Action::proposal_show>& permit, bool all) const {
    permit.check_lease();
    const Millis now = ledger_.clock().now();
    Json items = Json::array();
    for (const Proposal& proposal : ledger_.memory().proposals())
        if (all || (proposal.state == ProposalState::open && proposal.expires > now))
            items.push_back(proposal_json(proposal, now));
    return items;
}

Json Proposals::show(const Permit<Action::proposal_show>& permit, const ProposalId& id) const {
    permit.check_lease();
    for (const Proposal& proposal : ledger_.memory().proposals())
        if (proposal.id == id) return proposal_json(proposal, ledger_.clock().now());
    missing();
}

/// Rights may have ended since the proposal was made, or since the approver was let in.
void Proposals::check_still_right(Batch& batch, const Proposal& proposal,
                                  const Principal& approver) const {
    for (const AccountId& id : {proposal.proposer, approver.account()}) {
        const auto account = account_in(batch, ledger_.memory(), id);
        if (!account || !door_.permits_service(*account, kind(proposal.kind).needed))
            refuse_stale_proposal();
    }
}

Json Proposals::decide(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                       const Decide& how) {
    permit.check_lease();
    Json shown;
    ledger_.commit([&](Batch& batch) {
        auto proposal = proposal_in(batch, id);
        if (!proposal) missing();
        check_open(*proposal, batch.now());
        how(batch, *proposal);
        shown = proposal_json(*proposal, batch.now());
    });
    return shown;
}

Json Proposals::approve(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                        const std::string& statement) try {
    const Principal& approver = permit.principal();
    journal::Draft::Statement approval;
    crypto::fill_random(approval.salt);
    std::uint64_t sequence = 0;
    Done done;
    Json shown = decide(permit, id, [&](Batch& batch, Proposal& proposal) {
        if (stands(Guard::second_person) && proposal.proposer == approver.account())
            conflict("proposal.own", "nobody decides on their own proposal");
        if (statement != hash_of(proposal))
            conflict("proposal.statement", "another statement was shown than this proposal's");
        check_still_right(batch, proposal, approver);
        proposal.state = ProposalState::executed;
        proposal.decider = approver.account();
        proposal.decider_name = approver.name();
        proposal.decided = batch.now();
        approval.text = Json{{"what", "proposal.approved"}, {"proposal", to_text(id)},
                             {"statement", statement},      {"proposer", proposal.proposer_name},
                             {"approver", approver.name()}, {"time", to_rfc3339(batch.now())}}
                            .dump();
        journal::Draft draft = draft_of(journal::Action::proposal_approved, approver.account(),
                                        proposal, permit.rule());
        draft.statement = approval;
        sequence = batch.append(draft);
        done = kind(proposal.kind).execute(batch, proposal, approver);
    });
    if (done) done();
    return {{"proposal", std::move(shown)},
            {"receipt", Json::parse(ledger_.journal().receipt(sequence, approval).json())}};
} catch (const Error& error) {
    if (error.name() == "proposal.own")
        door_.note_refusal(permit.principal(), Action::proposal_decide, to_text(id), error.name());
    throw;
}

Json Proposals::refuse(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                       const std::string& reason) {
    check_reason(reason);
    const Principal& by = permit.principal();
    return decide(permit, id, [&](Batch& batch, Proposal& proposal) {
        if (proposal.proposer == by.account())
            conflict("proposal.own", "one's own proposal is cancelled, not refused");
        proposal.state = ProposalState::refused;
        proposal.decider = by.account();
        proposal.decider_name = by.name();
        proposal.decided = batch.now();
        proposal.reason = reason;
        batch.append(
            draft_of(journal::Action::proposal_refused, by.account(), proposal, permit.rule()));
    });
}

Json Proposals::cancel(const Permit<Action::proposal_decide>& permit, const ProposalId& id) {
    const Principal& by = permit.principal();
    return decide(permit, id, [&](Batch& batch, Proposal& proposal) {
        if (proposal.proposer != by.account())
            conflict("proposal.not_own", "who proposed it cancels it; others refuse");
        proposal.state = ProposalState::cancelled;
        proposal.decider = by.account();
        proposal.decider_name = by.name();
        proposal.decided = batch.now();
        batch.append(
            draft_of(journal::Action::proposal_cancelled, by.account(), proposal, permit.rule()));
    });
}

void Proposals::expire() {
    const Millis now = ledger_.clock().now();
    for (const Proposal& late : ledger_.memory().proposals()) {
        if (late.state != ProposalState::open || late.expires > now) continue;
        ledger_.commit([&](Batch& batch) {
            auto proposal = proposal_in(batch, late.id);
            if (!proposal || proposal->state != ProposalState::open) return;
            proposal->state = ProposalState::expired;
            proposal->decided = batch.now();
            batch.append(draft_of(journal::Action::proposal_expired, std::nullopt, *proposal, {}));
        });
    }
}

}  // namespace custode::acts
