// Whatever number is found lies inside the text, after the one before, and its normal form reads
// back as itself.
#include "archive/records/proceeding_number.h"

#include "archive/base/bytes.h"
#include "archive/base/error.h"

using namespace custode;
using namespace custode::records;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr int this_year = 2026;
    const std::string_view input = text({data, size});
    std::size_t end = 0;
    for (const FoundNumber& found : find_all(input, this_year)) {
        require(found.offset >= end && found.size > 0, "numbers do not overlap");
        end = found.offset + found.size;
        require(end <= input.size(), "a number lies inside its text");
        require(parse_proceeding_number(found.number.normal(), this_year) == found.number,
                "a number survives its own writing");
    }
    (void)parse_bare_number(input, this_year);
    return 0;
}
