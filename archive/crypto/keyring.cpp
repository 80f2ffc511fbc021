#include "archive/crypto/keyring.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/keyring_codec.h"
#include "archive/crypto/record.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

namespace custode::crypto::detail {
namespace {

constexpr std::size_t file_bytes_max =
    keyring_head_bytes + Keyring::entries_max * keyring_entry_bytes + keyring_mac_bytes;
constexpr std::size_t log_bytes_max = Keyring::entries_max * log_entry_bytes;

[[noreturn]] void damaged(const char* what) {
    throw Error(ErrorCode::corrupt, "keyring.damaged",
                std::string("could not use the keyring: ") + what);
}

/// Binds a wrapped key to its vault, epoch and to the whole identity of its entry: a key moved to
/// another entry, or a destroyed one called living again, does not open.
struct WrapContext {
    Bytes key, key_id;
    RecordContext context;

    WrapContext(const Keyring::Place& place, const EntryInfo& info)
        : key(identity(info)), key_id(Encoder().u32(place.epoch).bytes()) {
        context.vault = place.vault;
        context.table = "keyring";
        context.key = key;
        context.type = static_cast<std::uint32_t>(info.kind);
        context.key_id = key_id;
        context.epoch = place.epoch;
    }
};

Blake2Digest log_mac(const EpochKeys& keys, const Blake2Digest& before,
                     BytesView number_and_entry) {
    return keyed_digest(keys.log, {before, number_and_entry});
}

}  // namespace

std::filesystem::path keyring_path(const Keyring::Place& place) {
    return place.folder / ("keyring." + std::to_string(place.epoch));
}

std::filesystem::path log_path(const Keyring::Place& place) {
    return place.folder / ("keyring." + std::to_string(place.epoch) + ".log");
}

EpochKeys EpochKeys::make(const RootSecret& root, const EpochSecret& epoch_secret,
                          const VaultId& vault, std::uint32_t epoch) {
    WideSecret prk;
    hkdf_extract(vault, {root.view(), epoch_secret.view()}, prk);
    Kek kek;
    const Bytes info = Encoder().raw(view("custode/kek/v1")).u32(epoch).bytes();
    hkdf_expand(prk.view(), info, kek.writable());
    return {derive<SealingKey>(kek, "keyring entries"), derive<SealingKey>(kek, "keyring file"),
            derive<SealingKey>(kek, "keyring log"), derive<SealingKey>(kek, "vault header")};
}

std::size_t Keyring::Hash::operator()(const EntryId& id) const {
    std::size_t hash = 0;  // ids are random: any eight bytes of one will do
    std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
    return hash;
}

KeyringEntry Keyring::seal(const Place& place, const EpochKeys& keys, const EntryInfo& info,
                           const SealingKey& key) {
    KeyringEntry entry{info, {}};
    const WrapContext bound(place, info);
    const Bytes wrapped = wrap(keys.wrap, bound.context, key);
    std::copy(wrapped.begin(), wrapped.end(), entry.wrapped.begin());
    return entry;
}

SealingKey Keyring::open(const KeyringEntry& entry) const {
    require(entry.info.state == EntryState::living, "only a living entry has a key");
    const WrapContext bound(place_, entry.info);
    auto key = unwrap<SealsRecords>(keys_.wrap, bound.context, entry.wrapped);
    if (!key) damaged("an entry does not open");
    return std::move(*key);
}

void Keyring::write(const Place& place, const EpochKeys& keys, const JournalPlace& journal,
                    const std::vector<KeyringEntry>& entries) {
    require(entries.size() <= entries_max, "a keyring has at most four million entries");
    Bytes bytes = encode(
        KeyringHead{place.vault, place.epoch, static_cast<std::uint32_t>(entries.size()), journal});
    bytes.reserve(keyring_head_bytes + entries.size() * keyring_entry_bytes + keyring_mac_bytes);
    for (const KeyringEntry& entry : entries) custode::append(bytes, encode(entry));
    custode::append(bytes, keyed_digest(keys.file, {bytes}));
    replace_durably(log_path(place), {});  // a log of an abandoned attempt must not be chained on
    replace_durably(keyring_path(place), bytes);
}

Keyring Keyring::load(const Place& place, EpochKeys keys) {
    const auto file = read_whole(keyring_path(place), file_bytes_max);
    if (!file) damaged("its file is missing");
    const auto log = read_whole(log_path(place), log_bytes_max);
    if (!log) damaged("its log is missing");
    return parse(place, std::move(keys), *file, *log);
}

Keyring Keyring::parse(const Place& place, EpochKeys keys, BytesView file, BytesView log) {
    Keyring keyring(place, std::move(keys));
    keyring.read_file(file);
    keyring.read_log(log);
    return keyring;
}

void Keyring::read_file(BytesView bytes) {
    if (bytes.size() < keyring_head_bytes + keyring_mac_bytes) damaged("its file is too short");
    const auto head = decode_head(bytes.first(keyring_head_bytes));
    if (!head) damaged("its head is not one");
    if (head->vault == place_.vault && head->epoch < place_.epoch)
        throw Error(ErrorCode::corrupt, "keyring.old_epoch",
                    "could not use the keyring: it is of epoch " + std::to_string(head->epoch) +
                        ", the vault is in " + std::to_string(place_.epoch));
    const BytesView body = bytes.first(bytes.size() - keyring_mac_bytes);
    const BytesView mac = bytes.last(keyring_mac_bytes);
    chain_ = keyed_digest(keys_.file, {body});
    if (head->vault != place_.vault || head->epoch != place_.epoch || !equal(chain_, mac) ||
        body.size() != keyring_head_bytes + head->count * keyring_entry_bytes)
        damaged("its file is not as it was written");
    journal_ = head->journal;
    digest_ = sha256({bytes});
    entries_.reserve(head->count);
    for (std::size_t i = 0; i < head->count; ++i) {
        const auto entry = decode_entry(
            body.subspan(keyring_head_bytes + i * keyring_entry_bytes, keyring_entry_bytes));
        if (!entry) damaged("an entry is not one");
        insert(*entry);
    }
}

void Keyring::read_log(BytesView bytes) {
    while (bytes.size() >= log_entry_bytes) {
        const BytesView signed_part = bytes.first(log_entry_bytes - keyring_mac_bytes);
        const BytesView mac = bytes.subspan(signed_part.size(), keyring_mac_bytes);
        const Blake2Digest expected = log_mac(keys_, chain_, signed_part);
        if (!equal(expected, mac)) {
            // Torn is a last entry whose end the disk never had; one that has an end and is wrong
            // was changed, and dropping it would drop a dossier's key.
            const bool torn = bytes.size() == log_entry_bytes &&
                              std::all_of(mac.begin(), mac.end(), [](auto b) { return b == 0; });
            if (torn) return;
            damaged("an entry of its log is not as it was written");
        }
        Decoder decoder(signed_part);
        const bool in_order = decoder.u64() == logged_;
        const auto entry = decode_entry(decoder.raw(keyring_entry_bytes));
        if (!in_order || !entry || entry->info.state != EntryState::living)
            damaged("an entry of its log is not one");
        insert(*entry);
        chain_ = expected;
        ++logged_;
        bytes = bytes.subspan(log_entry_bytes);
    }
}

void Keyring::insert(const KeyringEntry& entry) {
    if (entries_.size() >= entries_max) damaged("it has too many entries");
    if (!index_.emplace(entry.info.id, entries_.size()).second) damaged("an id occurs twice");
    if (entry.info.kind != EntryKind::dossier && entry.info.state == EntryState::living)
        specials_.try_emplace({entry.info.kind, entry.info.year}, entries_.size());
    entries_.push_back(entry);
}

void Keyring::append(const EntryInfo& info, const SealingKey& key) {
    if (log_failed_) renew_log();
    if (entries_.size() >= entries_max)
        throw Error(ErrorCode::full, "keyring.full", "could not add a key: the keyring is full");
    const KeyringEntry entry = seal(place_, keys_, info, key);
    Bytes bytes = Encoder().u64(logged_).raw(encode(entry)).bytes();
    const Blake2Digest mac = log_mac(keys_, chain_, bytes);
    custode::append(bytes, mac);
    const std::uint64_t end = logged_ * log_entry_bytes;
    const File file(log_path(place_), O_RDWR);
    try {
        file.resize(end);  // cuts a torn entry that load() ignored
        file.write(end, bytes);
    } catch (const Error&) {  // no room: nothing is promised yet, and the next try may succeed
        file.resize(end);
        throw;
    }
    // After a failed fsync the kernel may show bytes that the disk does not have, and no later
    // fsync of this file brings that to light.
    log_failed_ = true;
    file.sync();
    log_failed_ = false;
    insert(entry);
    chain_ = mac;
    ++logged_;
}

/// A new file with what was durable before the failure: its fsync tells the truth.
void Keyring::renew_log() {
    const auto bytes = read_whole(log_path(place_), log_bytes_max);
    const std::size_t good = logged_ * log_entry_bytes;
    if (!bytes || bytes->size() < good) damaged("its log is shorter than it was");
    const BytesView entries = BytesView(*bytes).first(good);
    if (good != 0 && !equal(chain_, entries.last(keyring_mac_bytes)))
        damaged("its log is not as it was written");
    replace_durably(log_path(place_), entries);
    log_failed_ = false;
}

const KeyringEntry* Keyring::find(const EntryId& id) const {
    const auto found = index_.find(id);
    return found == index_.end() ? nullptr : &entries_[found->second];
}

const KeyringEntry* Keyring::special(EntryKind kind, std::uint16_t year) const {
    const auto found = specials_.find({kind, year});
    return found == specials_.end() ? nullptr : &entries_[found->second];
}

}  // namespace custode::crypto::detail
