#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/holders.h"
#include "archive/crypto/key_state.h"
#include "archive/crypto/record.h"

#include <algorithm>

namespace custode::crypto::detail {
namespace {

constexpr std::size_t wrapped_bytes = 104;

std::filesystem::path secret_path(const std::filesystem::path& folder, std::uint32_t epoch) {
    return folder / ("epoch." + std::to_string(epoch));
}

RecordContext secret_context(const Header& header) {
    RecordContext context;
    context.vault = header.vault;
    context.table = "epoch";
    context.epoch = header.epoch;
    return context;
}

}  // namespace

EpochSecret make_epoch_secret(const std::filesystem::path& folder, const RootSecret& root,
                              Header& header) {
    auto secret = EpochSecret::random();
    write_holders(header, secret);
    if (header.has_holders()) return secret;
    const auto outer = derive<SealingKey>(root, "epoch secret");
    replace_durably(secret_path(folder, header.epoch), wrap(outer, secret_context(header), secret));
    return secret;
}

EpochSecret read_epoch_secret(const std::filesystem::path& folder, const RootSecret& root,
                              const Header& header) {
    if (header.has_holders()) return read_holders(header);
    const auto outer = derive<SealingKey>(root, "epoch secret");
    const auto wrapped = read_whole(secret_path(folder, header.epoch), wrapped_bytes);
    if (!wrapped)
        throw Error(ErrorCode::sealed, "holder.missing",
                    "could not unseal: the epoch's secret beside the keyring is missing");
    auto secret = unwrap<EndsWithEpoch>(outer, secret_context(header), *wrapped);
    if (!secret)
        throw Error(ErrorCode::corrupt, "keyring.damaged",
                    "could not unseal: the epoch's secret beside the keyring does not open");
    return std::move(*secret);
}

std::vector<HolderPlace> places_of(const std::vector<std::filesystem::path>& holders) {
    if (holders.size() > Header::holders_max)
        throw Error(ErrorCode::invalid_argument, "holder.too_many",
                    "could not use more than eight holders");
    std::vector<HolderPlace> places;
    for (const std::filesystem::path& holder : holders) {
        const std::string path = std::filesystem::absolute(holder).lexically_normal().string();
        if (path.size() > Header::path_bytes_max || !is_utf8(path))
            throw Error(ErrorCode::invalid_argument, "holder.path",
                        "could not use a holder whose path is too long or not UTF-8");
        if (std::any_of(places.begin(), places.end(),
                        [&](const auto& p) { return p.path == path; }))
            throw Error(ErrorCode::invalid_argument, "holder.twice",
                        "could not use one holder twice");
        places.push_back({path, {}});
    }
    return places;
}

SealingKey fresh_key(EntryKind kind) {
    auto key = SealingKey::random();
    // A P-256 scalar must be below the group's order, whose first four bytes are all ones.
    const auto too_large = [&] {
        return std::all_of(key.view().begin(), key.view().begin() + 4,
                           [](std::uint8_t byte) { return byte == 0xFF; });
    };
    while (kind == EntryKind::certificate_authority && too_large()) key = SealingKey::random();
    return key;
}

}  // namespace custode::crypto::detail
