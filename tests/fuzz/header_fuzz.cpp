// vault.toml before any key is known: one spelling or a refusal, and the MAC alone is left to
// judge.
#include "archive/crypto/header.h"

#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    static const SealingKey key = SealingKey::from(Bytes(32, 0x11));
    try {
        const auto read = crypto::detail::parse_header(input);
        const std::string written = crypto::detail::write_header(read.header, key);
        const std::size_t body = written.rfind("mac = ");
        require(input.size() == written.size() && input.substr(0, body) == written.substr(0, body),
                "a header has one spelling");
        crypto::detail::authenticate(crypto::detail::parse_header(written), key);
        require(!fuzz::accepted(ErrorCode::corrupt, [&] { authenticate(read, key); }) ||
                    written == input,
                "only the key's own MAC holds");
    } catch (const Error& error) {
        require(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported,
                "a header is damaged or of a newer format");
        require(error.name() == "header.damaged" || error.name() == "vault.newer_format",
                "and is refused by its name");
    }
    return 0;
}
