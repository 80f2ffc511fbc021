// A sealed record opens in its own context and in no other, and nothing that was not sealed opens.
#include "archive/crypto/record.h"

#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto;
using custode::fuzz::Input;

namespace {

const SealingKey& the_key() {
    static const SealingKey key = SealingKey::from(Bytes(32, 0x5a));
    return key;
}

/// A context whose every part the input chooses.
struct Chosen {
    Bytes table, key, key_id;
    RecordContext context;

    explicit Chosen(Input& input)
        : table(copy(input.piece())), key(copy(input.piece())), key_id(copy(input.piece())) {
        input.into(context.vault.bytes);
        context.type = input.byte();
        context.version = input.byte();
        context.epoch = input.byte();
        refer();
    }
    void refer() {
        context.table = text(table);
        context.key = key;
        context.key_id = key_id;
    }
    bool same_as(const Chosen& other) const {
        return table == other.table && key == other.key && key_id == other.key_id &&
               context.vault == other.context.vault && context.type == other.context.type &&
               context.version == other.context.version && context.epoch == other.context.epoch;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    std::array<std::uint8_t, 24> nonce{};
    input.into(nonce);
    const Chosen here(input);
    const Chosen there(input);
    const std::size_t place = input.word();
    const BytesView plaintext = input.rest();

    const Bytes sealed =
        crypto::detail::seal_record_with_nonce(the_key(), here.context, nonce, plaintext);
    require(sealed.size() == plaintext.size() + record_overhead_bytes, "the overhead is known");
    const auto opened = open_record(the_key(), here.context, sealed);
    require(opened && std::ranges::equal(*opened, plaintext), "what was sealed opens");
    require(open_record(the_key(), there.context, sealed).has_value() == here.same_as(there),
            "a record opens in its own context only");
    require(!open_record(the_key(), here.context, fuzz::turned(sealed, place)),
            "a turned bit is noticed");
    require(!open_record(the_key(), here.context, BytesView(sealed).first(place % sealed.size())),
            "a cut record is no record");
    require(!open_record(the_key(), here.context, {data, size}), "nobody guesses a record");
    return 0;
}
