#include "archive/records/look_alike.h"

#include "archive/base/error.h"

#include <unicode/uspoof.h>

#include <memory>

namespace custode::records {
namespace {

struct Close {
    void operator()(USpoofChecker* checker) const noexcept { uspoof_close(checker); }
};

}  // namespace

std::string look_of(std::string_view canonical_name) {
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<USpoofChecker, Close> checker(uspoof_open(&status));
    require(checker != nullptr && U_SUCCESS(status), "ICU has its table of confusables");
    // One character may look like up to eighteen; a name has 64, of four bytes each.
    std::string look(64 * 18 * 4, '\0');
    const std::int32_t length = uspoof_getSkeletonUTF8(
        checker.get(), 0, canonical_name.data(), static_cast<std::int32_t>(canonical_name.size()),
        look.data(), static_cast<std::int32_t>(look.size()), &status);
    require(U_SUCCESS(status), "a canonical name has a skeleton");
    look.resize(static_cast<std::size_t>(length));
    return look;
}

}  // namespace custode::records
