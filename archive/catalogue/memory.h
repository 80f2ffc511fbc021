// archive/catalogue/memory.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/catalogue/lookup.h"
#include "archive/records/account.h"
#include "archive/records/dossier.h"
#include "archive/records/proposal.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace custode::search {
class DossierIndex;
}

namespace custode::catalogue {

/// An account with what the vault keeps about its password and its failures.
struct AccountState {
    records::Account account;
    nlohmann::json row;  ///< As stored: password, failed, locked_until, last_login.
};

struct DossierState {
    records::DossierFacts facts;
    EntryId entry;
    std::uint32_t documents = 0;
};

/// What is opened at unseal and kept: accounts, proposals, dossier facts, and the index that
/// searches them.
///
/// Filled from the rows, and refreshed from them after each durable event, so that nothing is seen
/// here that a power cut could take back.  Searching needs no stored index: nothing searchable is
/// on disk.
///
/// Threads  Any; readers share a lock that is held for look-ups only, never across I/O.
class Memory {
public:
    Memory();
    ~Memory();

    void load_account(const nlohmann::json& row);
    void load_proposal(const nlohmann::json& row);
    void load_dossier(const DossierRow& row);
    /// The dossier's facts stay as they are, and only its living documents are other ones.
    void count_documents(const EntryId& entry, std::uint32_t documents);

    std::optional<AccountState> account(std::string_view canonical_name) const;
    std::optional<AccountState> account(const AccountId& id) const;
    std::vector<AccountState> accounts() const;  ///< By canonical name.
    std::size_t count_accounts(const std::function<bool(const records::Account&)>& such) const;
    std::vector<records::Proposal> proposals() const;  ///< The newest first.

    std::shared_ptr<const DossierState> dossier(const DossierId& id) const;
    std::shared_ptr<const DossierState> dossier(const EntryId& entry) const;
    std::shared_ptr<const DossierState> dossier(std::string_view code) const;
    /// In order of code, after `after`, those that `allowed` says, at most `limit`.
    std::vector<std::shared_ptr<const DossierState>> dossiers(
        std::string_view after, std::size_t limit,
        const std::function<bool(const DossierState&)>& allowed) const;
    std::size_t dossier_count() const;

    /// The name index; `with` runs under a lock of its own, so that it may look up here.
    void search(const std::function<void(const search::DossierIndex&)>& with) const;
    /// Takes note of a document met in a dossier: its impronta and its proceeding numbers.
    void document(const DossierId& dossier, const DocumentRow& row);
    /// After a document left it: the dossier is found by the numbers of these and of no others.
    void replace_numbers(const records::DossierFacts& facts,
                         const std::vector<DocumentRow>& documents);
    /// Which documents have this impronta, `most` at most, to tell the few who may see several
    /// dossiers: a circular lies in thousands of them.
    std::vector<ObjectId> with_imprint(const Sha256Digest& sha256, std::size_t most) const;

private:
    mutable SharedMutex mutex_;
    std::map<std::string, AccountState, std::less<>> accounts_ CUSTODE_GUARDED_BY(mutex_);
    std::map<AccountId, std::string> account_names_ CUSTODE_GUARDED_BY(mutex_);
    std::map<ProposalId, records::Proposal> proposals_ CUSTODE_GUARDED_BY(mutex_);
    std::map<EntryId, std::shared_ptr<const DossierState>> by_entry_ CUSTODE_GUARDED_BY(mutex_);
    std::map<DossierId, EntryId> by_id_ CUSTODE_GUARDED_BY(mutex_);
    std::map<std::string, EntryId, std::less<>> by_code_ CUSTODE_GUARDED_BY(mutex_);
    std::set<std::pair<std::uint64_t, ObjectId>> imprints_ CUSTODE_GUARDED_BY(mutex_);
    mutable SharedMutex index_mutex_;  // may be held when mutex_ is taken, never after it
    const std::unique_ptr<search::DossierIndex> index_
        CUSTODE_THREAD_SAFETY(pt_guarded_by(index_mutex_));
};

}  // namespace custode::catalogue
