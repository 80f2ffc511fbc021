#include "archive/journal/journal.h"

#include "archive/base/codec.h"
#include "archive/base/guard.h"
#include "archive/base/mutex.h"
#include "archive/crypto/digest.h"
#include "archive/proof/tiles.h"

#include <atomic>
#include <fstream>
#include <map>

namespace custode::journal {

Bytes sealed_head(const Head& head, const crypto::KeyService& keys, const EntryId& id,
                  const crypto::SealingKey& key);  // head.cpp

namespace {

/// A wall clock may step back a little when it is disciplined; more than this is remarked.
constexpr std::int64_t clock_slack_millis = 2'000;

constexpr std::size_t note_bytes_max = std::size_t{64} << 10U;  ///< As notes are read.

std::uint16_t year_of(Millis time) { return static_cast<std::uint16_t>(roman_day(time).year); }

std::array<std::uint8_t, 16> this_boot() {
    const auto id = parse_id<Id<struct BootTag>>(boot_id());
    return id ? id->bytes : std::array<std::uint8_t, 16>{};
}

[[noreturn]] void damaged(std::uint64_t index) {
    throw Error(ErrorCode::corrupt, "journal.event_damaged",
                "could not read journal event " + std::to_string(index));
}

EntryId needed(const crypto::KeyService& keys, crypto::EntryKind kind) {
    const auto id = keys.find(kind);
    if (!id) throw Error(ErrorCode::corrupt, "keyring.damaged", "could not find a special key");
    return *id;
}

crypto::SealingKey needed_key(const crypto::KeyService& keys, const EntryId& id) {
    auto key = keys.key(id);
    if (!key) throw Error(ErrorCode::corrupt, "keyring.damaged", "could not open a special key");
    return std::move(*key);
}

}  // namespace

struct Journal::State {
    struct YearKey {
        EntryId id;
        crypto::SealingKey key;
    };
    struct Staged {
        Bytes key;  ///< big-endian sequence
        proof::LeafEntry leaf;
        OpenedEvent opened;
    };

    State(store::Environment& environment_in, crypto::KeyService& keys_in, const Clock& clock_in,
          const Head& head, Options options_in)
        : environment(environment_in),
          keys(keys_in),
          clock(clock_in),
          options(std::move(options_in)),
          boot(this_boot()),
          head_id(needed(keys, crypto::EntryKind::head)),
          head_key(needed_key(keys, head_id)),
          verifier{"custode/" + to_text(keys.vault()), keys.verifying_key()},
          tiles(options.tiles, head.size, head.root,
                [this](std::uint64_t index) { return stored_leaf(index); }) {
        frontier = tiles.frontier();
        compare_with_published();
        if (head.size > 0) last_time = stored_time(head.size - 1);
        sign(head.root);
    }

    /// A checkpoint is published after its events are durable.  One that knows more than the
    /// catalogue, or another past, says that the catalogue was put back without it.
    void compare_with_published() const {
        std::ifstream file(options.tiles / "checkpoint", std::ios::binary);
        std::string note(note_bytes_max, '\0');
        file.read(note.data(), static_cast<std::streamsize>(note.size()));
        note.resize(static_cast<std::size_t>(file.gcount()));
        const auto published = proof::open_checkpoint(note, verifier);
        // None yet, or damaged: the next publishing writes it anew.
        if (!published || !stands(Guard::published_place)) return;
        if (published->size > tiles.size())
            throw Error(ErrorCode::corrupt, "journal.rolled_back",
                        "could not open the journal: it has " + std::to_string(tiles.size()) +
                            " events, and " + std::to_string(published->size) + " were published");
        if (proof::root_of(tiles, published->size) != published->root)
            throw Error(ErrorCode::corrupt, "journal.forked",
                        "could not open the journal: its first " + std::to_string(published->size) +
                            " events are not those that were published");
    }

    /// When the last event happened: a clock set back while nobody looked is remarked too.
    Millis stored_time(std::uint64_t index) const {
        const store::ReadTransaction read(environment);
        const auto bytes = read.find(options.tables.journal, big_endian(index));
        const auto event = bytes ? StoredEvent::decode(*bytes) : std::nullopt;
        const auto header = event ? open_header(keys, index, *event) : std::nullopt;
        if (!header) damaged(index);
        return header->time;
    }

    proof::LeafEntry stored_leaf(std::uint64_t index) const {
        return stored_leaf(store::ReadTransaction(environment), index);
    }

    proof::LeafEntry stored_leaf(const store::ReadTransaction& read, std::uint64_t index) const {
        const auto bytes = read.find(options.tables.journal, big_endian(index));
        const auto event = bytes ? StoredEvent::decode(*bytes) : std::nullopt;
        if (!event) damaged(index);
        return event->leaf_entry();
    }

    /// The key of a year, made on the year's first use.
    const YearKey& year_key(crypto::EntryKind kind, std::uint16_t year) {
        const Lock lock(years_mutex);
        auto& slot = years[{kind, year}];
        if (!slot) {
            auto id = keys.find(kind, year);
            if (!id) id = keys.add(kind, year);
            slot = std::make_unique<YearKey>(YearKey{*id, needed_key(keys, *id)});
        }
        return *slot;
    }

    std::array<std::uint8_t, 16> pseudonym(const AccountId& account, std::uint16_t year) {
        return crypto::keyed_name(year_key(crypto::EntryKind::actor_year, year).key, {account});
    }

    /// Signs the place of the frontier, which must be the `expected` one, and reads the note as its
    /// receiver will before anybody sees it: nothing that flips on the way is signed for ever.
    void sign(const proof::Hash& expected) {
        const proof::Checkpoint checkpoint{verifier.name, frontier.size(), frontier.root()};
        std::string note = proof::sign_checkpoint(
            checkpoint, verifier, [this](BytesView message) { return keys.sign(message); });
        const auto signed_place = proof::open_checkpoint(note, verifier);
        if (stands(Guard::second_reading) && (!signed_place || signed_place->size != tiles.size() ||
                                              signed_place->root != expected)) {
            poisoned = true;
            throw Error(ErrorCode::corrupt, "journal.leaf_changed",
                        "could not sign: the note is not over what was computed first");
        }
        const Lock lock(mutex);
        newest = std::move(note);
        durable_size = frontier.size();
    }

    Header header_of(const Draft& draft) {
        Header header;
        header.sequence = frontier.size() + staged.size();
        header.time = clock.now();
        header.boot = boot;
        header.boot_millis = clock.boot_millis();
        if (header.time.value + clock_slack_millis < last_time.value) clock_set_back = true;
        last_time = std::max(last_time, header.time);
        const std::uint16_t year = year_of(header.time);
        header.action = draft.action;
        if (draft.actor) header.actor = pseudonym(*draft.actor, year);
        if (draft.acting_for) header.acting_for = pseudonym(*draft.acting_for, year);
        header.outcome = draft.outcome;
        header.purpose = draft.purpose;
        header.subject_kind = draft.subject_kind;
        header.subject = draft.subject;
        header.payload_key = draft.payload_key;
        header.counters = draft.counters;
        return header;
    }

    StoredEvent seal(const Header& header, const Draft& draft) {
        const YearKey& year = year_key(crypto::EntryKind::system_year, year_of(header.time));
        const Bytes sequence = big_endian(header.sequence);
        StoredEvent event;
        event.year = year_of(header.time);
        event.header = crypto::seal_record(
            year.key, header_context(keys.vault(), sequence, year.id), encode_header(header));
        const bool own_key = draft.payload_key != PayloadKey::system;
        require(own_key == (draft.key != nullptr), "a payload names its key");
        const BytesView key_id = own_key ? BytesView(draft.subject) : BytesView(year.id.bytes);
        event.payload =
            crypto::seal_record(own_key ? *draft.key : year.key,
                                payload_context(keys.vault(), sequence, draft.action, key_id),
                                pad_payload(draft.payload));
        for (const Bytes& wrap : draft.wraps) custode::append(event.envelope, wrap);
        if (draft.statement)
            event.statement = proof::statement_hash(draft.statement->salt, draft.statement->text);
        event.content = draft.content;
        return event;
    }

    store::Environment& environment;
    crypto::KeyService& keys;
    const Clock& clock;
    Options options;
    std::array<std::uint8_t, 16> boot;
    EntryId head_id;
    crypto::SealingKey head_key;
    proof::VerifierKey verifier;
    proof::TileStore tiles;
    proof::Frontier frontier;      // writer's thread
    std::vector<Staged> staged;    // writer's thread
    std::size_t task_start = 0;    // writer's thread: how much was staged before the present task
    std::vector<Staged> doubtful;  // writer's thread: of a commit that may be on disk after all
    proof::Hash staged_root;       // writer's thread
    Millis last_time;              // writer's thread
    std::atomic<bool> clock_set_back = false;
    std::atomic<bool> poisoned = false;
    Mutex years_mutex;
    std::map<std::pair<crypto::EntryKind, std::uint16_t>, std::unique_ptr<YearKey>> years
        CUSTODE_GUARDED_BY(years_mutex);
    mutable Mutex mutex;
    std::string newest CUSTODE_GUARDED_BY(mutex);
    std::uint64_t durable_size CUSTODE_GUARDED_BY(mutex) = 0;
};

Journal::Journal(store::Environment& environment, crypto::KeyService& keys, const Clock& clock,
                 const Head& head, Options options)
    : state_(std::make_unique<State>(environment, keys, clock, head, std::move(options))) {}

Journal::~Journal() = default;

std::future<void> Journal::submit(store::Writer& writer, std::function<void(store::Changes&)> task,
                                  store::Writer::Urgency urgency) {
    return writer.submit(
        [this, task = std::move(task)](store::Changes& changes) {
            state_->task_start = state_->staged.size();
            task(changes);
        },
        urgency);
}

/// The task threw, or the store found it too large once it was done: either way nothing of it will
/// be on disk.
void Journal::task_failed() { state_->staged.resize(state_->task_start); }

OpenedEvent Journal::append(store::Changes& changes, const Draft& draft) {
    if (state_->poisoned)
        throw Error(ErrorCode::corrupt, "journal.poisoned",
                    "could not append: a leaf read back differed from the one written");
    if (draft.payload.size() > payload_bytes_max)
        throw Error(ErrorCode::invalid_argument, "journal.payload_too_large",
                    "could not append: the event says too much");
    const Header header = state_->header_of(draft);
    const StoredEvent event = state_->seal(header, draft);
    State::Staged staged{
        big_endian(header.sequence),
        event.leaf_entry(),
        {header, draft.payload, false, draft.wraps, event.statement, draft.content}};
    changes.insert(state_->options.tables.journal, staged.key, event.encode());
    state_->staged.push_back(std::move(staged));
    return state_->staged.back().opened;
}

Blake2Digest Journal::row_digest(store::Table table, BytesView key, BytesView value) {
    const std::uint8_t index[] = {static_cast<std::uint8_t>(table.index)};
    return crypto::keyed_digest(state_->head_key, {index, key, value});
}

void Journal::before_commit(store::Changes& changes, const std::vector<store::TableSum>& sums) {
    proof::Frontier frontier = state_->frontier;
    for (const State::Staged& staged : state_->staged) frontier.append(staged.leaf.leaf());
    state_->staged_root = frontier.root();
    const Head head{frontier.size(), state_->staged_root, sums};
    changes.put(state_->options.tables.head, view("head"),
                sealed_head(head, state_->keys, state_->head_id, state_->head_key));
}

void Journal::after_commit() {
    // The second computation, from bytes read back: a flipped bit must not be signed for ever.
    proof::Frontier frontier = state_->frontier;
    std::optional<store::ReadTransaction> read(state_->environment);
    for (const State::Staged& staged : state_->staged) {
        const std::uint64_t index = frontier.size();
        const proof::LeafEntry leaf = state_->stored_leaf(*read, index);
        if (stands(Guard::second_reading) && leaf != staged.leaf) state_->poisoned = true;
        frontier.append(leaf.leaf());
    }
    read.reset();
    if (state_->poisoned ||
        (stands(Guard::second_reading) && frontier.root() != state_->staged_root)) {
        state_->poisoned = true;
        state_->staged.clear();
        throw Error(ErrorCode::corrupt, "journal.leaf_changed",
                    "could not sign: a leaf read back differs from the one written");
    }
    state_->frontier = std::move(frontier);
    std::vector<State::Staged> staged = std::exchange(state_->staged, {});
    for (const State::Staged& one : staged) state_->tiles.append(one.leaf);
    if (!staged.empty()) state_->sign(state_->staged_root);
    // One that fails must not keep the others from what they have to tell.
    std::exception_ptr failure;
    for (const State::Staged& one : staged) try {
            if (state_->options.on_durable)
                state_->options.on_durable(one.opened.header.sequence, one.opened);
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
    if (failure) std::rethrow_exception(failure);
}

void Journal::rolled_back() { state_->doubtful = std::exchange(state_->staged, {}); }

void Journal::verify_after_failure() {
    const store::ReadTransaction read(state_->environment);
    const Head head = read_head(read, state_->options.tables, state_->keys);
    const auto& doubtful = state_->doubtful;
    if (head.size != state_->frontier.size() || head.root != state_->frontier.root()) {
        // The commit that was reported as failed is on disk.  Nobody was told so, but it happened:
        // the journal takes it in rather than disagree with the catalogue.
        if (head.size != state_->frontier.size() + doubtful.size() ||
            head.root != state_->staged_root)
            throw Error(ErrorCode::corrupt, "journal.place_changed",
                        "could not go on: the catalogue is not where the journal left it");
        state_->staged = doubtful;  // kept until it is taken in: the next attempt may need it
        after_commit();
    }
    state_->doubtful.clear();
    state_->staged.clear();  // of an attempt that failed half way
}

std::uint64_t Journal::size() const {
    const Lock lock(state_->mutex);
    return state_->durable_size;
}

std::string Journal::checkpoint() const {
    const Lock lock(state_->mutex);
    return state_->newest;
}

proof::VerifierKey Journal::verifier_key() const { return state_->verifier; }

std::vector<proof::Hash> Journal::inclusion(std::uint64_t index, std::uint64_t size) const {
    return state_->tiles.inclusion(index, size);
}

std::vector<proof::Hash> Journal::consistency(std::uint64_t from, std::uint64_t to) const {
    return state_->tiles.consistency(from, to);
}

proof::Receipt Journal::receipt(std::uint64_t index, const Draft::Statement& statement) const {
    return receipt(index, statement, checkpoint());
}

proof::Receipt Journal::receipt(std::uint64_t index, const Draft::Statement& statement,
                                const std::string& note) const {
    proof::Receipt receipt;
    receipt.statement = statement.text;
    receipt.salt = statement.salt;
    receipt.leaf = state_->stored_leaf(index);
    receipt.index = index;
    receipt.checkpoint = note;
    receipt.key = state_->verifier;
    const auto body = proof::parse_checkpoint_body(receipt.checkpoint);
    require(body.has_value(), "our own checkpoint parses");
    receipt.path = inclusion(index, body->size);
    // The path was proven for the leaf that the tree holds; this one was read from its row.
    if (!proof::verify_inclusion(index, body->size, receipt.leaf.leaf(), receipt.path, body->root))
        damaged(index);
    return receipt;
}

void Journal::publish() { state_->tiles.publish(checkpoint()); }

Bytes Journal::seal_head(const Head& head) const {
    return sealed_head(head, state_->keys, state_->head_id, state_->head_key);
}

bool Journal::clock_was_set_back() const { return state_->clock_set_back; }

std::array<std::uint8_t, 16> Journal::pseudonym(const AccountId& account,
                                                std::uint16_t year) const {
    return state_->pseudonym(account, year);
}

std::optional<Header> open_header(const crypto::KeyService& keys, std::uint64_t sequence,
                                  const StoredEvent& event) {
    const auto id = keys.find(crypto::EntryKind::system_year, event.year);
    const auto key = id ? keys.key(*id) : std::nullopt;
    if (!key) return std::nullopt;
    const auto plain = crypto::open_record(
        *key, header_context(keys.vault(), big_endian(sequence), *id), event.header);
    auto header = plain ? decode_header(*plain) : std::nullopt;
    if (!header || header->sequence != sequence) return std::nullopt;
    return header;
}

}  // namespace custode::journal
