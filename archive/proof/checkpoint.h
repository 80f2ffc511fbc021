// archive/proof/checkpoint.h
#pragma once

#include "archive/proof/merkle.h"

#include <functional>
#include <optional>
#include <string>

namespace custode::proof {

/// What the vault signs about its journal, and what clients and witnesses keep of it: how many
/// events there were and the root over them.  Two signed checkpoints that no consistency proof
/// joins are evidence of a rewritten past that anybody can check.
///
/// Errors    Parsers answer nothing and never throw: notes come from outside.  A note is refused
///           when the writer here would not have produced it, extension lines and second
///           spellings of a number included; only signatures of unknown keys may stand beside ours.
/// Threads   Values; any.
/// Source    C2SP tlog-checkpoint v1 and signed-note v1 (Ed25519, type 0x01).

/// The journal's size and root under its origin, as C2SP tlog-checkpoint writes them.
struct Checkpoint {
    std::string origin;  ///< "custode.example/<vault id>": opaque, no name of a town
    std::uint64_t size = 0;
    Hash root;
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// A C2SP signed-note verifier key of type 0x01 (Ed25519): "name+hash8+base64(0x01 ‖ key)".
struct VerifierKey {
    std::string name;
    std::array<std::uint8_t, 32> key{};

    std::uint32_t id() const;  ///< First four bytes of SHA-256(name ‖ \n ‖ 0x01 ‖ key).
    std::string text() const;
    static std::optional<VerifierKey> parse(std::string_view text);
    friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

using Signer = std::function<std::array<std::uint8_t, 64>(BytesView)>;

/// The text that is signed: origin, size and root, a line each.
std::string checkpoint_body(const Checkpoint& checkpoint);

/// Writes the note: checkpoint body, empty line, one signature line.  The origin is the key's name.
std::string sign_checkpoint(const Checkpoint& checkpoint, const VerifierKey& key,
                            const Signer& signer);

/// The checkpoint, when the note is well formed and carries exactly one signature of `key`, which
/// is valid; unknown further signatures (witnesses) are skipped, as signed-note demands.  Notes
/// over 64 KiB, over 16 signatures, or with another origin than the key's name are refused.
std::optional<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);
/// Without checking signatures: only to show what a note claims.
std::optional<Checkpoint> parse_checkpoint_body(std::string_view note);

}  // namespace custode::proof
