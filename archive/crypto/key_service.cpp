#include "archive/base/error.h"
#include "archive/crypto/arena.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/key_state.h"
#include "archive/crypto/keyring_codec.h"
#include "archive/crypto/library.h"
#include "archive/crypto/slots.h"

#include <algorithm>

namespace custode::crypto {

using detail::EpochKeys;
using detail::Header;
using detail::Keyring;
using detail::KeyringEntry;

namespace {

/// The entries that a vault is born with: one of each kind but dossiers, the year's where it has
/// one.
std::vector<KeyringEntry> first_entries(const Keyring::Place& place, const EpochKeys& keys,
                                        std::uint16_t year) {
    std::vector<KeyringEntry> entries;
    for (auto number = static_cast<std::uint8_t>(EntryKind::register_year);
         number <= static_cast<std::uint8_t>(EntryKind::places); ++number) {
        const auto kind = static_cast<EntryKind>(number);
        const bool yearly = detail::is_year_kind(kind);
        if (yearly && year == 0) continue;
        const EntryInfo info{random_id<EntryId>(), kind, yearly ? year : std::uint16_t{0},
                             EntryState::living, 0};
        entries.push_back(Keyring::seal(place, keys, info, detail::fresh_key(kind)));
    }
    return entries;
}

void refuse_existing(const std::filesystem::path& vault) {
    for (const char* name : {"vault.toml", "keyring.1"})
        if (std::filesystem::exists(std::filesystem::symlink_status(vault / name)))
            throw Error(ErrorCode::conflict, "vault.exists",
                        "could not make a vault where there is one");
}

/// Opens the epoch that was being prepared when the process ended, if there is one.
void look_for_next(KeyService::State& state, const RootSecret& root) {
    const WriteLock lock(state.mutex);
    if (!std::filesystem::exists(std::filesystem::symlink_status(state.next_header_path()))) return;
    try {
        const auto read = detail::read_header(state.next_header_path());
        if (read.header.vault != state.current.header.vault ||
            read.header.epoch != state.current.header.epoch + 1)
            throw Error(ErrorCode::corrupt, "header.damaged",
                        "could not use vault.next.toml: it does not follow vault.toml");
        state.next = detail::open_epoch(state.folder, read, root);
    } catch (const Error&) {
        state.next_unreadable = std::current_exception();  // settle() knows whether it matters
    }
}

}  // namespace

namespace detail {

KeyService::State::Epoch open_epoch(const std::filesystem::path& folder, const ReadHeader& read,
                                    const RootSecret& root) {
    const Header& header = read.header;
    const auto secret = read_epoch_secret(folder, root, header);
    EpochKeys keys = EpochKeys::make(root, secret, header.vault, header.epoch);
    authenticate(read, keys.header);
    return {header, Keyring::load({folder, header.vault, header.epoch}, std::move(keys))};
}

}  // namespace detail

KeyService::KeyService(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyService::~KeyService() = default;

KeyService::Created KeyService::create(const std::filesystem::path& where,
                                       const CreateOptions& options) {
    const auto vault = std::filesystem::absolute(where);  // whatever chdir() comes later
    refuse_existing(vault);
    std::filesystem::create_directories(vault);
    std::filesystem::permissions(vault, std::filesystem::perms::owner_all);
    const auto root = RootSecret::random();
    Header header;
    header.vault = random_id<VaultId>();
    header.created = options.now;
    header.holders = detail::places_of(options.holders);
    Created created;
    created.shares = detail::make_slots(options.slots, options.ceremony, root, header);

    const auto secret = detail::make_epoch_secret(vault, root, header);
    EpochKeys keys = EpochKeys::make(root, secret, header.vault, header.epoch);
    const Keyring::Place place{vault, header.vault, header.epoch};
    Keyring::write(place, keys, {}, first_entries(place, keys, options.year));
    // The header last: a folder without it is not a vault, whatever a crash left in it.
    const std::string text = detail::write_header(header, keys.header);
    detail::replace_durably(vault / "vault.toml", view(text));
    created.keys.reset(new KeyService(std::make_unique<State>(
        vault, detail::open_epoch(vault, detail::parse_header(text), root))));
    return created;
}

VaultId KeyService::vault_id(const std::filesystem::path& vault) {
    return detail::read_header(vault / "vault.toml").header.vault;
}

KeyService::Slots KeyService::slots(const std::filesystem::path& vault) {
    return detail::slots_of(detail::read_header(vault / "vault.toml").header);
}

KeyService::ShareProgress KeyService::check_share(const std::filesystem::path& vault,
                                                  const std::vector<ShareText>& so_far,
                                                  const ShareText& more) {
    const Header header = detail::read_header(vault / "vault.toml").header;
    std::vector<detail::Share> shares;
    shares.reserve(so_far.size());
    for (const ShareText& text : so_far) shares.push_back(judge_share(header, shares, text));
    judge_share(header, shares, more);
    return {static_cast<int>(so_far.size()) + 1, header.shares->threshold};
}

std::unique_ptr<KeyService> KeyService::unseal(const std::filesystem::path& where,
                                               const UnsealInput& input) {
    const auto vault = std::filesystem::absolute(where);
    const auto read = detail::read_header(vault / "vault.toml");
    const RootSecret root =
        detail::open_root(read.header, input);  // wiped at the end of this scope
    auto state = std::make_unique<State>(vault, detail::open_epoch(vault, read, root));
    look_for_next(*state, root);
    return std::unique_ptr<KeyService>(new KeyService(std::move(state)));
}

const VaultId& KeyService::vault() const { return state_->vault; }

std::uint32_t KeyService::epoch() const {
    const ReadLock lock(state_->mutex);
    return state_->current.header.epoch;
}

Sha256Digest KeyService::keyring_digest() const {
    const ReadLock lock(state_->mutex);
    return state_->current.keyring.digest();
}

JournalPlace KeyService::keyring_journal() const {
    const ReadLock lock(state_->mutex);
    return state_->current.keyring.journal();
}

std::vector<EntryInfo> KeyService::entries() const {
    const ReadLock lock(state_->mutex);
    std::vector<EntryInfo> infos;
    infos.reserve(state_->current.keyring.entries().size());
    for (const KeyringEntry& entry : state_->current.keyring.entries()) infos.push_back(entry.info);
    return infos;
}

std::optional<EntryInfo> KeyService::info(const EntryId& id) const {
    const ReadLock lock(state_->mutex);
    const KeyringEntry* const entry = state_->current.keyring.find(id);
    if (entry == nullptr) return std::nullopt;
    return entry->info;
}

std::optional<EntryId> KeyService::find(EntryKind kind, std::uint16_t year) const {
    const ReadLock lock(state_->mutex);
    const KeyringEntry* const entry = state_->current.keyring.special(kind, year);
    if (entry == nullptr) return std::nullopt;
    return entry->info.id;
}

EntryId KeyService::add(EntryKind kind, std::uint16_t year) {
    if (detail::is_year_kind(kind) != (year != 0))
        throw Error(ErrorCode::invalid_argument, "keyring.year",
                    "could not add a key: the kind and the year do not fit together");
    const EntryInfo info{random_id<EntryId>(), kind, year, EntryState::living, 0};
    const auto key = detail::fresh_key(kind);
    const WriteLock lock(state_->mutex);
    // The next epoch's log first: an entry there that the present one lacks was never promised.
    if (state_->next) state_->next->keyring.append(info, key);
    state_->current.keyring.append(info, key);
    return info.id;
}

std::optional<SealingKey> KeyService::key(const EntryId& id) const {
    const ReadLock lock(state_->mutex);
    const KeyringEntry* const entry = state_->current.keyring.find(id);
    if (entry == nullptr || entry->info.state != EntryState::living) return std::nullopt;
    return state_->current.keyring.open(*entry);
}

detail::LogKey::LogKey(const SealingKey& seed) {
    ready();
    crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.view().data());
}

std::shared_ptr<const detail::LogKey> KeyService::State::log() {
    const ReadLock lock(mutex);
    const Lock one(log_key_mutex);
    if (log_key) return log_key;
    const KeyringEntry* const entry = current.keyring.special(EntryKind::log_signing, 0);
    if (entry == nullptr)
        throw Error(ErrorCode::corrupt, "keyring.damaged",
                    "could not sign: the keyring has no signing key");
    log_key = std::make_shared<const detail::LogKey>(current.keyring.open(*entry));
    return log_key;
}

std::array<std::uint8_t, 64> KeyService::sign(BytesView message) const {
    const auto key = state_->log();
    std::array<std::uint8_t, 64> signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         key->secret.view().data());
    return signature;
}

std::array<std::uint8_t, 32> KeyService::verifying_key() const { return state_->log()->public_key; }

}  // namespace custode::crypto
