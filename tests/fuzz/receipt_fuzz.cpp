// Whatever the receipt parser accepts, the writer writes again in its canonical form, and checking
// it only ever answers.
#include "archive/proof/receipt.h"

#include "archive/base/error.h"

using namespace custode;
using namespace custode::proof;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text({data, size});
    const auto receipt = Receipt::parse(input);
    if (!receipt) return 0;
    const std::string json = receipt->json();
    require(json.size() <= input.size(), "only white space may be left out");
    require(Receipt::parse(json) == receipt, "a receipt survives its own writing");
    const auto alone = check(*receipt, std::nullopt);
    const auto pinned = check(*receipt, receipt->key);
    require(alone == pinned, "pinning the receipt's own key changes nothing");
    return 0;
}
