// archive/exchange/court_receipts.cpp
#include "archive/exchange/court_receipts.h"

#include "archive/base/encoding.h"
#include "archive/proof/receipt.h"

#include <nlohmann/json.hpp>

namespace custode::exchange {
namespace {

/// The statement is JSON text inside the receipt; its bytes are bound by the salted hash, so a
/// lenient parse of it can be fooled only by who signed it.
bool states(const std::string& statement, const ReceiptExpectation& expected) {
    const auto json = nlohmann::json::parse(statement, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return false;
    const auto impronta = json.find("impronta");
    const auto bytes = json.find("bytes");
    return impronta != json.end() && impronta->is_string() && bytes != json.end() &&
           bytes->is_number_unsigned() &&
           impronta->get_ref<const std::string&>() == to_hex(expected.sha256) &&
           bytes->get<std::uint64_t>() == expected.bytes;
}

}  // namespace

std::optional<std::string> receipt_problem(std::string_view json,
                                           const ReceiptExpectation& expected) {
    constexpr std::size_t receipt_bytes_max = 256 * 1024;
    if (json.size() > receipt_bytes_max) return "the receipt is too long";
    const std::optional<proof::Receipt> receipt = proof::Receipt::parse(json);
    if (!receipt) return "it is not a receipt";
    if (const auto problem = proof::check(*receipt, expected.key)) return problem;
    if (receipt->checkpoint != expected.checkpoint) return "it is under another checkpoint";
    if (!states(receipt->statement, expected)) return "it is the receipt of other bytes";
    return std::nullopt;
}

}  // namespace custode::exchange
