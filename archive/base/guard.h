// archive/base/guard.h
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace custode {

/// What a promise rests on, one by one: the negative controls of tests/faults take one away and
/// demand that the harness which watches over it fails.  A harness that stays green without its
/// guard proves nothing.
///
/// The guards stand always in what is shipped: in a build without CUSTODE_CONTROLS (preset release)
/// stands() is a constant and the code behind a missing guard is not compiled.  In a test build the
/// environment names those to leave out: CUSTODE_WITHOUT=segment_sync,journal_first.
enum class Guard : std::size_t {
    segment_sync,       ///< fdatasync of a segment before a document is acknowledged.
    catalogue_sync,     ///< fdatasync of the catalogue's commit.
    commit_before_ack,  ///< Whoever waits for a task is answered after its commit.
    journal_first,      ///< A disclosure is durable before its first byte leaves.
    record_context,     ///< A record's table, key, type and epoch are bound into it.
    record_commitment,  ///< A record opens under one key only.
    object_context,     ///< A document's id, chunk number and length are bound into each chunk.
    object_commitment,  ///< A document opens under one key only.
    one_framing,        ///< A request with any Transfer-Encoding is refused.
    thread_shares,      ///< Who waits for a peer takes no thread from those who work.
    peer_deadlines,     ///< A peer is waited for only so long, in total.
    blind_names,        ///< A link is named under its dossier's key.
    clean_text,         ///< No text that somebody gives holds a control character.
    few_hashes,         ///< Only so many passwords are checked at once.
    small_pieces,       ///< A body is taken piece by piece, never whole.
    wipe_freed,         ///< Memory is wiped before it is given back.
    reserve,            ///< Uploads wait while there is still room for the journal.
    bus_guard,          ///< A catalogue that is cut short ends the process with its reason.
    page_check,         ///< The catalogue's pages are looked at before they are believed.
    fresh_nonce,        ///< Every record and container draws its nonce or salt anew.
    second_reading,     ///< Leaf, root and note are computed again before a checkpoint counts.
    published_place,    ///< The journal is held against the checkpoint that it published.
    second_person,      ///< Nobody approves what they proposed themselves.
};

inline constexpr std::array<std::string_view, 23> guard_names{
    "segment_sync",      "catalogue_sync",  "commit_before_ack", "journal_first", "record_context",
    "record_commitment", "object_context",  "object_commitment", "one_framing",   "thread_shares",
    "peer_deadlines",    "blind_names",     "clean_text",        "few_hashes",    "small_pieces",
    "wipe_freed",        "reserve",         "bus_guard",         "page_check",    "fresh_nonce",
    "second_reading",    "published_place", "second_person",
};

#ifdef CUSTODE_CONTROLS
/// Whether a guard stands.  Errors: none; an unknown name in CUSTODE_WITHOUT ends the process, so
/// that a control which removes nothing is noticed.  Threads: any.
bool stands(Guard guard) noexcept;
#else
constexpr bool stands(Guard) noexcept { return true; }
#endif

}  // namespace custode
