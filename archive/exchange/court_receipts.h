// archive/exchange/court_receipts.h
#pragma once

#include "archive/base/bytes.h"
#include "archive/proof/checkpoint.h"

#include <optional>
#include <string>

namespace custode::exchange {

/// What an original is, as the export or the bag has it, and what its receipt must then say.
struct ReceiptExpectation {
    Sha256Digest sha256;
    std::uint64_t bytes = 0;
    std::string_view checkpoint;            ///< The note that the export carries.
    std::optional<proof::VerifierKey> key;  ///< The key that the reader trusts or the export names.
};

/// Why this receipt does not prove that original under that checkpoint, or nothing when it does:
/// its proof must hold, its note be the export's own, and its statement name the impronta and the
/// length.  The sentence is English and holds no content.
std::optional<std::string> receipt_problem(std::string_view json,
                                           const ReceiptExpectation& expected);

}  // namespace custode::exchange
