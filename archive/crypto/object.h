// archive/crypto/object.h
#pragma once

#include "archive/base/id.h"
#include "archive/crypto/secret.h"

#include <memory>

namespace custode::crypto {

inline constexpr std::size_t chunk_plain_bytes = 65'504;
inline constexpr std::size_t chunk_sealed_bytes = chunk_plain_bytes + 16;
inline constexpr std::size_t object_head_bytes = 24 + 32;  ///< salt ‖ commitment

/// Length of the container of `plain` bytes: head, full chunks, and a last chunk strictly shorter
/// than a full one (an empty last chunk where the length is a multiple).
std::uint64_t sealed_size(std::uint64_t plain);

struct ObjectContext {
    VaultId vault;
    ObjectId object;
    std::uint32_t version = 1;
    std::string_view media_class = "original";  ///< original | text | preview …
};

/// Which library computes the AEAD; byte-identical, tested against each other.
enum class AeadBackend { openssl, libsodium };

/// Seals one object as a stream: feed bytes of any size, take container bytes as they come.
/// Threads: one.
class ObjectSealer {
public:
    ObjectSealer(const ObjectKey& key, const ObjectContext& context,
                 AeadBackend backend = AeadBackend::openssl);
    /// For known-answer tests: the salt is given.
    ObjectSealer(const ObjectKey& key, const ObjectContext& context, BytesView salt24,
                 AeadBackend backend);
    ~ObjectSealer();

    /// Appends container bytes to `out` (the head comes with the first ones).
    void update(BytesView plaintext, Bytes& out);
    void finish(Bytes& out);

    /// The same into memory that is there already; gives how many bytes were written, of which
    /// there are at most room_for(plaintext.size()), and for the end room_for(0).  Whole chunks,
    /// fed one by one, are not copied.
    std::size_t update_into(std::span<std::uint8_t> out, BytesView plaintext);
    std::size_t finish_into(std::span<std::uint8_t> out);
    static constexpr std::size_t room_for(std::size_t plaintext) {
        return object_head_bytes + (plaintext / chunk_plain_bytes + 1) * chunk_sealed_bytes;
    }

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Opens chunks of one container in any order.  `plain_size` comes from where it is authenticated
/// (the object's record); with a wrong one no truncation opens, but the shapes are only as true as
/// it.
///
/// Threads  One.
/// Errors   Error(corrupt, "object.damaged") when the head or a chunk is not what was sealed.
class ObjectOpener {
public:
    ObjectOpener(const ObjectKey& key, const ObjectContext& context, BytesView head,
                 std::uint64_t plain_size, AeadBackend backend = AeadBackend::openssl);
    ~ObjectOpener();

    std::uint64_t chunk_count() const;
    /// Where the sealed bytes of a chunk lie in the container, and how many they are.
    std::uint64_t chunk_offset(std::uint64_t index) const;
    std::size_t chunk_sealed_size(std::uint64_t index) const;
    Bytes open_chunk(std::uint64_t index, BytesView sealed) const;
    /// Opens a chunk where it lies: its plaintext is at the front of the same memory, which the
    /// caller wipes when it is done with it.
    BytesView open_in_place(std::uint64_t index, std::span<std::uint8_t> sealed) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace custode::crypto
