#include "archive/vault.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/file.h"
#include "archive/crypto/signature.h"
#include "archive/process.h"

#include <fstream>

namespace custode {
namespace {

using Json = nlohmann::json;

catalogue::Ledger::Options ledger_options(const std::filesystem::path& folder,
                                          const Vault::Options& options) {
    catalogue::Ledger::Options out;
    out.vault = folder;
    out.allow_any_file_system = options.allow_any_file_system;
    out.segment_bytes_max = options.segment_bytes_max;
    out.reserve_bytes = options.reserve_bytes;
    out.map_bytes = options.catalogue_bytes_max;
    return out;
}

journal::Draft plain_draft(journal::Action action, const std::optional<AccountId>& actor,
                           const Json& payload) {
    journal::Draft draft;
    draft.action = action;
    draft.actor = actor;
    draft.outcome = journal::Outcome::system;
    draft.payload = payload.dump();
    return draft;
}

void journal_plain(catalogue::Ledger& ledger, journal::Action action,
                   const std::optional<AccountId>& actor, const Json& payload) {
    const journal::Draft draft = plain_draft(action, actor, payload);
    ledger.commit([&](catalogue::Batch& batch) { batch.append(draft); });
}

/// Durably: a vault whose power was cut after its making would show nobody its key.
void write_public_key(const std::filesystem::path& folder, const std::string& key) {
    crypto::detail::replace_durably(folder / "identity.pub", view(key + "\n"));
}

}  // namespace

OpenVault::OpenVault(std::unique_ptr<crypto::KeyService> keys, const Clock& clock,
                     const catalogue::Ledger::Options& options, acts::Exporting::Options exporting,
                     acts::Sessions::Options signing_in)
    : keys_(std::move(keys)),
      ledger_(*keys_, clock, options),
      door_(ledger_, policies::access::shipped_rules()),
      ruling_(ledger_, door_),
      sessions_(ledger_, std::move(signing_in)),
      proposals_(ledger_, door_),
      administration_(ledger_, door_, sessions_, proposals_, exporting.body),
      dossiers_(ledger_, door_),
      disclosures_(ledger_, door_),
      emergency_(ledger_, door_),
      sheets_(ledger_),
      filing_(ledger_, door_),
      reading_(ledger_, door_),
      refiling_(ledger_),
      searching_(ledger_, door_),
      locating_(ledger_, door_),
      exporting_(ledger_, door_, reading_, std::move(exporting)),
      ceremonies_(ledger_) {}

OpenVault::~OpenVault() = default;

OpenVault::Figures OpenVault::figures() {
    Figures figures;
    figures.events = ledger_.journal().size();
    figures.dossiers = ledger_.memory().dossier_count();
    figures.segment_bytes = ledger_.segments().usage().bytes;
    figures.free_bytes = ledger_.environment().space().free_bytes;
    figures.read_only = ledger_.read_only();
    figures.clock_set_back = ledger_.journal().clock_was_set_back();
    figures.has_room = ledger_.had_room();
    return figures;
}

void OpenVault::tend() {
    ledger_.environment().check_readers();
    ledger_.reserve().look();
    door_.flush_refusals();
    proposals_.expire();
    ledger_.segments().close_full();
    ledger_.publish();
}

std::string Vault::fresh_password() {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";  // 32, none alike
    std::array<std::uint8_t, 20> random{};
    crypto::fill_random(random);
    std::string password;
    for (std::size_t i = 0; i < random.size(); ++i) {
        if (i != 0 && i % 5 == 0) password.push_back('-');
        password.push_back(letters[random[i] % letters.size()]);
    }
    return password;
}

Vault::Created Vault::create(const std::filesystem::path& folder, const CreateOptions& options,
                             const Clock& clock) {
    prepare_process();
    crypto::KeyService::CreateOptions create;
    create.slots = options.slots;
    create.holders = options.holders;
    create.now = clock.now();
    const Day today = roman_day(create.now);
    create.year = static_cast<std::uint16_t>(today.year);
    create.ceremony = to_text(today).substr(0, 7);
    auto made = crypto::KeyService::create(folder, create);
    catalogue::Ledger::Options ledger_options;
    ledger_options.vault = folder;
    ledger_options.create = true;
    ledger_options.allow_any_file_system = options.allow_any_file_system;
    catalogue::Ledger ledger(*made.keys, clock, ledger_options);
    journal_plain(ledger, journal::Action::vault_created, std::nullopt,
                  {{"vault", to_text(made.keys->vault())}, {"format", 1}});
    Door door(ledger, policies::access::shipped_rules());
    static_cast<void>(acts::Ruling(ledger, door).load({}));
    acts::Administration::create_first(ledger, options.administrator,
                                       options.administrator_password);
    ledger.publish();
    write_public_key(folder, ledger.journal().verifier_key().text());
    Created created;
    created.id = made.keys->vault();
    created.origin = ledger.journal().verifier_key().name;
    created.shares = std::move(made.shares);
    const auto ca = made.keys->find(crypto::EntryKind::certificate_authority);
    const auto key = ca ? made.keys->key(*ca) : std::nullopt;
    require(key.has_value(), "a new vault has a key for its CA");
    std::copy_n(key->view().begin(), created.ca_scalar.size(), created.ca_scalar.begin());
    return created;
}

Vault::Vault(std::filesystem::path folder, const Clock& clock, Options options)
    : folder_(std::move(folder)),
      clock_(clock),
      options_(std::move(options)),
      id_(crypto::KeyService::vault_id(folder_)) {
    prepare_process();
}

Vault::~Vault() {
    try {
        seal(std::nullopt);
    } catch (const std::exception&) {
        // The process is ending; what was acknowledged is durable already.
    }
}

std::shared_ptr<OpenVault> Vault::open_if_unsealed() const {
    const Lock lock(mutex_);
    return open_;
}

std::shared_ptr<OpenVault> Vault::open() const {
    auto open = open_if_unsealed();
    if (!open) throw Error(ErrorCode::sealed, "vault.sealed", "the vault is sealed");
    return open;
}

void Vault::open_with(const crypto::UnsealInput& input) {
    auto keys = crypto::KeyService::unseal(folder_, input);
    auto open =
        std::make_shared<OpenVault>(std::move(keys), clock_, ledger_options(folder_, options_),
                                    options_.exporting, options_.signing_in);
    auto refused = open->ruling_.load(options_.rules);
    if (refused) open->ruling_.keep_last();
    journal_plain(open->ledger_, journal::Action::vault_unsealed, std::nullopt,
                  {{"by", !input.shares.empty() ? "shares"
                          : input.keyfile       ? "keyfile"
                                                : "passphrase"},
                   {"rules", open->ruling_.sha256()}});
    const Lock lock(mutex_);
    rules_refused_ = std::move(refused);
    open_ = std::move(open);
    forget_shares();
}

std::optional<acts::Ruling::Refused> Vault::use_rules(const std::string& text) {
    const Lock ceremony(ceremony_);
    options_.rules = text;
    const auto open = open_if_unsealed();
    if (!open) return std::nullopt;
    auto refused = open->ruling().load(text);
    const Lock lock(mutex_);
    rules_refused_ = refused;
    return refused;
}

std::optional<acts::Ruling::Refused> Vault::rules_refused() const {
    const Lock lock(mutex_);
    return rules_refused_;
}

void Vault::forget_shares() {
    for (crypto::ShareText& share : shares_)
        crypto::wipe({reinterpret_cast<std::uint8_t*>(share.data()), share.size()});
    shares_.clear();
}

void Vault::forget_old_shares() {
    const Lock lock(mutex_);
    if (shares_.empty() ||
        clock_.boot_millis() - first_share_ < std::chrono::milliseconds(shares_kept).count())
        return;
    forget_shares();
}

/// Reading the header takes a while, and whoever asks for the progress does not wait for it.
void Vault::add_share(const crypto::ShareText& share) {
    const auto step = crypto::KeyService::check_share(folder_, shares(), share);
    const Lock lock(mutex_);
    if (shares_.empty()) first_share_ = clock_.boot_millis();
    shares_.push_back(share);
    shares_needed_ = step.needed;
}

Vault::Progress Vault::unseal(const crypto::UnsealInput& input) {
    // Anybody may try, and a passphrase costs seconds: who comes meanwhile does not wait in line.
    if (!ceremony_.try_lock())
        throw Error(ErrorCode::busy, "unseal.busy",
                    "could not unseal: another attempt is under way");
    const Lock ceremony(ceremony_, std::adopt_lock);
    if (open_if_unsealed()) return {true, 0, 0};
    forget_old_shares();
    if (input.keyfile || input.passphrase) {
        open_with(input);
        return {true, 0, 0};
    }
    for (const crypto::ShareText& share : input.shares) add_share(share);
    const Progress now = progress();
    if (now.needed == 0 || now.given < now.needed) return now;
    crypto::UnsealInput all;
    all.shares = shares();
    try {
        open_with(all);
    } catch (...) {
        const Lock lock(mutex_);
        forget_shares();
        throw;
    }
    return {true, now.needed, now.needed};
}

Vault::Progress Vault::progress() const {
    const Lock lock(mutex_);
    return {open_ != nullptr, static_cast<int>(shares_.size()), shares_needed_};
}

Vault::Described Vault::describe() const {
    const auto slots = crypto::KeyService::slots(folder_);
    Described described{"custode/" + to_text(id_), {}, slots.names, slots.shares_needed};
    // Nothing authenticates the file but the digest of name and key in its line, and whoever meets
    // this vault for the first time will pin what it shows.
    std::ifstream file(folder_ / "identity.pub");
    std::string line;
    std::getline(file, line);
    const auto key = proof::VerifierKey::parse(line);
    if (key && key->name == described.origin) described.key = line;
    return described;
}

void Vault::seal(const std::optional<AccountId>& by) {
    const Lock ceremony(ceremony_);
    std::shared_ptr<OpenVault> open;
    {
        const Lock lock(mutex_);
        open = std::exchange(open_, nullptr);
    }
    if (!open) return;
    open->closing_ = true;
    // Requests that run hold the vault; they see closing() and end.  The keys go with the last.
    const auto deadline = std::chrono::steady_clock::now() + options_.sealing_wait;
    constexpr long own = 1;  // Ours; the request that asked has let go of its own.
    while (open.use_count() > own && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    open->door_.flush_refusals();
    open->ledger_.close(plain_draft(journal::Action::vault_sealed, by, Json::object()));
    open->ledger_.publish();
}

std::array<std::uint8_t, 32> Vault::ca_scalar() const {
    const auto open = this->open();
    const auto id = open->keys_->find(crypto::EntryKind::certificate_authority);
    const auto key = id ? open->keys_->key(*id) : std::nullopt;
    require(key.has_value(), "an unsealed vault has a key for its CA");
    std::array<std::uint8_t, 32> scalar{};
    std::copy_n(key->view().begin(), scalar.size(), scalar.begin());
    return scalar;
}

}  // namespace custode
