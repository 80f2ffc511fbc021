#include "archive/crypto/object.h"

#include "archive/base/codec.h"
#include "archive/base/error.h"
#include "archive/base/guard.h"
#include "archive/crypto/aead.h"
#include "archive/crypto/derive.h"
#include "archive/crypto/digest.h"

#include <algorithm>
#include <string>

namespace custode::crypto {
namespace {

constexpr std::size_t salt_bytes = 24;
constexpr std::size_t commitment_bytes = 32;
constexpr std::size_t derived_bytes =
    32 + 12 + commitment_bytes;  ///< key ‖ base nonce ‖ commitment

/// 256 TiB.  Far below the 2^64 chunks that the nonce could count, far above any file.
constexpr std::uint64_t plain_bytes_max = std::uint64_t{1} << 48U;

/// What one container is sealed with.  Its key serves this container only (the salt is random), so
/// counting chunks in the nonce never repeats one.
struct ContainerKeys {
    detail::Wiped<derived_bytes> derived;

    ContainerKeys(const ObjectKey& key, const ObjectContext& context, BytesView salt) {
        Encoder info;
        info.field(view("custode/object/v1")).u16(detail::suite_id).field(salt);
        if (stands(Guard::object_context))
            info.field(context.vault)
                .field(context.object)
                .u32(context.version)
                .field(view(context.media_class));
        detail::hkdf_expand(key.view(), info.bytes(), derived.bytes);
    }

    BytesView key() const { return derived.part(0, 32); }
    BytesView commitment() const { return derived.part(44, commitment_bytes); }

    detail::ChunkNonce nonce(std::uint64_t chunk) const {
        detail::ChunkNonce nonce{};
        std::copy_n(derived.bytes.begin() + 32, nonce.size(), nonce.begin());
        if (!stands(Guard::object_context)) return nonce;
        for (std::size_t i = 0; i < 8; ++i)
            nonce[11 - i] ^= static_cast<std::uint8_t>(chunk >> (8 * i));
        return nonce;
    }
};

std::array<std::uint8_t, salt_bytes> random_salt() {
    std::array<std::uint8_t, salt_bytes> salt{};
    if (stands(Guard::fresh_nonce)) fill_random(salt);
    return salt;
}

[[noreturn]] void damaged(const ObjectId& object) {
    throw Error(ErrorCode::corrupt, "object.damaged",
                "could not open object " + to_text(object) + ": its bytes are not those sealed");
}

}  // namespace

std::uint64_t sealed_size(std::uint64_t plain) {
    require(plain <= plain_bytes_max, "an object has at most 2^48 bytes");
    const std::uint64_t chunks = plain / chunk_plain_bytes + 1;
    return object_head_bytes + plain + chunks * detail::Aead::tag_bytes;
}

struct ObjectSealer::State {
    ContainerKeys keys;
    std::unique_ptr<detail::Aead> aead;
    Bytes head;     ///< salt ‖ commitment until it is given out
    Bytes pending;  ///< plaintext short of a chunk
    std::uint64_t chunk = 0;
    bool finished = false;

    State(const ObjectKey& key, const ObjectContext& context, BytesView salt, AeadBackend backend)
        : keys(key, context, salt), aead(detail::Aead::make(backend, keys.key())) {
        head = Encoder().raw(salt).raw(keys.commitment()).bytes();
        pending.reserve(chunk_plain_bytes);
    }
    ~State() { wipe(pending); }

    std::size_t seal(BytesView plain, std::span<std::uint8_t> out) {
        require(chunk <= plain_bytes_max / chunk_plain_bytes, "an object has at most 2^48 bytes");
        const std::size_t before = head.size();
        const std::size_t after = before + plain.size() + detail::Aead::tag_bytes;
        require(after <= out.size(), "there is room for a sealed chunk");
        std::copy(head.begin(), head.end(), out.begin());
        head.clear();
        aead->seal(keys.nonce(chunk++), plain, out.data() + before);
        return after;
    }
};

ObjectSealer::ObjectSealer(const ObjectKey& key, const ObjectContext& context, AeadBackend backend)
    : state_(std::make_unique<State>(key, context, random_salt(), backend)) {}

ObjectSealer::ObjectSealer(const ObjectKey& key, const ObjectContext& context, BytesView salt24,
                           AeadBackend backend) {
    require(salt24.size() == salt_bytes, "a salt has 24 bytes");
    state_ = std::make_unique<State>(key, context, salt24, backend);
}

ObjectSealer::~ObjectSealer() = default;

std::size_t ObjectSealer::update_into(std::span<std::uint8_t> out, BytesView plaintext) {
    require(!state_->finished, "nothing is sealed after the end");
    Bytes& pending = state_->pending;
    std::size_t written = 0;
    while (pending.size() + plaintext.size() >= chunk_plain_bytes) {
        const BytesView more = plaintext.first(chunk_plain_bytes - pending.size());
        if (pending.empty()) {  // a whole chunk needs no copy
            written += state_->seal(more, out.subspan(written));
        } else {
            append(pending, more);
            written += state_->seal(pending, out.subspan(written));
            pending.clear();
        }
        plaintext = plaintext.subspan(more.size());
    }
    append(pending, plaintext);
    return written;
}

std::size_t ObjectSealer::finish_into(std::span<std::uint8_t> out) {
    require(!state_->finished, "an object ends once");
    // Shorter than a chunk, possibly empty: the end itself.
    const std::size_t written = state_->seal(state_->pending, out);
    wipe(state_->pending);
    state_->finished = true;
    return written;
}

void ObjectSealer::update(BytesView plaintext, Bytes& out) {
    const std::size_t before = out.size();
    out.resize(before + room_for(state_->pending.size() + plaintext.size()));
    out.resize(before + update_into(std::span(out).subspan(before), plaintext));
}

void ObjectSealer::finish(Bytes& out) {
    const std::size_t before = out.size();
    out.resize(before + room_for(0));
    out.resize(before + finish_into(std::span(out).subspan(before)));
}

struct ObjectOpener::State {
    ContainerKeys keys;
    ObjectId object;
    std::uint64_t plain_size;
    std::unique_ptr<detail::Aead> aead;  ///< Only once the commitment was found right.

    State(const ObjectKey& key, const ObjectContext& context, BytesView salt, std::uint64_t size)
        : keys(key, context, salt), object(context.object), plain_size(size) {}
};

ObjectOpener::ObjectOpener(const ObjectKey& key, const ObjectContext& context, BytesView head,
                           std::uint64_t plain_size, AeadBackend backend) {
    if (head.size() != object_head_bytes || plain_size > plain_bytes_max) damaged(context.object);
    state_ = std::make_unique<State>(key, context, head.first(salt_bytes), plain_size);
    if (stands(Guard::object_commitment) &&
        !equal(state_->keys.commitment(), head.subspan(salt_bytes)))
        damaged(context.object);
    state_->aead = detail::Aead::make(backend, state_->keys.key());
}

ObjectOpener::~ObjectOpener() = default;

std::uint64_t ObjectOpener::chunk_count() const {
    return state_->plain_size / chunk_plain_bytes + 1;
}

std::uint64_t ObjectOpener::chunk_offset(std::uint64_t index) const {
    require(index < chunk_count(), "the chunk is one of the object");
    return object_head_bytes + index * chunk_sealed_bytes;
}

std::size_t ObjectOpener::chunk_sealed_size(std::uint64_t index) const {
    require(index < chunk_count(), "the chunk is one of the object");
    if (index + 1 < chunk_count()) return chunk_sealed_bytes;
    return state_->plain_size % chunk_plain_bytes + detail::Aead::tag_bytes;
}

BytesView ObjectOpener::open_in_place(std::uint64_t index, std::span<std::uint8_t> sealed) const {
    // The size is checked against the object's own, so a cut, grown or moved last chunk has no
    // legal shape: a full one is never last.
    if (sealed.size() != chunk_sealed_size(index)) damaged(state_->object);
    if (!state_->aead->open(state_->keys.nonce(index), sealed, sealed.data())) {
        wipe(sealed);
        damaged(state_->object);
    }
    return sealed.first(sealed.size() - detail::Aead::tag_bytes);
}

Bytes ObjectOpener::open_chunk(std::uint64_t index, BytesView sealed) const {
    Bytes plain = copy(sealed);
    plain.resize(open_in_place(index, plain).size());
    return plain;
}

}  // namespace custode::crypto
