// client/cli/filing.h
#pragma once

#include "archive/base/mutex.h"
#include "archive/proof/checkpoint.h"
#include "client/cli/api.h"
#include "client/cli/console.h"
#include "client/cli/progress.h"
#include "client/cli/source_file.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace custode::client {

/// One file of a batch, and what became of it.
struct FilingItem {
    std::string path;      ///< As opened.
    std::string relative;  ///< As it counts for the idempotency key: stable between runs.
    std::string dossier;   ///< Id; empty while unknown.
    std::string shown;     ///< The dossier as the user wrote it.
    Json metadata;         ///< With file_name.
    std::uint64_t bytes = 0;

    Json result;                     ///< {"id","sha256","bytes","receipt"} once filed
    bool was_there = false;          ///< Answered from an earlier request.
    bool was_cut = false;            ///< Sent more than once by this run.
    std::optional<Problem> problem;  ///< Why not.

    bool is_done() const { return !result.is_null(); }
};

struct FilingWishes {
    unsigned connections = 4;
    std::string request_id;  ///< In place of the computed key; for one file only.
    std::string again;       ///< Reason for filing the same bytes once more.
    std::string receipts;    ///< Folder for receipts, or empty.
    bool is_dry = false;
    bool is_alone = false;  ///< One file named by the user: its repetition is a duplicate.
};

/// The regular files that the paths name, folders walked in sorted order.  What cannot be filed
/// (links, devices, unreadable folders, unstorable names) becomes an item with its problem: one
/// bad name must not hide, nor stop, the other thousand.
/// @throws Problem(batch.too_long) above 1,000,000 files
std::vector<FilingItem> walk(const std::vector<std::string>& paths);

/// Files a batch over a few connections, each a thread of its own.
///
/// Every file is hashed, sent with an idempotency key made from what it is, and its receipt is
/// checked before it counts as filed.  What may pass (429, 503, a cut connection) is tried again
/// with the same key, at most attempts_max times; what concerns all files (no session, sealed,
/// interrupted) stops the rest.
///
/// Threads  run() from one thread; it owns `connections` threads and joins them.
class FilingBatch {
public:
    static constexpr unsigned attempts_max = 6;
    static constexpr unsigned connections_max = 16;

    FilingBatch(Console& console, FilingWishes wishes);

    void run(std::vector<FilingItem>& items);

private:
    void work(std::vector<FilingItem>& items);
    std::optional<std::size_t> take(std::size_t count);
    void file(Api& api, FilingItem& item, bool& is_warm);
    Json send(Api& api, FilingItem& item, SourceFile& source, const std::string& key);
    void keep_receipt(const FilingItem& item) const;
    void report(const FilingItem& item);
    void show_progress(std::int64_t more_bytes, unsigned more_files);

    Console& console_;
    FilingWishes wishes_;
    std::string token_;
    proof::VerifierKey key_;

    Mutex mutex_;
    std::size_t next_ CUSTODE_GUARDED_BY(mutex_) = 0;
    bool is_stopped_ CUSTODE_GUARDED_BY(mutex_) = false;
    Moment moment_ CUSTODE_GUARDED_BY(mutex_);
    ProgressLine progress_ CUSTODE_GUARDED_BY(mutex_);
};

/// The exit of a batch: 0; the common exit of all its failures when nothing else happened; else 6.
Exit exit_of(const std::vector<FilingItem>& items);

}  // namespace custode::client
