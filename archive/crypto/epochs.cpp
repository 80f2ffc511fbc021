#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/holders.h"
#include "archive/crypto/key_state.h"
#include "archive/crypto/keyring_codec.h"
#include "archive/crypto/slots.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

namespace custode::crypto {

using detail::Header;
using detail::HolderPlace;
using detail::Keyring;
using detail::KeyringEntry;

namespace {

/// Keys whose loss would end more than a dossier or a lapsed year.
bool may_be_destroyed(EntryKind kind) {
    return kind == EntryKind::dossier || kind == EntryKind::system_year ||
           kind == EntryKind::actor_year;
}

/// The ids as a set, each known and living.
std::set<EntryId> living(const Keyring& keyring, const std::vector<EntryId>& ids) {
    for (const EntryId& id : ids) {
        const KeyringEntry* const entry = keyring.find(id);
        if (entry == nullptr || entry->info.state != EntryState::living)
            throw Error(ErrorCode::not_found, "keyring.no_entry",
                        "could not prepare the epoch: a key it names does not live");
    }
    return {ids.begin(), ids.end()};
}

/// The next epoch's entries: tombstones, fresh keys, and the others re-wrapped.
std::vector<KeyringEntry> next_entries(const Keyring& from, const Keyring::Place& place,
                                       const detail::EpochKeys& keys,
                                       const KeyService::EpochPlan& plan) {
    const auto destroy = living(from, plan.destroy);
    const auto rotate = living(from, plan.rotate);
    std::vector<KeyringEntry> entries;
    entries.reserve(from.entries().size());
    for (const KeyringEntry& entry : from.entries()) {
        EntryInfo info = entry.info;
        if (destroy.contains(info.id)) {
            if (!may_be_destroyed(info.kind))
                throw Error(ErrorCode::invalid_argument, "keyring.permanent",
                            "could not prepare the epoch: it would destroy a permanent key");
            info.state = EntryState::destroyed;
            info.destroyed_by = plan.destroyed_by;
        }
        if (info.state == EntryState::destroyed)
            entries.push_back({info, {}});
        else
            entries.push_back(Keyring::seal(
                place, keys, info,
                rotate.contains(info.id) ? detail::fresh_key(info.kind) : from.open(entry)));
    }
    return entries;
}

/// The header of the epoch after `now`: the same slots, perhaps other holders.
Header next_header(const Header& now, const std::vector<std::filesystem::path>& holders) {
    Header next = now;
    ++next.epoch;
    next.former.clear();
    if (holders.empty()) return next;
    next.holders = detail::places_of(holders);
    for (const HolderPlace& old : now.holders)
        if (std::none_of(next.holders.begin(), next.holders.end(),
                         [&](const HolderPlace& place) { return place.path == old.path; }))
            next.former.push_back(old.path);
    return next;
}

/// The epoch number in "keyring.7", "keyring.7.log" or "epoch.7", or nothing.
std::optional<std::uint32_t> epoch_in(std::string_view name) {
    for (const std::string_view prefix : {"keyring.", "epoch."})
        if (name.starts_with(prefix)) {
            const std::string_view rest = name.substr(prefix.size());
            std::uint32_t epoch = 0;
            const auto [end, error] =
                std::from_chars(rest.data(), rest.data() + rest.size(), epoch);
            const std::string_view tail(end,
                                        static_cast<std::size_t>(rest.data() + rest.size() - end));
            if (error == std::errc() &&
                (tail.empty() || tail == ".log" || tail == ".tmp" || tail == ".log.tmp"))
                return epoch;
        }
    return std::nullopt;
}

}  // namespace

void KeyService::State::sweep() noexcept try {
    const Header& header = current.header;
    for (const HolderPlace& holder : header.holders)
        detail::erase_other_shares(header.vault, holder.path, header.epoch);
    for (const std::string& path : header.former) detail::erase_other_shares(header.vault, path, 0);
    std::vector<std::filesystem::path> others;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto epoch = epoch_in(file.path().filename().string());
        // A header whose writing was cut short; one that is whole is settle()'s to decide on.
        const bool is_torn = file.path() == next_header_path().string() + ".tmp";
        if (is_torn || (epoch && *epoch != header.epoch)) others.push_back(file.path());
    }
    for (const std::filesystem::path& path : others) detail::erase_file(path);
} catch (const std::exception&) {
    // What could not be erased now is met again by the next settle() or read_back_holders().
}

void KeyService::State::finish() {
    require(next.has_value(), "an epoch was prepared");
    detail::rename_durably(next_header_path(),
                           header_path());  // from here on the next is the vault
    current = std::move(*next);
    next.reset();
    next_unreadable = nullptr;
    {
        const Lock one(log_key_mutex);
        log_key.reset();
    }
    sweep();
}

void KeyService::State::discard_next() {
    // Without its header nothing of the prepared epoch is ever read again; so it goes first.
    if (!detail::erase_file(next_header_path()))
        throw Error(ErrorCode::storage, "epoch.not_discarded",
                    "could not discard the prepared epoch");
    if (next)
        for (const HolderPlace& holder : next->header.holders)
            detail::erase_other_shares(next->header.vault, holder.path, current.header.epoch);
    next.reset();
    next_unreadable = nullptr;
    sweep();
}

KeyService::PreparedEpoch KeyService::prepare_epoch(const EpochPlan& plan,
                                                    const UnsealInput& root_again) {
    State& state = *state_;
    const WriteLock lock(state.mutex);
    if (state.next || state.next_unreadable)
        throw Error(ErrorCode::conflict, "epoch.prepared",
                    "could not prepare an epoch: one is prepared already");
    const RootSecret root = detail::open_root(state.current.header, root_again);
    living(state.current.keyring, plan.destroy);  // refuse before anything is written
    Header header = next_header(state.current.header, plan.holders);
    try {
        const auto secret = detail::make_epoch_secret(state.folder, root, header);
        auto keys = detail::EpochKeys::make(root, secret, header.vault, header.epoch);
        const Keyring::Place place{state.folder, header.vault, header.epoch};
        Keyring::write(place, keys, plan.place,
                       next_entries(state.current.keyring, place, keys, plan));
        const std::string text = detail::write_header(header, keys.header);
        // Everything is read back as an unseal would read it, before the header makes it count.
        State::Epoch next = detail::open_epoch(state.folder, detail::parse_header(text), root);
        for (const KeyringEntry& entry : next.keyring.entries())
            if (entry.info.state == EntryState::living) next.keyring.open(entry);
        detail::replace_durably(state.next_header_path(), view(text));
        state.next.emplace(std::move(next));
    } catch (...) {
        for (const HolderPlace& holder : header.holders)
            detail::erase_other_shares(header.vault, holder.path, state.current.header.epoch);
        detail::erase_file(state.next_header_path());
        state.sweep();
        throw;
    }
    return {header.epoch, state.next->keyring.digest()};
}

std::optional<SealingKey> KeyService::next_key(const EntryId& id) const {
    const ReadLock lock(state_->mutex);
    require(state_->next.has_value(), "an epoch is prepared");
    const KeyringEntry* const entry = state_->next->keyring.find(id);
    if (entry == nullptr || entry->info.state != EntryState::living) return std::nullopt;
    return state_->next->keyring.open(*entry);
}

void KeyService::finish_epoch() {
    const WriteLock lock(state_->mutex);
    state_->finish();
}

void KeyService::abandon_epoch() {
    const WriteLock lock(state_->mutex);
    state_->discard_next();
}

void KeyService::settle(std::uint32_t epoch_of_journal, const Sha256Digest& keyring_of_journal) {
    State& state = *state_;
    const WriteLock lock(state.mutex);
    const std::uint32_t epoch = state.current.header.epoch;
    const auto refuse = [](const char* name, const char* why) {
        throw Error(ErrorCode::corrupt, name, std::string("could not settle the keyring: ") + why);
    };
    if (epoch_of_journal < epoch) refuse("journal.old_epoch", "the journal is of an earlier epoch");
    if (epoch_of_journal == epoch) {
        const bool unnamed = epoch == 1 && keyring_of_journal == Sha256Digest{};
        if (!unnamed && keyring_of_journal != state.current.keyring.digest())
            refuse("keyring.damaged", "it is not the one that the journal names");
        return state.discard_next();
    }
    if (epoch_of_journal != epoch + 1)
        refuse("keyring.old_epoch", "it is of an earlier epoch than the journal");
    if (state.next_unreadable) std::rethrow_exception(state.next_unreadable);
    if (!state.next) refuse("keyring.old_epoch", "it is of an earlier epoch than the journal");
    if (keyring_of_journal != state.next->keyring.digest())
        refuse("keyring.damaged", "it is not the one that the journal names");
    state.finish();
}

KeyService::Description KeyService::describe() const {
    const ReadLock lock(state_->mutex);
    const Header& header = state_->current.header;
    Description description;
    description.slots = detail::slots_of(header).names;
    std::set<dev_t> devices;  // two files on one disk are one holder
    for (std::size_t i = 0; i < header.holders.size(); ++i) {
        const std::string& path = header.holders[i].path;
        if (!header.has_holders()) {
            description.holders.push_back(path + ": not used, it takes two");
            continue;
        }
        const auto holder = look_at_holder(header, i);
        description.holders.push_back(path + ": " + detail::to_text(holder));
        struct stat facts {};
        if (holder == detail::HolderState::good && stat(path.c_str(), &facts) == 0)
            devices.insert(facts.st_dev);
    }
    description.destruction_level = static_cast<int>(std::min<std::size_t>(devices.size(), 2));
    description.arena = arena_kind() == ArenaKind::memfd_secret ? "memfd_secret" : "locked";
    return description;
}

std::vector<std::string> KeyService::read_back_holders() {
    const WriteLock lock(state_->mutex);
    const Header& header = state_->current.header;
    std::vector<std::string> wrong;
    if (!header.has_holders()) return wrong;
    if (!state_->next && !state_->next_unreadable) state_->sweep();
    for (std::size_t i = 0; i < header.holders.size(); ++i) {
        const auto holder = look_at_holder(header, i);
        const bool prepared =
            holder == detail::HolderState::leftover && (state_->next || state_->next_unreadable);
        if (holder != detail::HolderState::good && !prepared)
            wrong.push_back(header.holders[i].path + ": " + detail::to_text(holder));
    }
    for (const std::string& path : header.former)
        if (!detail::erase_other_shares(header.vault, path, 0))
            wrong.push_back(path + ": an old share could not be erased");
    return wrong;
}

}  // namespace custode::crypto
