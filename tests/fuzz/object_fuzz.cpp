// Containers of documents: whatever the plaintext's length and however it was fed, it comes back;
// no other length, no turned bit, no moved chunk opens.
#include "archive/crypto/object.h"

#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto;
using custode::fuzz::Input;

namespace {

const ObjectKey& the_key() {
    static const ObjectKey key = ObjectKey::from(Bytes(32, 0x0c));
    return key;
}

/// `size` bytes made of a few: an input of a hundred bytes reaches several chunks.
Bytes grown(BytesView seed, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>((seed.empty() ? 0 : seed[i % seed.size()]) + i / 251);
    return bytes;
}

Bytes seal(const ObjectContext& context, BytesView salt, BytesView plain, std::size_t step) {
    ObjectSealer sealer(the_key(), context, salt, AeadBackend::openssl);
    Bytes container;
    for (BytesView rest = plain; !rest.empty();) {
        const std::size_t now = std::min(step, rest.size());
        sealer.update(rest.first(now), container);
        rest = rest.subspan(now);
    }
    sealer.finish(container);
    return container;
}

Bytes open_all(const ObjectContext& context, BytesView container, std::uint64_t plain_size,
               AeadBackend backend) {
    const ObjectOpener opener(the_key(), context,
                              container.first(std::min(container.size(), object_head_bytes)),
                              plain_size, backend);
    Bytes plain;
    for (std::uint64_t i = 0; i < opener.chunk_count(); ++i) {
        const std::uint64_t at = std::min<std::uint64_t>(opener.chunk_offset(i), container.size());
        const BytesView rest = container.subspan(at);
        append(plain, opener.open_chunk(
                          i, rest.first(std::min(opener.chunk_sealed_size(i), rest.size()))));
    }
    return plain;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    // Around the border of a chunk, or anywhere below it.
    const std::uint8_t shape = input.byte();
    const std::size_t near = shape % 4 * chunk_plain_bytes;
    const std::size_t plain_size = near + input.word() % (shape < 64 ? 8U : 600U);
    const std::size_t step = std::size_t{1} + input.word();
    const std::size_t place = std::size_t{input.word()} * 7;
    const std::uint64_t other_size = plain_size ^ (std::uint64_t{1} + input.word());
    std::array<std::uint8_t, 24> salt{};
    input.into(salt);
    ObjectContext context;
    input.into(context.object.bytes);
    const Bytes plain = grown(input.rest(), plain_size);

    const Bytes container = seal(context, salt, plain, step);
    require(container.size() == sealed_size(plain_size), "a container's length is known");
    require(open_all(context, container, plain_size, AeadBackend::libsodium) == plain,
            "what one library seals the other opens");
    const auto refused = [&](const ObjectContext& where, BytesView bytes, std::uint64_t length) {
        require(!fuzz::accepted(ErrorCode::corrupt,
                                [&] { open_all(where, bytes, length, AeadBackend::openssl); }),
                "another container does not open");
    };
    refused(context, fuzz::turned(container, place), plain_size);
    refused(context, BytesView(container).first(place % container.size()), plain_size);
    refused(context, container, other_size);
    ObjectContext elsewhere = context;
    elsewhere.object.bytes[place % 16] ^= 1U;
    refused(elsewhere, container, plain_size);
    if (plain_size < 2 * chunk_plain_bytes) return 0;
    Bytes swapped = container;
    constexpr auto head = static_cast<std::ptrdiff_t>(object_head_bytes);
    constexpr auto chunk = static_cast<std::ptrdiff_t>(chunk_sealed_bytes);
    std::swap_ranges(swapped.begin() + head, swapped.begin() + head + chunk,
                     swapped.begin() + head + chunk);
    if (swapped != container) refused(context, swapped, plain_size);
    return 0;
}
