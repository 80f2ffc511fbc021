// A code that passes keeps passing without omocodia, and a slip in it is seen as one.
#include "archive/records/tax_code.h"

#include "archive/base/bytes.h"
#include "archive/base/error.h"

using namespace custode;
using namespace custode::records;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string code = canonical_tax_code(text({data, size}));
    require(canonical_tax_code(code) == code, "the canonical form is a fixed point");
    (void)provisional_check_matches(code);
    if (examine_tax_code(code) != TaxCodeProblem::none) return 0;
    const std::string plain = without_omocodia(code);
    require(examine_tax_code(plain) == TaxCodeProblem::none, "without omocodia it is a code still");
    require(without_omocodia(plain) == plain, "there is nothing left to take away");
    std::string slipped = code;
    slipped[0] = slipped[0] == 'A' ? 'B' : 'A';
    require(differs_by_one_slip(code, slipped), "one character is one slip");
    return 0;
}
