// client/cli/trust.h
#pragma once

#include "archive/proof/receipt.h"
#include "client/cli/api.h"
#include "client/cli/pins.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace custode::client {

/// What happened to the memory of a log.
struct TrustOutcome {
    bool is_first_meeting = false;  ///< Nothing was known: the key is now pinned.
    std::optional<std::uint64_t> from;
    std::uint64_t to = 0;
};

/// Holds the server's history against the pins in `pins_path` and moves the pin forward: the key
/// is the pinned one, its newest checkpoint is signed by it and proven to continue the pinned one.
///
/// Errors   As Pins; history.unproven when the server gives no proof.
TrustOutcome demand_consistency(Api& api, const std::string& pins_path,
                                const proof::VerifierKey& shown, const std::string& note,
                                const std::optional<proof::VerifierKey>& expected);

/// The receipt inside an answer, checked at once: it holds under `key`, and it is about the
/// document, the bytes and the SHA-256 that we sent.
/// @throws Problem(receipt.malformed | receipt.wrong)
void check_filing_receipt(const Json& answer, const std::string& sha256, std::uint64_t bytes,
                          const proof::VerifierKey& key);

/// The receipt that a JSON value carries.  @throws Problem(receipt.malformed)
proof::Receipt receipt_of(const Json& value);

/// A verifier key that somebody typed or a server sent.  @throws Problem(key.malformed)
proof::VerifierKey parse_key(const std::string& text);

}  // namespace custode::client
