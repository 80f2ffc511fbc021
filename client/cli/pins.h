// client/cli/pins.h
#pragma once

#include "archive/proof/checkpoint.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::client {

/// The memory against which a server's history is held.
///
/// A vault put back to yesterday's copy, or one that shows two people two histories, convinces
/// anybody who remembers nothing.  So the last checkpoint of each log is kept under the log's
/// *verifier key*, never under an id that the server chooses (that let a server pick which memory
/// it is compared with: immudb, CVE-2022-39199), and the key of each server address is kept
/// beside it.
///
/// Errors   Problem key.changed, checkpoint.bad, history.shrunk, history.forked: exit 7, nothing
///          remembered.
/// Source   RFC 9162 §2.1.4; C2SP tlog-checkpoint.
class Pins {
public:
    static constexpr std::size_t bytes_max = 1024 * 1024;

    Pins() = default;
    static Pins parse(std::string_view json);  ///< @throws Problem(pins.damaged)
    std::string json() const;

    /// The key pinned for the server address, if it was ever met.
    std::optional<proof::VerifierKey> key_of(const std::string& server) const;
    /// The last checkpoint seen of that log.
    std::optional<proof::Checkpoint> last(const proof::VerifierKey& key) const;

    /// Refuses a server that shows another key than the pinned one.  The first key is taken when
    /// it is the `expected` one or nothing is expected; a new key replaces an old one only when
    /// the user named it (`expected`).
    void meet(const std::string& server, const proof::VerifierKey& shown,
              const std::optional<proof::VerifierKey>& expected);

    /// Takes a signed note that is no older than the pinned checkpoint and proven to continue it;
    /// without an offer only when nothing is pinned, or the very same checkpoint.
    void advance(const proof::VerifierKey& key, std::string_view note,
                 const std::vector<proof::Hash>& path);

private:
    std::map<std::string, std::string> servers_;  // address → verifier key text
    std::map<std::string, std::string> logs_;     // verifier key text → signed note
};

}  // namespace custode::client
