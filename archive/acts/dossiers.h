// archive/acts/dossiers.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/door.h"
#include "archive/proof/receipt.h"
#include "archive/records/people.h"

#include <nlohmann/json.hpp>

#include <list>

namespace custode::acts {

/// A child of this name and birth, or with this tax code, has a dossier already.
class TwinError : public Error {
public:
    struct Twin {
        DossierId id;
        std::string code;
    };
    explicit TwinError(std::vector<Twin> twins);
    const std::vector<Twin>& twins() const { return twins_; }

private:
    std::vector<Twin> twins_;
};

/// Opening dossiers, showing and correcting their facts, and saying who works on them.
///
/// Errors   (conflict, "dossier.twin") as TwinError; (not_found, "not_found"); (invalid_argument,
///          "unit.unknown" | "field.…" | "birth.future" | "grant.past" | "assigned.too_many" |
///          "reason.missing");
///          (conflict, "account.in_conflict") when one is assigned or granted who must stay out.
/// Threads  Any.
class Dossiers {
public:
    Dossiers(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    struct Opened {
        DossierId id;
        std::string code;
        proof::Receipt receipt;
    };
    /// `twin_reason`: why it is another child than the probable twins that the caller may see.
    /// Two that open a dossier of one child at the same moment open one after the other, so that
    /// the second is told of the first; openings of other children do not wait.
    Opened open(const Permit<Action::dossier_open>& permit, const records::Person& person,
                const std::string& unit, const std::string& twin_reason);

    nlohmann::json show(const Permit<Action::dossier_show>& permit);
    struct Page {
        nlohmann::json items = nlohmann::json::array();
        std::string next;
    };
    Page list(const Permit<Action::dossier_list>& permit, const std::string& code,
              const std::string& cursor, std::size_t limit);

    void assign(const Permit<Action::dossier_assign>& permit, const std::string& account);
    void unassign(const Permit<Action::dossier_assign>& permit, const std::string& account);
    /// Those of the team in that unit work on the dossier, each as far as their role goes.
    void add_team(const Permit<Action::dossier_assign>& permit, const records::Team& team);
    void remove_team(const Permit<Action::dossier_assign>& permit, const records::Team& team);
    void grant(const Permit<Action::dossier_assign>& permit, const std::string& account,
               const Day& until, const std::string& reason);
    void revoke(const Permit<Action::dossier_assign>& permit, const std::string& account);
    /// From now on the account must stay out of the dossier, whatever its roles; an assignment or
    /// grant that it has there ends.  Said again: with the new reason.
    void add_conflict(const Permit<Action::dossier_conflict>& permit, const std::string& account,
                      const std::string& reason);
    void end_conflict(const Permit<Action::dossier_conflict>& permit, const std::string& account,
                      const std::string& reason);
    nlohmann::json correct(const Permit<Action::dossier_correct>& permit,
                           const records::PersonCorrection& correction);

private:
    class Opening;
    std::vector<TwinError::Twin> probable_twins(const Principal& principal,
                                                const records::Person& person) const;
    using Change = std::function<void(records::DossierFacts&)>;
    void change(const Principal& principal, const std::string& rule, const Target& target,
                const nlohmann::json& why, const Change& change);
    AccountId account_named(const std::string& name) const;
    nlohmann::json shown(const catalogue::DossierState& dossier) const;

    catalogue::Ledger& ledger_;
    Door& door_;
    Mutex opening_mutex_;
    Condition opening_ended_;
    /// Of whom a dossier is being opened just now.
    std::list<const records::Person*> opening_ CUSTODE_GUARDED_BY(opening_mutex_);
};

/// One line of a list of dossiers.
nlohmann::json dossier_line(const catalogue::DossierState& dossier);

}  // namespace custode::acts
