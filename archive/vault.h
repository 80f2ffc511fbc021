// archive/vault.h
#pragma once

#include "archive/acts/administering.h"
#include "archive/acts/ceremonies.h"
#include "archive/acts/disclosures.h"
#include "archive/acts/dossiers.h"
#include "archive/acts/emergency.h"
#include "archive/acts/exporting.h"
#include "archive/acts/filing.h"
#include "archive/acts/locating.h"
#include "archive/acts/proposals.h"
#include "archive/acts/reading.h"
#include "archive/acts/refiling.h"
#include "archive/acts/ruling.h"
#include "archive/acts/searching.h"
#include "archive/acts/sessions.h"
#include "archive/acts/sheets.h"
#include "archive/base/mutex.h"
#include "archive/door.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace custode {

/// Everything that exists only while the vault is unsealed: keys, catalogue, memory, acts.
/// Requests hold it by shared pointer; sealing waits for them and then lets it go.
class OpenVault {
public:
    OpenVault(std::unique_ptr<crypto::KeyService> keys, const Clock& clock,
              const catalogue::Ledger::Options& options, acts::Exporting::Options exporting,
              acts::Sessions::Options signing_in = {});
    ~OpenVault();

    Door& door() { return door_; }
    acts::Sessions& sessions() { return sessions_; }
    acts::Proposals& proposals() { return proposals_; }
    acts::Administration& administration() { return administration_; }
    acts::Dossiers& dossiers() { return dossiers_; }
    acts::Disclosures& disclosures() { return disclosures_; }
    acts::Emergency& emergency() { return emergency_; }
    acts::Sheets& sheets() { return sheets_; }
    acts::Filing& filing() { return filing_; }
    acts::Reading& reading() { return reading_; }
    acts::Refiling& refiling() { return refiling_; }
    acts::Searching& searching() { return searching_; }
    acts::Exporting& exporting() { return exporting_; }
    acts::Locating& locating() { return locating_; }
    acts::Ruling& ruling() { return ruling_; }

    /// Journaled: see acts::Ceremonies.
    std::uint32_t switch_epoch(const crypto::UnsealInput& root_again,
                               const std::vector<std::filesystem::path>& holders) {
        return ceremonies_.switch_epoch(root_again, holders);
    }

    Millis now() const { return ledger_.clock().now(); }
    std::string checkpoint() const { return ledger_.journal_view().checkpoint(); }
    std::string verifier_key() const { return ledger_.journal_view().verifier_key().text(); }
    std::vector<proof::Hash> consistency(std::uint64_t from, std::uint64_t to) const {
        return ledger_.journal_view().consistency(from, to);
    }
    crypto::KeyService::Description description() const { return keys_->describe(); }
    struct Figures {
        std::uint64_t events = 0, dossiers = 0, segment_bytes = 0, free_bytes = 0;
        bool read_only = false, clock_set_back = false, has_room = true;
    };
    Figures figures();
    /// What is done every minute: stale readers, counted refusals, tiles, full segments, disk.
    void tend();
    bool closing() const { return closing_; }

private:
    friend class Vault;
    std::unique_ptr<crypto::KeyService> keys_;
    catalogue::Ledger ledger_;
    Door door_;
    acts::Ruling ruling_;
    acts::Sessions sessions_;
    acts::Proposals proposals_;
    acts::Administration administration_;
    acts::Dossiers dossiers_;
    acts::Disclosures disclosures_;
    acts::Emergency emergency_;
    acts::Sheets sheets_;
    acts::Filing filing_;
    acts::Reading reading_;
    acts::Refiling refiling_;
    acts::Searching searching_;
    acts::Locating locating_;
    acts::Exporting exporting_;
    acts::Ceremonies ceremonies_;
    std::atomic<bool> closing_ = false;
};

/// A vault folder: made, sealed, unsealed.
///
/// Errors   create(): (conflict, "vault.exists"); unseal(): (busy, "unseal.busy"), those of
///          crypto::KeyService and catalogue::Ledger. open() throws Error(sealed, "vault.sealed").
/// Threads  Any.
class Vault {
public:
    struct CreateOptions {
        crypto::SlotOptions slots;
        std::vector<std::filesystem::path> holders;
        std::string administrator = "admin";
        std::string administrator_password;
        bool allow_any_file_system = false;
    };
    struct Created {
        VaultId id;
        std::string origin;
        std::vector<crypto::ShareText> shares;
        std::array<std::uint8_t, 32> ca_scalar{};  ///< For the daemon's certificates; wipe it.
    };
    /// Twenty random letters and digits in groups, for a first password.
    static std::string fresh_password();
    static Created create(const std::filesystem::path& folder, const CreateOptions& options,
                          const Clock& clock);

    struct Options {
        bool allow_any_file_system = false;
        std::uint64_t segment_bytes_max = std::uint64_t{4} << 30U;
        std::uint64_t reserve_bytes = std::uint64_t{256} << 20U;  ///< 0: left as it is.
        std::uint64_t catalogue_bytes_max = 0;                    ///< 0: the store's own.
        std::string rules;  ///< Text of the rules of access; empty: the shipped ones.
        acts::Exporting::Options exporting;
        acts::Sessions::Options signing_in;
        std::chrono::milliseconds sealing_wait = std::chrono::seconds(30);  ///< For requests.
    };
    Vault(std::filesystem::path folder, const Clock& clock, Options options);
    ~Vault();

    const VaultId& id() const { return id_; }
    std::shared_ptr<OpenVault> open() const;

    /// Puts the rules of this text in force, now or at the next unsealing; empty: the shipped ones.
    /// A refused text leaves the old ones in force, and is tried again at the next unsealing.
    std::optional<acts::Ruling::Refused> use_rules(const std::string& text);
    /// Why the rules of Options::rules are not those in force.
    std::optional<acts::Ruling::Refused> rules_refused() const;
    std::shared_ptr<OpenVault> open_if_unsealed() const;

    struct Progress {
        bool unsealed = false;
        int given = 0, needed = 0;
    };
    /// One step: a share is kept until there are enough; a keyfile or passphrase opens at once.
    /// When enough shares were given and the vault does not open all the same (a holder is
    /// missing), they are forgotten and to be given again.
    Progress unseal(const crypto::UnsealInput& input);
    Progress progress() const;
    /// What may be said of the vault to anybody: no secret, no count.
    struct Described {
        std::string origin, key;
        std::vector<std::string> slots;
        int needed = 0;
    };
    Described describe() const;
    /// Ends every session and request, journals the sealing, forgets the keys.
    void seal(const std::optional<AccountId>& by);
    std::array<std::uint8_t, 32> ca_scalar() const;  ///< @throws Error(sealed, …)

private:
    void open_with(const crypto::UnsealInput& input) CUSTODE_REQUIRES(ceremony_);
    void add_share(const crypto::ShareText& share) CUSTODE_REQUIRES(ceremony_);
    void forget_old_shares();
    void forget_shares() CUSTODE_REQUIRES(mutex_);
    /// Only who holds the ceremony changes them, and may read them without mutex_.
    const std::vector<crypto::ShareText>& shares() const
        CUSTODE_REQUIRES(ceremony_) CUSTODE_UNCHECKED {
        return shares_;
    }

    static constexpr std::chrono::minutes shares_kept{10};

    std::filesystem::path folder_;
    const Clock& clock_;
    Options options_;
    VaultId id_;
    Mutex ceremony_;  // one unsealing or sealing at a time; taken before mutex_
    mutable Mutex mutex_;
    std::shared_ptr<OpenVault> open_ CUSTODE_GUARDED_BY(mutex_);
    std::optional<acts::Ruling::Refused> rules_refused_ CUSTODE_GUARDED_BY(mutex_);
    std::vector<crypto::ShareText> shares_ CUSTODE_GUARDED_BY(mutex_);
    std::int64_t first_share_ CUSTODE_GUARDED_BY(mutex_) = 0;  ///< Boot time, ms.
    int shares_needed_ CUSTODE_GUARDED_BY(mutex_) = 0;
};

}  // namespace custode
