// archive/journal/journal.h
#pragma once

#include "archive/journal/event.h"
#include "archive/store/writer.h"

#include <functional>
#include <memory>

namespace custode::journal {

/// An event as an act drafts it; the journal adds sequence, time, boot, pseudonyms, and seals it.
struct Draft {
    Action action{};
    std::optional<AccountId> actor;
    std::optional<AccountId> acting_for;
    Outcome outcome = Outcome::permitted;
    std::string purpose;
    SubjectKind subject_kind = SubjectKind::none;
    std::array<std::uint8_t, 16> subject{};
    PayloadKey payload_key = PayloadKey::system;
    std::shared_ptr<const crypto::SealingKey> key;  ///< Of payloads not under the system key.
    std::string payload;                            ///< JSON text.
    std::vector<Bytes> wraps;
    struct Statement {
        std::array<std::uint8_t, 32> salt{};
        std::string text;
    };
    std::optional<Statement> statement;
    proof::Hash content;
    std::vector<CounterStep> counters;
};

/// An event with its parts open, as the projection reads it: live and on rebuild the same.
struct OpenedEvent {
    Header header;
    std::string payload;  ///< Empty when the key is destroyed.
    bool payload_destroyed = false;
    std::vector<Bytes> wraps;
    proof::Hash statement;
    proof::Hash content;
};

/// Where the catalogue's fixed tables stand in the list that opens the environment.
struct Tables {
    store::Table journal;
    store::Table head;
};

/// The sealed head row, changed in every transaction: the journal's size and root, and per table
/// its count and sum.
struct Head {
    std::uint64_t size = 0;
    proof::Hash root;
    std::vector<store::TableSum> sums;

    Bytes encode() const;
    static std::optional<Head> decode(BytesView bytes);
};

/// Reads and checks the head row.
/// @throws Error(corrupt, "vault.head_damaged" | "vault.head_missing")
Head read_head(const store::ReadTransaction& read, const Tables& tables,
               const crypto::KeyService& keys);

/// The append-only Merkle log of everything that happens.
///
/// An event is part of the journal when the future of the task that appended it resolves: it is
/// then fdatasynced, its leaf and the root were computed a second time from bytes read back, and
/// a checkpoint over it is signed.  Nothing is signed otherwise: a checkpoint ahead of the disk
/// would make an honest crash look like a rollback, and a log died of one bit flipped before
/// signing.
///
/// Threads   append() on the writer's thread only, inside a task; everything else from any.
/// Errors    append() throws Error(corrupt, "journal.*") after a mismatch, for ever, and
///           Error(invalid_argument, "journal.payload_too_large").
/// Source    design §5; threats.md §2.9.
class Journal final : public store::GroupHooks {
public:
    struct Options {
        Tables tables;
        std::filesystem::path tiles;
        std::function<void(std::uint64_t sequence, const OpenedEvent&)> on_durable;
    };

    /// Opens at the place that the head row states; re-reads and checks the tail.
    Journal(store::Environment& environment, crypto::KeyService& keys, const Clock& clock,
            const Head& head, Options options);
    ~Journal() override;

    /// Runs `task` on the writer as one unit: its changes and its events stand or fall together.
    /// Every task of that writer goes this way, also one that appends nothing.
    std::future<void> submit(store::Writer& writer, std::function<void(store::Changes&)> task,
                             store::Writer::Urgency urgency = store::Writer::Urgency::now);

    /// Seals and stages the event; gives it back open, with its sequence number in the header.
    OpenedEvent append(store::Changes& changes, const Draft& draft);

    std::uint64_t size() const;      ///< Durable events.
    std::string checkpoint() const;  ///< The newest signed note.
    proof::VerifierKey verifier_key() const;
    std::vector<proof::Hash> inclusion(std::uint64_t index, std::uint64_t size) const;
    std::vector<proof::Hash> consistency(std::uint64_t from, std::uint64_t to) const;
    /// A receipt over the newest checkpoint, or over an earlier one of ours.
    proof::Receipt receipt(std::uint64_t index, const Draft::Statement& statement) const;
    proof::Receipt receipt(std::uint64_t index, const Draft::Statement& statement,
                           const std::string& note) const;
    /// Writes partial tiles and the checkpoint for outside readers; a cache, not a promise.
    void publish();
    bool clock_was_set_back() const;
    Bytes seal_head(const Head& head) const;  ///< For a catalogue that is rebuilt.
    std::array<std::uint8_t, 16> pseudonym(const AccountId& account, std::uint16_t year) const;

    Blake2Digest row_digest(store::Table table, BytesView key, BytesView value) override;
    void task_failed() override;
    void before_commit(store::Changes& changes, const std::vector<store::TableSum>& sums) override;
    void after_commit() override;
    void rolled_back() override;
    void verify_after_failure() override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Opens the header of a stored event; nothing when it does not authenticate.
std::optional<Header> open_header(const crypto::KeyService& keys, std::uint64_t sequence,
                                  const StoredEvent& event);

}  // namespace custode::journal
