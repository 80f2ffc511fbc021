#include "archive/base/codec.h"
#include "archive/journal/journal.h"

namespace custode::journal {
namespace {

constexpr std::uint8_t head_version = 1;
constexpr std::size_t tables_max = 64;

crypto::RecordContext head_context(const VaultId& vault, BytesView key_id) {
    return {.vault = vault, .table = "head", .key = view("head"), .key_id = key_id};
}

}  // namespace

Bytes Head::encode() const {
    Encoder out;
    out.u8(head_version).u64(size).raw(root).u16(static_cast<std::uint16_t>(sums.size()));
    for (const store::TableSum& sum : sums) out.u64(sum.count).raw(sum.sum);
    return std::move(out).bytes();
}

std::optional<Head> Head::decode(BytesView bytes) {
    Decoder in(bytes);
    if (in.u8() != head_version) return std::nullopt;
    Head head;
    head.size = in.u64();
    in.into(head.root.bytes);
    const std::size_t tables = in.u16();
    if (tables > tables_max) return std::nullopt;
    for (std::size_t i = 0; i < tables; ++i) {
        store::TableSum sum;
        sum.count = in.u64();
        in.into(sum.sum);
        head.sums.push_back(sum);
    }
    if (!in.finished()) return std::nullopt;
    return head;
}

Head read_head(const store::ReadTransaction& read, const Tables& tables,
               const crypto::KeyService& keys) {
    const auto sealed = read.find(tables.head, view("head"));
    if (!sealed)
        throw Error(ErrorCode::corrupt, "vault.head_missing", "could not find the head row");
    const auto id = keys.find(crypto::EntryKind::head);
    const auto key = id ? keys.key(*id) : std::nullopt;
    const auto plain =
        key ? crypto::open_record(*key, head_context(keys.vault(), *id), *sealed) : std::nullopt;
    auto head = plain ? Head::decode(*plain) : std::nullopt;
    if (!head) throw Error(ErrorCode::corrupt, "vault.head_damaged", "could not open the head row");
    return std::move(*head);
}

Bytes sealed_head(const Head& head, const crypto::KeyService& keys, const EntryId& id,
                  const crypto::SealingKey& key) {
    return crypto::seal_record(key, head_context(keys.vault(), id), head.encode());
}

}  // namespace custode::journal
