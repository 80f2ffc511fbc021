// archive/acts/proposals.h
#pragma once

#include "archive/door.h"
#include "archive/records/proposal.h"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <string>

namespace custode::acts {

/// Dual control: what one person proposes and another decides.
///
/// A proposal is an event with a statement that says in full what is to be done.  Who approves
/// names the statement's hash, so that what was shown is what is approved; the approval and what
/// it brings about are one transaction, which looks again at the state, at the rights of both and
/// at whether the proposal still applies: it is done once or not at all.  The two are never the
/// same account, and neither acts for somebody else.
///
/// Errors   (not_found, "not_found"); (conflict, "proposal.own" | "proposal.not_own" |
///          "proposal.decided" | "proposal.expired" | "proposal.statement" | "proposal.stale" |
///          "proposal.too_many"); (invalid_argument, "reason.missing" | "reason.invalid").
/// Threads  Any; carry_out() before the first request.
class Proposals {
public:
    static constexpr std::chrono::hours open_for{7 * 24};
    static constexpr std::size_t open_max = 200;

    Proposals(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    /// What a kind brings about, run in the approval's transaction; throws "proposal.stale" when it
    /// does not apply any more.  What it gives back is run once that is durable.
    using Done = std::function<void()>;
    using Execute = std::function<Done(catalogue::Batch& batch, const records::Proposal& proposal,
                                       const Principal& approver)>;
    void carry_out(records::ProposalKind kind, Action needed, Execute execute);

    /// In a task: puts it to a second person.
    records::Proposal propose(catalogue::Batch& batch, const Principal& proposer,
                              const std::string& rule, records::ProposalKind kind,
                              const records::RightsChange& content);

    nlohmann::json list(const Permit<Action::proposal_show>& permit, bool all) const;
    nlohmann::json show(const Permit<Action::proposal_show>& permit, const ProposalId& id) const;
    /// `statement`: the hash of what was shown, lower-case hex.  Gives proposal and receipt.
    nlohmann::json approve(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                           const std::string& statement);
    nlohmann::json refuse(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                          const std::string& reason);
    nlohmann::json cancel(const Permit<Action::proposal_decide>& permit, const ProposalId& id);
    /// Journals which ones nobody decided in time; called every minute.
    void expire();

private:
    struct Kind {
        Action needed{};
        Execute execute;
    };
    using Decide = std::function<void(catalogue::Batch& batch, records::Proposal& proposal)>;
    nlohmann::json decide(const Permit<Action::proposal_decide>& permit, const ProposalId& id,
                          const Decide& how);
    void check_still_right(catalogue::Batch& batch, const records::Proposal& proposal,
                           const Principal& approver) const;
    const Kind& kind(records::ProposalKind kind) const;

    catalogue::Ledger& ledger_;
    Door& door_;
    std::array<Kind, static_cast<std::size_t>(records::ProposalKind::password_reset) + 1> kinds_;
};

/// What the API shows of a proposal, at that time.
nlohmann::json proposal_json(const records::Proposal& proposal, Millis now);

[[noreturn]] void refuse_stale_proposal();

}  // namespace custode::acts
