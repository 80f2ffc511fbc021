#pragma once

#include "archive/base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::records {

/// One line of a code list: an authority, a unit, a type of document.
struct CodeEntry {
    std::string id;  ///< Stable; stored in records, used in the API and on the command line.
    std::vector<std::string> aliases;  ///< Other words for it when typed; never stored.
    std::string label;                 ///< In Italian, for people.
    std::optional<Day> valid_from;
    std::optional<Day> valid_until;       ///< The last day.
    std::vector<std::string> successors;  ///< Ids that take over when this one ends.
    bool judicial =
        false;           ///< An act of it, or a document of this type, is confidential by default.
    std::string source;  ///< Law or decision that the line rests on.

    bool valid_on(const Day& day) const;
};

/// A closed list that is data, not code: courts are merged by law, units by decision.  Records keep
/// the id; an entry is ended by a date and never removed.
///
/// Errors  read() throws Error(invalid_argument) for what Fields refuses, for an id given twice,
///         for a successor that is not in the list and for a validity that ends before it begins.
class CodeList {
public:
    static constexpr std::size_t entries_max = 1000;

    /// Reads {"entries":[…]} as the files in archive/records/data are written.
    static CodeList read(std::string_view json_text);

    /// By id, else by alias; null when there is none.  Store the entry's id, not what was typed.
    const CodeEntry* find(std::string_view id) const;
    const std::vector<CodeEntry>& entries() const { return entries_; }

private:
    std::vector<CodeEntry> entries_;
};

/// The lists that are shipped: archive/records/data/*.json, embedded at build.  Threads: any.
const CodeList& authorities();
const CodeList& units();
const CodeList& document_types();

}  // namespace custode::records
