// The keyring and its log: with a MAC that holds, only what the writer writes is taken, and every
// entry comes back as it lies there; without it nothing is, but for a torn end of the log.
#include "archive/crypto/keyring.h"

#include "archive/base/codec.h"
#include "archive/crypto/keyring_codec.h"
#include "archive/crypto/record.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto;
using namespace custode::crypto::detail;
using custode::fuzz::Input;

namespace {

const EpochKeys& the_keys() {
    static const EpochKeys keys = EpochKeys::make(RootSecret::from(Bytes(32, 0x01)),
                                                  EpochSecret::from(Bytes(32, 0x02)), VaultId{}, 1);
    return keys;
}

EpochKeys copied_keys() {
    const EpochKeys& keys = the_keys();
    return {keys.wrap.duplicate(), keys.file.duplicate(), keys.log.duplicate(),
            keys.header.duplicate()};
}

/// Reads both files as the vault at epoch 1 would; nothing when they are refused.
std::optional<Keyring> read(BytesView file, BytesView log) {
    try {
        return Keyring::parse({"", VaultId{}, 1}, copied_keys(), file, log);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::corrupt, "a keyring is whole or damaged");
        require(error.name() == "keyring.damaged" || error.name() == "keyring.old_epoch",
                "and is refused by its name");
        return std::nullopt;
    }
}

Bytes with_mac(BytesView body) {
    Bytes file = copy(body);
    append(file, keyed_digest(the_keys().file, {body}));
    return file;
}

Bytes file_of(const std::vector<KeyringEntry>& entries, const JournalPlace& place) {
    Bytes body =
        encode(KeyringHead{VaultId{}, 1, static_cast<std::uint32_t>(entries.size()), place});
    for (const KeyringEntry& entry : entries) append(body, encode(entry));
    return with_mac(body);
}

/// A body of any bytes, sealed as ours: it is taken only if the writer writes just that.
Bytes fuzz_file(BytesView body) {
    const Bytes file = with_mac(body);
    const auto keyring = read(file, {});
    if (!keyring) return file_of({}, {});
    require(file_of(keyring->entries(), keyring->journal()) == file, "a keyring has one encoding");
    for (const KeyringEntry& entry : keyring->entries())
        require(keyring->find(entry.info.id) != nullptr, "every entry is found by its id");
    return file;
}

/// A log of any entries, chained as ours.
void fuzz_log(BytesView file, BytesView entries) {
    const auto before = read(file, {});
    require(before.has_value(), "the file alone is taken");
    Bytes log;
    Blake2Digest chain;
    std::copy(file.end() - keyring_mac_bytes, file.end(), chain.bytes.begin());
    for (std::uint64_t number = 0; entries.size() >= keyring_entry_bytes; ++number) {
        const Bytes signed_part =
            Encoder().u64(number).raw(entries.first(keyring_entry_bytes)).bytes();
        chain = keyed_digest(the_keys().log, {chain, signed_part});
        append(log, signed_part);
        append(log, chain);
        entries = entries.subspan(keyring_entry_bytes);
    }
    const auto whole = read(file, log);
    const std::size_t logged = log.size() / log_entry_bytes;
    if (whole) {
        const auto& all = whole->entries();
        require(all.size() == before->entries().size() + logged, "every logged entry is there");
        for (std::size_t i = 0; i < logged; ++i)
            require(std::ranges::equal(
                        encode(all[before->entries().size() + i]),
                        BytesView(log).subspan(i * log_entry_bytes + 8, keyring_entry_bytes)),
                    "an entry has one encoding");
    }
    append(log, entries);  // the rest is shorter than an entry: torn
    require(read(file, log).has_value() == whole.has_value(), "a torn end changes nothing");
    if (log.empty()) return;
    // A turned bit in a whole entry is damage, unless nothing was whole.
    const Bytes turned = fuzz::turned(log, entries.size() + log.back());
    const auto after = read(file, turned);
    require(!after || !whole || after->entries().size() == whole->entries().size(),
            "no entry is lost in silence");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    require(!read(bytes, {}), "nobody guesses a MAC");
    if (const auto head = decode_head(bytes))
        require(std::ranges::equal(encode(*head), bytes), "a head has one encoding");
    if (const auto entry = decode_entry(bytes))
        require(std::ranges::equal(encode(*entry), bytes), "an entry has one encoding");
    Input input(data, size);
    const std::size_t in_file = keyring_head_bytes + input.byte() % 4 * keyring_entry_bytes;
    const Bytes file = fuzz_file(input.take(in_file));
    fuzz_log(file, input.rest());
    return 0;
}
