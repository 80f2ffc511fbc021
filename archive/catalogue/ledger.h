// archive/catalogue/ledger.h
#pragma once

#include "archive/catalogue/memory.h"
#include "archive/catalogue/projection.h"
#include "archive/journal/journal.h"
#include "archive/store/reserve.h"
#include "archive/store/segments.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

namespace custode::catalogue {

/// Inside one task on the writer: reads what is, appends events, and the rows follow.
class Batch {
public:
    Batch(store::Changes& changes, journal::Journal& journal, const Rows& rows,
          const Projection& projection, const Clock& clock);

    const Lookup& lookup() const { return lookup_; }
    Millis now() const { return now_; }  ///< The same throughout the task.
    /// Appends the event and projects it; gives its sequence.
    std::uint64_t append(const journal::Draft& draft,
                         const std::vector<store::Extent>* extents = nullptr);

private:
    store::Changes& changes_;
    journal::Journal& journal_;
    const Projection& projection_;
    Lookup lookup_;
    Millis now_;
};

/// An open catalogue with its journal, segments and memory: what the acts work on.
///
/// Errors   Opening throws Error(corrupt, …) naming what does not fit; commit() passes on whatever
///          the task threw, or (full | storage | busy | corrupt) of the write.
/// Threads  Any.  Owns the writer's thread and one that loads the impronte in the background.
/// Source   design §3, §5, §6.
class Ledger {
public:
    struct Options {
        std::filesystem::path vault;
        bool create = false;
        bool allow_any_file_system = false;
        std::size_t map_bytes = 0;  ///< 0: the store's own default.
        std::uint64_t segment_bytes_max = std::uint64_t{4} << 30U;
        std::uint64_t reserve_bytes = std::uint64_t{256} << 20U;  ///< 0: left as it is.
    };

    Ledger(crypto::KeyService& keys, const Clock& clock, const Options& options);
    ~Ledger();

    const Rows& rows() const { return rows_; }
    Memory& memory() { return memory_; }
    journal::Journal& journal() { return *journal_; }
    const journal::Journal& journal_view() const { return *journal_; }
    store::SegmentStore& segments() { return *segments_; }
    store::Environment& environment() { return *environment_; }
    crypto::KeyService& keys() { return keys_; }
    const Clock& clock() const { return clock_; }
    /// Not there when Options::reserve_bytes was 0: only who serves has use for it.
    store::Reserve& reserve();
    /// Whether uploads may go on.  When not, what is left is the journal's: disclosures go on.
    bool has_room();
    bool had_room() const;  ///< The same, as the last look at the disk found it.
    bool read_only() const;

    /// Runs the task as one unit and waits until it is durable.
    void commit(const std::function<void(Batch&)>& task);
    /// The same without waiting, together with what is written next, or soon by itself; what goes
    /// wrong is logged by whoever looks at the future.
    std::future<void> post(std::function<void(Batch&)> task);

    /// Appends the last event; whatever comes to the writer after it is refused with
    /// Error(sealed, "vault.sealed"): a request that outlived the sealing neither changes nor, as
    /// it has to journal first, discloses anything.
    void close(const journal::Draft& last);

    /// Writes tiles and checkpoint for outside readers, on the writer's thread.
    void publish();

    /// Opens rows of a consistent view while `with` runs; nothing borrowed may outlive it.
    template <class With>
    auto read(With with) {
        const store::ReadTransaction transaction(*environment_);
        return with(lookup(transaction));
    }

    /// Visits the headers of events [from, to) in order; `open` opens the one at hand in full.
    /// One read transaction: keep the range to a thousand or so.
    void visit_events(
        std::uint64_t from, std::uint64_t to,
        const std::function<void(const journal::Header&,
                                 const std::function<journal::OpenedEvent()>& open)>& visit);

    Lookup lookup_in(const store::ReadTransaction& transaction) const {
        return lookup(transaction);
    }
    Sha256Digest segment_digest(std::uint32_t segment) const;  ///< Of a closed file, read now.

    /// Tells whether every dossier row was opened; false only while unsealing.
    bool ready() const { return ready_; }

private:
    std::future<void> submit(std::function<void(Batch&)> task, store::Writer::Urgency urgency);
    Lookup lookup(const store::ReadTransaction& transaction) const;
    void open_segments(const Options& options);
    void check_whole(const store::ReadTransaction& transaction, store::Table table,
                     const store::TableSum& expected,
                     const std::function<void(BytesView name, BytesView value)>& visit);
    void settle(const journal::Head& head);
    void load();
    void load_imprints(const std::stop_token& stop);
    void load_imprints(const DossierState& of, const std::stop_token& stop);
    void forget_numbers(const DossierRow& dossier, const Lookup& rows);
    void note_link(const EntryId& entry, const journal::OpenedEvent& event);
    void note_document(const ObjectId& object, const Place& place, const Lookup& rows);
    void durable(std::uint64_t sequence, const journal::OpenedEvent& event);

    crypto::KeyService& keys_;
    const Clock& clock_;
    Rows rows_;
    Projection projection_;
    Memory memory_;
    std::unique_ptr<store::Environment> environment_;
    std::unique_ptr<store::Reserve> reserve_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<store::SegmentStore> segments_;
    std::filesystem::path vault_;
    std::atomic<bool> ready_ = false;
    std::atomic<bool> closed_ = false;
    std::jthread background_;
};

}  // namespace custode::catalogue
