#include "archive/crypto/holders.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/file.h"
#include "archive/crypto/holder_codec.h"
#include "archive/crypto/shares.h"

#include <fcntl.h>

#include <algorithm>

namespace custode::crypto::detail {
namespace {

constexpr std::size_t holder_bytes = 2 * cell_bytes;

std::uint64_t cell_at(std::uint32_t epoch) { return (epoch % 2) * cell_bytes; }

bool is_empty(BytesView cell) {
    return std::all_of(cell.begin(), cell.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Both cells of a holder, raw and decoded.
struct Holder {
    Wiped<holder_bytes> bytes;
    std::optional<HolderCell> cells[2];

    explicit Holder(const File& file) {
        Bytes read = file.read(0, holder_bytes);
        std::copy(read.begin(), read.end(), bytes.bytes.begin());
        wipe(read);
        for (std::size_t i = 0; i < 2; ++i) cells[i] = decode_cell(raw(i));
    }
    BytesView raw(std::size_t i) const { return bytes.part(i * cell_bytes, cell_bytes); }
};

Bytes share_context(const Header& header, std::uint8_t index) {
    return Encoder().raw(header.vault).u32(header.epoch).u8(index).bytes();
}

Blake2Digest secret_commitment(const Header& header, const EpochSecret& secret) {
    return commitment(secret.view(), "epoch secret",
                      Encoder().raw(header.vault).u32(header.epoch).bytes());
}

[[noreturn]] void in_use() {
    throw Error(ErrorCode::conflict, "holder.in_use",
                "could not use the holder: the file holds something that is not this vault's");
}

/// Writes one cell in place and reads it back from the file.
void write_cell(const std::string& path, const HolderCell& cell) {
    const File file(path, O_RDWR | O_CREAT);
    const std::uint64_t size = file.size();
    if (size == 0) file.resize(holder_bytes);
    if (size != 0 && size != holder_bytes) in_use();
    const Holder before(file);
    for (std::size_t i = 0; i < 2; ++i)
        if (!is_empty(before.raw(i)) && (!before.cells[i] || before.cells[i]->vault != cell.vault))
            in_use();
    Bytes bytes = encode_cell(cell);
    file.write(cell_at(cell.epoch), bytes);
    file.sync();
    Bytes again = file.read(cell_at(cell.epoch), cell_bytes);
    const bool kept = equal(bytes, again);
    wipe(bytes);
    wipe(again);
    if (!kept)
        throw Error(ErrorCode::storage, "holder.not_kept",
                    "could not read back what was written to the holder");
}

/// The share of header.epoch in the holder at `index`, if it is the one given out.
HolderState find_share(const Header& header, std::size_t index,
                       std::optional<HolderCell>& found) try {
    const File file(header.holders[index].path, O_RDONLY);
    if (file.size() != holder_bytes) return HolderState::wrong;
    Holder holder(file);
    HolderState state = HolderState::wrong;
    bool other = false;
    for (std::size_t i = 0; i < 2; ++i) {
        std::optional<HolderCell>& cell = holder.cells[i];
        other = other || (!cell && !is_empty(holder.raw(i)));
        if (!cell || cell->vault != header.vault) continue;
        if (cell->epoch != header.epoch) {
            other = true;
            if (state == HolderState::wrong)
                state =
                    cell->epoch < header.epoch ? HolderState::old_share : HolderState::newer_share;
            continue;
        }
        const auto x = static_cast<std::uint8_t>(index + 1);
        if (cell->point.x != x ||
            !equal(commitment(cell->point.y.view(), "share of the epoch", share_context(header, x)),
                   header.holders[index].share))
            continue;
        found = std::move(cell);
    }
    if (!found) return state;
    return other ? HolderState::leftover : HolderState::good;
} catch (const Error&) {
    return HolderState::missing;
}

}  // namespace

const char* to_text(HolderState state) {
    switch (state) {
        case HolderState::good: return "good";
        case HolderState::missing: return "missing";
        case HolderState::wrong: return "wrong";
        case HolderState::old_share: return "share of an old epoch";
        case HolderState::newer_share: return "share of a newer epoch";
        case HolderState::leftover: return "good, but its other half is not empty";
    }
    return "unknown";
}

void write_holders(Header& header, const EpochSecret& secret) {
    header.epoch_secret = secret_commitment(header, secret);
    if (!header.has_holders()) return;
    const auto count = static_cast<int>(header.holders.size());
    std::vector<Point> points = split(secret.view(), header.holders_needed(), count);
    for (std::size_t i = 0; i < points.size(); ++i) {
        HolderCell cell{header.vault, header.epoch,
                        static_cast<std::uint8_t>(header.holders_needed()),
                        static_cast<std::uint8_t>(count), std::move(points[i])};
        header.holders[i].share = commitment(cell.point.y.view(), "share of the epoch",
                                             share_context(header, cell.point.x));
        write_cell(header.holders[i].path, cell);
    }
}

EpochSecret read_holders(const Header& header) {
    std::vector<Point> points;
    bool any_newer = false, any_old = false;
    const auto needed = static_cast<std::size_t>(header.holders_needed());
    for (std::size_t i = 0; i < header.holders.size() && points.size() < needed; ++i) {
        std::optional<HolderCell> cell;
        const HolderState state = find_share(header, i, cell);
        any_newer = any_newer || state == HolderState::newer_share;
        any_old = any_old || state == HolderState::old_share;
        if (cell) points.push_back(std::move(cell->point));
    }
    if (points.size() < needed) {
        if (any_newer)  // the holders went on: this header and keyring were put back
            throw Error(ErrorCode::corrupt, "keyring.old_epoch",
                        "could not unseal: the holders belong to a newer epoch than the vault");
        throw Error(ErrorCode::sealed, any_old ? "holder.old" : "holder.missing",
                    "could not unseal: " + std::to_string(points.size()) + " of " +
                        std::to_string(needed) + " holders gave their share");
    }
    EpochSecret secret;
    combine(points, secret.writable());
    if (!equal(secret_commitment(header, secret), header.epoch_secret))
        throw Error(ErrorCode::corrupt, "header.damaged",
                    "could not unseal: the holders do not make the secret that the header names");
    return secret;
}

HolderState look_at_holder(const Header& header, std::size_t index) {
    std::optional<HolderCell> share;
    return find_share(header, index, share);
}

bool erase_other_shares(const VaultId& vault, const std::string& path, std::uint32_t keep) noexcept
    try {
    const File file(path, O_RDWR);
    if (file.size() != holder_bytes) return false;
    const auto to_erase = [&](const Holder& holder, std::size_t i) {
        const auto& cell = holder.cells[i];
        if (cell) return cell->vault == vault && cell->epoch != keep;
        return is_marked_cell(holder.raw(i));  // torn: nobody's share any more
    };
    const Holder before(file);
    for (std::size_t i = 0; i < 2; ++i)
        if (to_erase(before, i)) file.write(i * cell_bytes, Bytes(cell_bytes));
    file.sync();
    const Holder after(file);
    return !to_erase(after, 0) && !to_erase(after, 1);
} catch (const Error&) {
    return false;
}

}  // namespace custode::crypto::detail
