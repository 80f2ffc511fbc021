#include "archive/catalogue/memory.h"

#include "archive/records/document.h"
#include "archive/records/folding.h"
#include "archive/search/index.h"

#include <algorithm>
#include <cstring>

namespace custode::catalogue {
namespace {

/// The first eight bytes of a SHA-256 are a key good enough for a table in memory; who looks up
/// compares nothing further, so a collision shows at most a document that the door then hides.
std::uint64_t imprint_key(const Sha256Digest& sha256) {
    std::uint64_t key = 0;
    std::memcpy(&key, sha256.bytes.data(), sizeof key);
    return key;
}

std::vector<records::ProceedingNumber> numbers_of(const DocumentRow& row) {
    const auto metadata = records::document_from_json(row.metadata, roman_day(row.filed));
    std::vector<records::ProceedingNumber> numbers;
    for (const auto& reference : metadata.proceedings)
        if (reference.parsed) numbers.push_back(*reference.parsed);
    return numbers;
}

}  // namespace

Memory::Memory() : index_(std::make_unique<search::DossierIndex>()) {}
Memory::~Memory() = default;

void Memory::load_account(const nlohmann::json& row) {
    AccountState state{records::account_from_json(row.at("account")), row};
    const std::string name = records::canonical_account_name(state.account.name);
    const WriteLock lock(mutex_);
    account_names_[state.account.id] = name;
    accounts_.insert_or_assign(name, std::move(state));
}

void Memory::load_proposal(const nlohmann::json& row) {
    auto proposal = records::proposal_from_json(row);
    const WriteLock lock(mutex_);
    proposals_.insert_or_assign(proposal.id, std::move(proposal));
}

void Memory::load_dossier(const DossierRow& row) {
    auto state = std::make_shared<DossierState>(
        DossierState{records::dossier_from_json(row.facts), row.keys.entry, row.documents});
    const std::string code = records::to_text(state->facts.code);
    {
        const WriteLock lock(index_mutex_);
        index_->put(state->facts);
    }
    const WriteLock lock(mutex_);
    by_id_[state->facts.id] = row.keys.entry;
    by_code_[code] = row.keys.entry;
    by_entry_.insert_or_assign(row.keys.entry, std::move(state));
}

void Memory::count_documents(const EntryId& entry, std::uint32_t documents) {
    const WriteLock lock(mutex_);
    const auto found = by_entry_.find(entry);
    if (found == by_entry_.end()) return;
    // A new state and not the old one changed: whoever holds that one reads it without a lock.
    auto state = std::make_shared<DossierState>(*found->second);
    state->documents = documents;
    found->second = std::move(state);
}

std::optional<AccountState> Memory::account(std::string_view canonical_name) const {
    const ReadLock lock(mutex_);
    const auto found = accounts_.find(canonical_name);
    if (found == accounts_.end()) return std::nullopt;
    return found->second;
}

std::optional<AccountState> Memory::account(const AccountId& id) const {
    const ReadLock lock(mutex_);
    const auto name = account_names_.find(id);
    if (name == account_names_.end()) return std::nullopt;
    return accounts_.find(name->second)->second;
}

std::vector<AccountState> Memory::accounts() const {
    const ReadLock lock(mutex_);
    std::vector<AccountState> all;
    all.reserve(accounts_.size());
    for (const auto& [name, state] : accounts_) all.push_back(state);
    return all;
}

std::size_t Memory::count_accounts(const std::function<bool(const records::Account&)>& such) const {
    const ReadLock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(accounts_.begin(), accounts_.end(),
                      [&](const auto& named) { return such(named.second.account); }));
}

std::vector<records::Proposal> Memory::proposals() const {
    std::vector<records::Proposal> all;
    {
        const ReadLock lock(mutex_);
        all.reserve(proposals_.size());
        for (const auto& [id, proposal] : proposals_) all.push_back(proposal);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.made > b.made; });
    return all;
}

std::shared_ptr<const DossierState> Memory::dossier(const EntryId& entry) const {
    const ReadLock lock(mutex_);
    const auto found = by_entry_.find(entry);
    return found == by_entry_.end() ? nullptr : found->second;
}

std::shared_ptr<const DossierState> Memory::dossier(const DossierId& id) const {
    const ReadLock lock(mutex_);
    const auto entry = by_id_.find(id);
    return entry == by_id_.end() ? nullptr : by_entry_.find(entry->second)->second;
}

std::shared_ptr<const DossierState> Memory::dossier(std::string_view code) const {
    const ReadLock lock(mutex_);
    const auto entry = by_code_.find(code);
    return entry == by_code_.end() ? nullptr : by_entry_.find(entry->second)->second;
}

std::vector<std::shared_ptr<const DossierState>> Memory::dossiers(
    std::string_view after, std::size_t limit,
    const std::function<bool(const DossierState&)>& allowed) const {
    // The policy is asked outside the lock: it takes this lock itself, to look accounts up.
    constexpr std::size_t step = 256;
    std::vector<std::shared_ptr<const DossierState>> chosen;
    std::string from(after);
    for (;;) {
        std::vector<std::shared_ptr<const DossierState>> some;
        {
            const ReadLock lock(mutex_);
            for (auto at = by_code_.upper_bound(from); at != by_code_.end() && some.size() < step;
                 ++at)
                some.push_back(by_entry_.find(at->second)->second);
        }
        for (auto& dossier : some) {
            if (!allowed(*dossier)) continue;
            chosen.push_back(dossier);
            if (chosen.size() == limit) return chosen;
        }
        if (some.size() < step) return chosen;
        from = records::to_text(some.back()->facts.code);
    }
}

std::size_t Memory::dossier_count() const {
    const ReadLock lock(mutex_);
    return by_entry_.size();
}

void Memory::search(const std::function<void(const search::DossierIndex&)>& with) const {
    const ReadLock lock(index_mutex_);
    with(*index_);
}

void Memory::document(const DossierId& dossier, const DocumentRow& row) {
    const auto numbers = numbers_of(row);
    if (!numbers.empty()) {
        const WriteLock lock(index_mutex_);
        index_->add_numbers(dossier, numbers);
    }
    const WriteLock lock(mutex_);
    imprints_.emplace(imprint_key(row.sha256), row.object);
}

void Memory::replace_numbers(const records::DossierFacts& facts,
                             const std::vector<DocumentRow>& documents) {
    std::vector<records::ProceedingNumber> numbers;
    for (const DocumentRow& row : documents)
        for (auto& number : numbers_of(row)) numbers.push_back(std::move(number));
    const WriteLock lock(index_mutex_);
    index_->remove(facts.id);
    index_->put(facts);
    index_->add_numbers(facts.id, numbers);
}

std::vector<ObjectId> Memory::with_imprint(const Sha256Digest& sha256, std::size_t most) const {
    const ReadLock lock(mutex_);
    std::vector<ObjectId> objects;
    const std::uint64_t key = imprint_key(sha256);
    for (auto at = imprints_.lower_bound({key, ObjectId{}});
         at != imprints_.end() && at->first == key && objects.size() < most; ++at)
        objects.push_back(at->second);
    return objects;
}

}  // namespace custode::catalogue
