// archive/door.h
#pragma once

#include "archive/catalogue/ledger.h"
#include "policies/access.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace custode {

namespace acts {
class Sessions;
}

using policies::access::Action;  // NOLINT(misc-unused-using-decls): spelled by every caller

/// Who asks, as a session vouches for it.  Only Sessions makes one.
class Principal {
public:
    const AccountId& account() const { return account_; }
    const std::string& name() const { return name_; }  ///< Canonical.

private:
    friend class acts::Sessions;
    Principal(const AccountId& account, std::string name)
        : account_(account), name_(std::move(name)) {}

    AccountId account_;
    std::string name_;
};

/// Why somebody wants to see: a code of the list and, where a rule asks it, words.
struct Purpose {
    std::string code;
    std::string reason;
};

/// What an action is done to.
struct OnDossier {
    DossierId id;
};
struct OnDocument {
    DocumentId id;
};
struct OnUnit {
    std::string id;
};
/// A document as it lies in one dossier of those that hold it.
struct OnDocumentIn {
    DocumentId id;
    DossierId dossier;
};
/// Nothing in particular: the service, or a list whose items are asked about one by one.
struct OnNothing {};
using Resource = std::variant<OnNothing, OnUnit, OnDossier, OnDocument, OnDocumentIn>;

/// What a permit was given for, resolved.
struct Target {
    std::shared_ptr<const catalogue::DossierState> dossier;  ///< Through which, for a document.
    catalogue::LinkPlace link;                               ///< Of a document.
    ObjectId object;
    DocumentId document;
};

/// Leave to do one thing to one resource, once asked for and given.  Only the door makes it, and
/// every function that reveals or changes anything takes the permit for exactly that: a forgotten
/// check does not compile.
///
/// Lifetime  Dies with its lease: after five minutes acts refuse it.
/// Errors    check_lease() throws Error(busy, "permit.expired"): ask again.
template <Action action>
class Permit {
public:
    static constexpr std::chrono::minutes lease{5};

    const Principal& principal() const { return principal_; }
    const Purpose& purpose() const { return purpose_; }
    const Target& target() const { return target_; }
    const std::string& rule() const { return rule_; }
    /// Sequence of the durable disclosure event; acts that change something have none before.
    std::optional<std::uint64_t> disclosure() const { return disclosure_; }
    void check_lease() const {
        if (std::chrono::steady_clock::now() >= until_)
            throw Error(ErrorCode::busy, "permit.expired",
                        "could not go on: the leave has expired");
    }

private:
    friend class Door;
    Permit(Principal principal, Purpose purpose, Target target, std::string rule,
           std::optional<std::uint64_t> disclosure)
        : principal_(std::move(principal)),
          purpose_(std::move(purpose)),
          target_(std::move(target)),
          rule_(std::move(rule)),
          disclosure_(disclosure),
          until_(std::chrono::steady_clock::now() + lease) {}

    Principal principal_;
    Purpose purpose_;
    Target target_;
    std::string rule_;
    std::optional<std::uint64_t> disclosure_;
    std::chrono::steady_clock::time_point until_;
};

/// The one door: asks the policies, journals, may refuse.
///
/// A refusal and a missing thing are one path: an event access.refused, then
/// Error(not_found, "not_found").  Above sixty a minute per account they are counted in memory and
/// journaled together, so that a flood of refusals does not become a flood of fsyncs.
///
/// Errors   Error(not_found, "not_found"); Error(invalid_argument, "purpose.missing" |
///          "purpose.unknown" | "reason.missing") when a rule asks for one; whatever journaling
///          throws, and then nothing is permitted: fail closed.
/// Threads  Any.
class Door {
public:
    static constexpr unsigned refusals_journaled_per_minute = 60;

    Door(catalogue::Ledger& ledger, policies::access::Rules rules);
    ~Door();

    /// From now on these rules decide; whoever has a permit keeps it for its lease.
    void use(policies::access::Rules rules);

    /// Asks for leave to change something: the change itself will be the journal's entry.
    template <Action action>
    Permit<action> ask(const Principal& principal, const Resource& resource,
                       const Purpose& purpose = {}) {
        Answer answer = decide(principal, action, resource, purpose);
        return {principal, std::move(answer.purpose), std::move(answer.target),
                std::move(answer.rule), std::nullopt};
    }

    /// Asks for leave to see something; when it returns, the disclosure is durable in the journal.
    /// Who reads on in the same document for the same purpose within five minutes (page after page,
    /// range after range) does so under the same disclosure: one event, not forty.
    template <Action action>
    Permit<action> ask_to_see(const Principal& principal, const Resource& resource,
                              const Purpose& purpose, const std::string& what) {
        Answer answer = decide(principal, action, resource, purpose);
        const std::uint64_t event = journal_disclosure(principal, answer, what);
        return {principal, std::move(answer.purpose), std::move(answer.target),
                std::move(answer.rule), event};
    }

    /// Journals what a list or a search showed, before it is shown.  `shown`: pseudonyms.
    void disclosed(const Principal& principal, const Purpose& purpose, const std::string& what,
                   nlohmann::json details);

    /// Runs the task, which journals what is about to be shown; returns when that is durable.  The
    /// one way for a disclosure into the journal.
    void before_showing(std::function<void(catalogue::Batch&)> task);

    /// Whether the account might do that to this dossier, without a trace: for choosing what a list
    /// holds, never for an answer of its own.
    bool would_permit(const Principal& principal, Action action,
                      const catalogue::DossierState& dossier) const;
    /// The same for many dossiers, with the account and the day as they are now.
    std::function<bool(const catalogue::DossierState&)> permits(const Principal& principal,
                                                                Action action) const;

    /// Whether an account as stated may do that to the service now: for what is looked at again
    /// where it is done.
    bool permits_service(const records::Account& account, Action action) const;
    /// What those rules say of an account as stated and a dossier with those facts, at that time,
    /// with the emergencies that ran then; without a trace, for saying who could see it when.
    static ::policies::access::Decision decision_on(const ::policies::access::Rules& rules,
                                                    const records::Account& account,
                                                    const records::DossierFacts& facts,
                                                    Action action, Millis at);
    /// Where whoever asks works now: what the person concerned by a file may know.
    nlohmann::json offices(const Principal& principal) const;
    /// Journals that somebody was refused what no rule speaks of ("proposal.own"); as after a
    /// refusal by a rule, above sixty a minute they are counted.
    void note_refusal(const Principal& principal, Action action, const std::string& attempted,
                      const std::string& rule);

    /// Journals the refusals that were only counted; called every minute and at sealing.
    void flush_refusals();

private:
    struct Answer {
        Target target;
        std::string rule;
        Purpose purpose;  ///< As given, or what the rule says where nothing need be given.
    };
    Answer decide(const Principal& principal, Action action, const Resource& resource,
                  const Purpose& purpose);
    bool through(const DocumentId& document, const DossierId* only,
                 const std::function<bool(const ::policies::access::Resource&)>& permitted,
                 Target& target) const;
    struct Lease;
    std::optional<std::uint64_t> running_lease(const Lease& lease) const;
    std::uint64_t journal_disclosure(const Principal& principal, const Answer& answer,
                                     const std::string& what);
    [[noreturn]] void refuse(const Principal& principal, Action action, const Resource& resource,
                             const std::string& rule);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode
