#include "archive/crypto/slots.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/file.h"
#include "archive/crypto/record.h"

#include <algorithm>

namespace custode::crypto::detail {
namespace {

constexpr std::size_t passphrase_bytes_max = 1'024;

RecordContext slot_context(const Header& header, std::string_view slot) {
    RecordContext context;
    context.vault = header.vault;
    context.table = "vault.toml";
    context.key = view(slot);
    return context;
}

/// What a share's commitment is bound to: the vault, the ceremony and the share's index.
Bytes share_context(const Header& header, const SharesSlot& slot, std::uint8_t index) {
    return Encoder().raw(header.vault).raw(slot.id).u8(index).bytes();
}

Bytes root_context(const Header& header, const SharesSlot& slot) {
    return Encoder().raw(header.vault).raw(slot.id).bytes();
}

SealingKey stretch(const std::string& passphrase, const PassphraseSlot& slot) {
    if (passphrase.empty() || passphrase.size() > passphrase_bytes_max)
        throw Error(ErrorCode::invalid_argument, "passphrase.size",
                    "could not use a passphrase that is empty or longer than 1,024 bytes");
    ready();
    SealingKey key;
    if (crypto_pwhash(key.writable().data(), 32, passphrase.data(), passphrase.size(),
                      slot.salt.data(), slot.passes, std::size_t{slot.memory_kib} * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw Error(ErrorCode::busy, "passphrase.no_memory",
                    "could not have the memory that the passphrase asks for");
    return key;
}

void make_keyfile(const std::filesystem::path& path, const RootSecret& root, Header& header) {
    const auto key = SealingKey::random();
    try {
        write_new(path, key.view());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict) throw;
        throw Error(ErrorCode::conflict, "keyfile.exists",
                    "could not write the keyfile: a file of that name exists");
    }
    header.keyfile = KeyfileSlot{wrap(key, slot_context(header, "keyfile"), root)};
}

void make_passphrase(const SlotOptions& options, const RootSecret& root, Header& header) {
    PassphraseSlot slot;
    fill_random(slot.salt);
    slot.memory_kib = options.passphrase_memory_kib;
    slot.passes = options.passphrase_passes;
    slot.wrapped =
        wrap(stretch(*options.passphrase, slot), slot_context(header, "passphrase"), root);
    header.passphrase = std::move(slot);
}

std::vector<ShareText> make_shares(const SlotOptions& options, const std::string& ceremony,
                                   const RootSecret& root, Header& header) {
    SharesSlot slot;
    slot.ceremony = ceremony.empty() ? "1" : ceremony;
    slot.threshold = options.threshold;
    fill_random(slot.id);
    slot.root = commitment(root.view(), "root", root_context(header, slot));
    std::vector<ShareText> texts;
    for (Point& point : split(root.view(), options.threshold, options.shares)) {
        slot.shares.push_back(
            commitment(point.y.view(), "share of the root", share_context(header, slot, point.x)));
        texts.push_back(to_words({slot.id, options.threshold, options.shares, std::move(point)}));
    }
    header.shares = std::move(slot);
    return texts;
}

void check_options(const SlotOptions& options, const std::string& ceremony) {
    if (!options.keyfile && !options.passphrase && options.shares == 0)
        throw Error(ErrorCode::invalid_argument, "slot.none",
                    "could not make a vault that nothing unseals");
    if (options.shares != 0 && (options.threshold < 2 || options.threshold > options.shares ||
                                options.shares > points_max || ceremony.size() > 64))
        throw Error(ErrorCode::invalid_argument, "share.threshold",
                    "could not share the root: it takes 2 <= threshold <= shares <= 32");
}

RootSecret open_keyfile(const Header& header, BytesView keyfile) {
    std::optional<RootSecret> root;
    if (header.keyfile && keyfile.size() == 32)
        root = unwrap<UnsealsVault>(SealingKey::from(keyfile), slot_context(header, "keyfile"),
                                    header.keyfile->wrapped);
    if (!root)
        throw Error(ErrorCode::unauthenticated, "unseal.wrong_key",
                    "could not unseal: the keyfile is not that of this vault");
    return std::move(*root);
}

RootSecret open_passphrase(const Header& header, const std::string& passphrase) {
    std::optional<RootSecret> root;
    if (header.passphrase)
        root = unwrap<UnsealsVault>(stretch(passphrase, *header.passphrase),
                                    slot_context(header, "passphrase"), header.passphrase->wrapped);
    if (!root)
        throw Error(ErrorCode::unauthenticated, "passphrase.wrong",
                    "could not unseal: the passphrase is not that of this vault");
    return std::move(*root);
}

RootSecret open_shares(const Header& header, const std::vector<ShareText>& texts) {
    std::vector<Share> shares;
    shares.reserve(texts.size());
    for (const ShareText& text : texts) shares.push_back(judge_share(header, shares, text));
    const SharesSlot& slot = *header.shares;
    const auto needed = static_cast<std::size_t>(slot.threshold);
    if (shares.size() < needed)
        throw Error(ErrorCode::unauthenticated, "share.too_few",
                    "could not unseal: " + std::to_string(shares.size()) + " of " +
                        std::to_string(needed) + " shares were given");
    std::vector<Point> points;
    for (std::size_t i = 0; i < needed; ++i) points.push_back(std::move(shares[i].point));
    RootSecret root;
    combine(points, root.writable());
    // Before R touches any ciphertext: a wrong R must not be told from a damaged vault.
    if (!equal(commitment(root.view(), "root", root_context(header, slot)), slot.root))
        throw Error(ErrorCode::unauthenticated, "share.wrong",
                    "could not unseal: the shares do not make this vault's secret");
    return root;
}

}  // namespace

KeyService::Slots slots_of(const Header& header) {
    KeyService::Slots slots;
    if (header.keyfile) slots.names.emplace_back("keyfile");
    if (header.passphrase) slots.names.emplace_back("passphrase");
    if (header.shares) {
        slots.shares_needed = header.shares->threshold;
        slots.names.push_back("shares " + std::to_string(header.shares->threshold) + " of " +
                              std::to_string(header.shares->shares.size()));
    }
    return slots;
}

std::vector<ShareText> make_slots(const SlotOptions& options, const std::string& ceremony,
                                  const RootSecret& root, Header& header) {
    check_options(options, ceremony);
    if (options.passphrase) make_passphrase(options, root, header);
    if (options.keyfile) make_keyfile(*options.keyfile, root, header);
    if (options.shares == 0) return {};
    return make_shares(options, ceremony, root, header);
}

RootSecret open_root(const Header& header, const UnsealInput& input) {
    if (input.keyfile) return open_keyfile(header, *input.keyfile);
    if (input.passphrase) return open_passphrase(header, *input.passphrase);
    if (!input.shares.empty()) return open_shares(header, input.shares);
    throw Error(ErrorCode::unauthenticated, header.shares ? "share.too_few" : "unseal.wrong_key",
                "could not unseal: no keyfile, passphrase or share was given");
}

Share judge_share(const Header& header, const std::vector<Share>& before, std::string_view text) {
    Share share = parse_words(text);
    const std::string name = "share " + std::to_string(share.point.x);
    const auto refuse = [](const char* error, const std::string& why) {
        throw Error(ErrorCode::unauthenticated, error, "could not use " + why);
    };
    if (!header.shares) refuse("share.wrong", name + ": this vault is not unsealed by shares");
    const SharesSlot& slot = *header.shares;
    if (share.ceremony != slot.id)
        refuse("share.old_ceremony",
               name + ": it does not belong to ceremony " + slot.ceremony + " of this vault");
    if (share.point.x > slot.shares.size() || share.threshold != slot.threshold ||
        !equal(commitment(share.point.y.view(), "share of the root",
                          share_context(header, slot, share.point.x)),
               slot.shares[share.point.x - 1U]))
        refuse("share.wrong", name + ": it is not the one that this vault gave out");
    if (std::any_of(before.begin(), before.end(),
                    [&](const Share& other) { return other.point.x == share.point.x; }))
        refuse("share.duplicate", name + " twice");
    return share;
}

}  // namespace custode::crypto::detail
