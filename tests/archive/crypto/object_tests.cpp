#include "archive/crypto/object.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "tests/archive/crypto/sealing_support.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace custode;
using namespace custode::crypto;
using namespace custode::test;

namespace {

struct OneObject {
    ObjectKey key = ObjectKey::from(counting(32));
    ObjectContext context{counting_id<VaultId>(0x10), counting_id<ObjectId>(0x30), 1, "original"};

    Bytes sealed(BytesView plain, AeadBackend backend = AeadBackend::openssl,
                 std::size_t piece = 1'000'000) const {
        ObjectSealer sealer(key, context, counting(24, 0x80), backend);
        Bytes out;
        for (; !plain.empty(); plain = plain.subspan(std::min(piece, plain.size())))
            sealer.update(plain.first(std::min(piece, plain.size())), out);
        sealer.finish(out);
        return out;
    }

    /// Opens a container whose record says `plain_size`, taking chunks where they should lie.
    static Bytes opened(const ObjectKey& with, const ObjectContext& where, BytesView container,
                        std::uint64_t plain_size, AeadBackend backend = AeadBackend::openssl) {
        if (container.size() < object_head_bytes)
            throw Error(ErrorCode::corrupt, "object.damaged", "shorter than a head");
        const ObjectOpener opener(with, where, container.first(object_head_bytes), plain_size,
                                  backend);
        Bytes plain;
        for (std::uint64_t i = 0; i < opener.chunk_count(); ++i) {
            const std::size_t from =
                std::min<std::size_t>(opener.chunk_offset(i), container.size());
            const std::size_t rest = container.size() - from;
            const bool last = i + 1 == opener.chunk_count();
            append(plain,
                   opener.open_chunk(
                       i, container.subspan(
                              from, last ? rest : std::min(rest, opener.chunk_sealed_size(i)))));
        }
        return plain;
    }

    void refused(BytesView container, std::uint64_t plain_size) const {
        BOOST_CHECK_EXCEPTION(opened(key, context, container, plain_size), Error,
                              named("object.damaged"));
    }
};

constexpr std::size_t three_chunks_and_some = 197'289;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(object_tests, OneObject)

BOOST_AUTO_TEST_CASE(containers_are_the_bytes_of_the_frozen_vectors_in_both_back_ends) {
    const auto lines = vector_lines("object_v1.txt");
    BOOST_REQUIRE(lines.size() == 6U);
    for (const auto& line : lines) {
        const Bytes plain = patterned(std::stoul(line[0]));
        for (const auto backend : {AeadBackend::openssl, AeadBackend::libsodium}) {
            const Bytes container = sealed(plain, backend);
            BOOST_TEST(container.size() == std::stoul(line[1]));
            BOOST_TEST(sealed_size(plain.size()) == container.size());
            BOOST_TEST(to_hex(BytesView(container).first(object_head_bytes)) == line[2]);
            BOOST_TEST(to_hex(sha256({container})) == line[3]);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_one_back_end_seals_the_other_opens) {
    for (const std::size_t size : {0U, 1U, 65'503U, 65'504U, 65'505U, 131'008U, 197'289U}) {
        const Bytes plain = patterned(size);
        const Bytes container = sealed(plain, AeadBackend::openssl);
        BOOST_TEST((container == sealed(plain, AeadBackend::libsodium)));
        BOOST_TEST((opened(key, context, container, size, AeadBackend::openssl) == plain));
        BOOST_TEST((opened(key, context, container, size, AeadBackend::libsodium) == plain));
    }
}

BOOST_AUTO_TEST_CASE(the_sizes_of_the_pieces_fed_in_do_not_matter) {
    const Bytes plain = patterned(three_chunks_and_some);
    const Bytes whole = sealed(plain);
    for (const std::size_t piece : {4'096U, 65'503U, 65'504U, 65'505U, 131'009U})
        BOOST_TEST((sealed(plain, AeadBackend::openssl, piece) == whole));
}

BOOST_AUTO_TEST_CASE(chunks_open_in_any_order) {
    const Bytes plain = patterned(three_chunks_and_some);
    const Bytes container = sealed(plain);
    const ObjectOpener opener(key, context, BytesView(container).first(object_head_bytes),
                              plain.size());
    BOOST_REQUIRE(opener.chunk_count() == 4U);
    for (const std::uint64_t i : {3U, 0U, 2U, 1U, 3U}) {
        const auto chunk =
            BytesView(container).subspan(opener.chunk_offset(i), opener.chunk_sealed_size(i));
        const Bytes part = opener.open_chunk(i, chunk);
        BOOST_TEST(std::equal(part.begin(), part.end(),
                              plain.begin() + static_cast<std::ptrdiff_t>(i * chunk_plain_bytes)));
    }
}

BOOST_AUTO_TEST_CASE(no_truncation_opens_whatever_size_its_record_claims) {
    const Bytes plain = patterned(three_chunks_and_some);
    const Bytes container = sealed(plain);
    // At every chunk border, beside it, within the head and within the last tag.
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{23}, std::size_t{55}, std::size_t{56}, std::size_t{72},
          56 + chunk_sealed_bytes - 1, 56 + chunk_sealed_bytes, 56 + chunk_sealed_bytes + 16,
          56 + 2 * chunk_sealed_bytes, 56 + 3 * chunk_sealed_bytes, container.size() - 16,
          container.size() - 1}) {
        const BytesView cut = BytesView(container).first(size);
        refused(cut, plain.size());
        for (const std::uint64_t claimed :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{65'503}, std::uint64_t{65'504},
              std::uint64_t{131'008}, std::uint64_t{196'512}, std::uint64_t{197'288}})
            refused(cut, claimed);
    }
}

BOOST_AUTO_TEST_CASE(an_extended_container_is_refused) {
    Bytes container = sealed(patterned(three_chunks_and_some));
    container.push_back(0);
    refused(container, three_chunks_and_some);
    refused(container, three_chunks_and_some + 1);
}

BOOST_AUTO_TEST_CASE(reordered_repeated_and_removed_chunks_are_refused) {
    const Bytes container = sealed(patterned(three_chunks_and_some));
    const auto chunk = [&](std::size_t i) {
        return copy(BytesView(container).subspan(
            object_head_bytes + i * chunk_sealed_bytes,
            i < 3 ? chunk_sealed_bytes
                  : container.size() - object_head_bytes - 3 * chunk_sealed_bytes));
    };
    const auto of = [&](std::initializer_list<std::size_t> order) {
        Bytes made(container.begin(), container.begin() + object_head_bytes);
        for (const std::size_t i : order) append(made, chunk(i));
        return made;
    };
    BOOST_TEST((of({0, 1, 2, 3}) == container));
    refused(of({1, 0, 2, 3}), three_chunks_and_some);
    refused(of({0, 1, 1, 3}), three_chunks_and_some);
    refused(of({0, 2, 3}), three_chunks_and_some - chunk_plain_bytes);
    refused(of({0, 1, 2}), 3 * chunk_plain_bytes);
    refused(of({3}), three_chunks_and_some - 3 * chunk_plain_bytes);
}

BOOST_AUTO_TEST_CASE(a_chunk_of_another_container_is_refused) {
    const Bytes plain = patterned(three_chunks_and_some);
    Bytes mixed = sealed(plain);
    ObjectSealer again(key, context);  // same key and context, another salt
    Bytes other;
    again.update(plain, other);
    again.finish(other);
    std::copy_n(other.begin() + object_head_bytes, chunk_sealed_bytes,
                mixed.begin() + object_head_bytes);
    refused(mixed, plain.size());
}

BOOST_AUTO_TEST_CASE(a_changed_bit_anywhere_is_refused) {
    const Bytes plain = patterned(chunk_plain_bytes + 100);
    const Bytes container = sealed(plain);
    std::set<std::size_t> places{container.size() - 1, container.size() - 16, container.size() - 17,
                                 object_head_bytes, object_head_bytes + chunk_sealed_bytes - 1};
    for (std::size_t i = 0; i < object_head_bytes; ++i) places.insert(i);  // salt and commitment
    for (const std::size_t place : places) {
        Bytes changed = container;
        changed[place] ^= 0x10U;
        refused(changed, plain.size());
    }
}

BOOST_AUTO_TEST_CASE(another_key_or_any_other_context_is_refused) {
    const Bytes container = sealed(patterned(10));
    const auto refused_in = [&](const ObjectKey& with, const ObjectContext& where) {
        BOOST_CHECK_EXCEPTION(opened(with, where, container, 10), Error, named("object.damaged"));
    };
    refused_in(ObjectKey::random(), context);
    ObjectContext other = context;
    other.vault = counting_id<VaultId>(0x11);
    refused_in(key, other);
    other = context;
    other.object = counting_id<ObjectId>(0x31);
    refused_in(key, other);
    other = context;
    other.version = 2;
    refused_in(key, other);
    other = context;
    other.media_class = "text";
    refused_in(key, other);
}

// An insider with two keys must not be able to file one ciphertext that opens to two documents.
BOOST_AUTO_TEST_CASE(a_second_keys_commitment_does_not_make_a_container_open_under_it) {
    const Bytes plain = patterned(10);
    Bytes container = sealed(plain);
    const auto second = ObjectKey::random();
    ObjectSealer sealer(second, context, counting(24, 0x80), AeadBackend::openssl);
    Bytes dress;
    sealer.finish(dress);
    std::copy_n(dress.begin() + 24, 32, container.begin() + 24);
    BOOST_CHECK_EXCEPTION(opened(second, context, container, 10), Error, named("object.damaged"));
    refused(container, 10);
}

BOOST_AUTO_TEST_CASE(chunks_are_sealed_and_opened_in_memory_that_is_there) {
    const Bytes plain = patterned(three_chunks_and_some);
    for (const AeadBackend backend : {AeadBackend::openssl, AeadBackend::libsodium}) {
        ObjectSealer sealer(key, context, counting(24, 0x80), backend);
        Bytes out(ObjectSealer::room_for(plain.size()) + ObjectSealer::room_for(0));
        std::size_t written = sealer.update_into(out, plain);
        BOOST_TEST(written <= ObjectSealer::room_for(plain.size()));
        written += sealer.finish_into(std::span(out).subspan(written));
        out.resize(written);
        BOOST_TEST(out == sealed(plain));

        const ObjectOpener opener(key, context, BytesView(out).first(object_head_bytes),
                                  plain.size(), backend);
        const auto place = std::span(out).subspan(opener.chunk_offset(1), chunk_sealed_bytes);
        const BytesView opened = opener.open_in_place(1, place);
        BOOST_TEST((opened.data() == place.data()));
        const BytesView wanted = BytesView(plain).subspan(chunk_plain_bytes, chunk_plain_bytes);
        BOOST_TEST(std::equal(opened.begin(), opened.end(), wanted.begin(), wanted.end()));
        // Opened, it is no sealed chunk any more; and of what does not open nothing is left.
        BOOST_CHECK_EXCEPTION(opener.open_in_place(1, place), Error, named("object.damaged"));
        BOOST_TEST(std::all_of(place.begin(), place.end(), [](auto byte) { return byte == 0; }));
    }
}

BOOST_AUTO_TEST_CASE(no_salt_comes_twice) {
    std::set<Bytes> salts;
    for (int i = 0; i < 2'000; ++i) {
        Bytes container;
        ObjectSealer(key, context).finish(container);
        salts.emplace(container.begin(), container.begin() + 24);
    }
    BOOST_TEST(salts.size() == 2'000U);
}

BOOST_AUTO_TEST_SUITE_END()
