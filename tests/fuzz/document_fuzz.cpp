// Whatever metadata is accepted is written in a form that is accepted again and is the same.
#include "archive/records/document.h"

#include "archive/base/bytes.h"
#include "archive/base/error.h"
#include "archive/records/json.h"

#include <nlohmann/json.hpp>

using namespace custode;
using namespace custode::records;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Day today{2026, 11, 23};
    try {
        const DocumentMetadata metadata = document_from_json(parse_json(text({data, size})), today);
        const std::string written = write_json(to_json(metadata));
        const DocumentMetadata again = document_from_json(parse_json(written), today);
        require(write_json(to_json(again)) == written, "metadata survive their own writing");
        (void)missing(metadata);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::invalid_argument, "hostile input is the caller's fault");
    }
    return 0;
}
