// archive/catalogue/projection.h
#pragma once

#include "archive/catalogue/lookup.h"
#include "archive/journal/journal.h"
#include "archive/store/writer.h"

namespace custode::catalogue {

/// Turns events into rows: the one place where a table changes, run when an event is appended and
/// again on rebuild, so that every table but `locations` is a function of the journal.
///
/// Threads  The writer's, inside a task.
/// Errors   Error(corrupt, "journal.unreadable") when an event does not fit the tables;
///          Error(invalid_argument, "field.…") when it states what could not be read back.
class Projection {
public:
    explicit Projection(const Rows& rows) : rows_(rows) {}

    /// `extents`: where a filed object's container lies; not in the journal, because compaction
    /// moves it.
    void apply(store::Changes& changes, const journal::OpenedEvent& event,
               const std::vector<store::Extent>* extents = nullptr) const;

private:
    struct Step;
    const Rows& rows_;
};

/// The blob that a document.filed event names; nothing for other events.
std::optional<BlobId> filed_blob(const journal::OpenedEvent& event);

/// Opens a stored event completely, finding the payload's key through the tables as they were
/// before it.  Empty when the header does not authenticate.
std::optional<journal::OpenedEvent> open_event(const Lookup& lookup, std::uint64_t sequence,
                                               const journal::StoredEvent& event);

}  // namespace custode::catalogue
