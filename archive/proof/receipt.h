// archive/proof/receipt.h
#pragma once

#include "archive/proof/checkpoint.h"

#include <optional>
#include <string>
#include <vector>

namespace custode::proof {

inline constexpr std::size_t receipt_bytes_max = 256 * 1024;
inline constexpr std::size_t receipt_path_max = 64;  ///< No tree of 64-bit indices is higher.

/// The fixed 160 bytes of one journal entry, all digests, so that it tells nothing and stays
/// verifiable after the keys of what it covers are destroyed.  Also the entry of the tlog-tiles
/// entry bundles.
struct LeafEntry {
    static constexpr std::size_t bytes_count = 160;

    Hash header;     ///< SHA-256 of the sealed header
    Hash payload;    ///< of the sealed payload
    Hash envelope;   ///< of the key envelope
    Hash statement;  ///< SHA-256(salt32 ‖ canonical statement), or zeroes
    Hash content;    ///< of a filing's stored ciphertext, or zeroes

    std::array<std::uint8_t, bytes_count> bytes() const;
    static std::optional<LeafEntry> parse(BytesView bytes160);
    Hash leaf() const { return leaf_hash(bytes()); }
    friend bool operator==(const LeafEntry&, const LeafEntry&) = default;
};

/// What a client keeps after a filing; checks with SHA-256 and Ed25519 alone.
///
/// As JSON (keys sorted, no white space, UTF-8), one object:
///   {"checkpoint":"<signed note>","index":N,"key":"<verifier key>",
///    "leaf":{"content":hex,"envelope":hex,"header":hex,"payload":hex},
///    "proof":[hex…],"salt":hex,"statement":"<canonical statement, itself JSON text>","version":1}
/// The statement of a filing:
///   {"bytes":N,"document":uuid,"impronta":hex,"time":rfc3339,"what":"document.filed"}.
///
/// A receipt crosses years and hands: it comes back as a file that anybody may have written.
///
/// Errors    parse() answers nothing, check() a reason; neither throws.  json() requires a
///           statement and a checkpoint in UTF-8.
/// Threads   Values; any.
struct Receipt {
    std::string statement;
    std::array<std::uint8_t, 32> salt{};
    LeafEntry leaf;  ///< leaf.statement is recomputed from salt and statement when read
    std::uint64_t index = 0;
    std::vector<Hash> path;
    std::string checkpoint;
    VerifierKey key;

    std::string json() const;
    /// Nothing when not exactly of the form that json() writes (white space between tokens apart).
    static std::optional<Receipt> parse(std::string_view json);
    friend bool operator==(const Receipt&, const Receipt&) = default;
};

Hash statement_hash(BytesView salt32, std::string_view statement);

/// Why a receipt does not hold, or nothing when it does.  `pinned`: the key the reader trusts; the
/// receipt's own key is only compared with it, and used alone when there is none.
std::optional<std::string> check(const Receipt& receipt, const std::optional<VerifierKey>& pinned);

}  // namespace custode::proof
