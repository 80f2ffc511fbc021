#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/crypto/object.h"
#include "archive/crypto/record.h"
#include "tests/faults/tamper/verbs.h"

namespace custode::tamper {
namespace {

Bytes hex_of(const Json& json, const char* name) {
    return from_hex(json.at(name).get<std::string>()).value();
}

template <class Id>
Id id_of(const Json& json, const char* name) {
    return id_from<Id>(hex_of(json, name)).value();
}

std::optional<Bytes> open_as_record(const Json& asked) {
    const std::string table = asked.at("table").get<std::string>();
    const Bytes row = hex_of(asked, "row");
    const Bytes key_id = hex_of(asked, "key_id");
    crypto::RecordContext context;
    context.vault = id_of<VaultId>(asked, "vault");
    context.table = table;
    context.key = row;
    context.type = asked.at("type").get<std::uint32_t>();
    context.key_id = key_id;
    return crypto::open_record(crypto::SealingKey::from(hex_of(asked, "key")), context,
                               hex_of(asked, "sealed"));
}

std::optional<Bytes> open_as_object(const Json& asked) try {
    const Bytes sealed = hex_of(asked, "sealed");
    const auto backend = asked.at("backend") == "openssl" ? crypto::AeadBackend::openssl
                                                          : crypto::AeadBackend::libsodium;
    const std::size_t plain = sealed.size() - crypto::object_head_bytes - 16;
    const crypto::ObjectOpener opener(
        crypto::ObjectKey::from(hex_of(asked, "key")),
        {id_of<VaultId>(asked, "vault"), id_of<ObjectId>(asked, "object"), 1, "original"},
        BytesView(sealed).first(crypto::object_head_bytes), plain, backend);
    return opener.open_chunk(0, BytesView(sealed).subspan(crypto::object_head_bytes));
} catch (const Error& error) {
    if (error.name() != "object.damaged") throw;
    return std::nullopt;
}

}  // namespace

void open_sealed(const Arguments&) {
    each_line([](const Json& asked) {
        const auto plain = asked.contains("object") ? open_as_object(asked) : open_as_record(asked);
        return plain ? Json{{"plain", to_hex(*plain)}} : Json{{"refused", true}};
    });
}

}  // namespace custode::tamper
