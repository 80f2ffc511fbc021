// Values in headers and queries: one spelling each, or the refusal that the API names.
#include "daemon/request_values.h"

#include "archive/base/encoding.h"
#include "tests/fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::daemon;

namespace {

template <class Read>
bool reads(Read read) {
    return fuzz::accepted(ErrorCode::invalid_argument, read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    reads([&] {
        const std::string again = "sha-256=:" + to_base64(read_content_digest(input)) + ":";
        require(again == input, "a digest has one spelling");
    });
    reads([&] { require(write_cursor(read_cursor(input)) == input, "a cursor has one spelling"); });
    reads([&] { require(to_base64url(view(read_reason(input))) == input, "so has a reason"); });
    reads([&] {
        const std::size_t limit = read_limit(input);
        require(limit >= 1 && limit <= 200, "a page is bounded");
    });
    reads([&] { require(read_metadata(input).is_object(), "metadata are an object"); });
    // The same from within the base64url, where the fuzzer would never get by itself.
    const std::string inside = to_base64url({data, size});
    require(read_cursor(inside) == input, "what is written can be read");
    reads([&] {
        const auto metadata = read_metadata(inside);
        require(read_metadata(to_base64url(view(metadata.dump()))) == metadata,
                "metadata survive their own writing");
    });
    return 0;
}
