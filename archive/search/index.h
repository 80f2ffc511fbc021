#pragma once

#include "archive/base/id.h"
#include "archive/records/dossier.h"
#include "archive/records/proceeding_number.h"
#include "archive/search/query.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace custode::search {

/// On what a dossier was found, strongest first; a hit may have several.
enum class Match : unsigned {
    code = 1,
    tax_code = 2,
    tax_code_near = 4,
    external_id = 8,
    number = 16,
    name = 32,
    birth = 64
};

struct Hit {
    DossierId id;
    int score = 0;
    unsigned matches = 0;  ///< Match values, or-ed.

    bool on(Match match) const { return (matches & static_cast<unsigned>(match)) != 0; }
};

struct Hits {
    std::vector<Hit> items;  ///< Best first; among equals by code.
    bool has_more = false;   ///< Further permitted hits were left off.
};

/// Finds dossiers by name, birth, tax code, code, outside id and proceeding number, in memory only:
/// nothing searchable is ever on disk.
///
/// Names match by words in any order, each possibly only a beginning; accents, case, apostrophes,
/// hyphens and scripts do not matter.  A tax code also matches with one slip.  A dossier whose
/// birth is not known is kept when the rest of the query matches: it may be the one.
///
/// What `allowed` refuses leaves no trace in the answer: a score depends on its own dossier alone,
/// and nothing is counted, ranked or suggested before it was permitted.
///
/// Threads  None of its own; the caller lets one writer or many readers in.
class DossierIndex {
public:
    struct Options {
        int current_year = 0;  ///< Tells the century of two-digit years.
        std::size_t hits_max = 50;
    };
    using Allowed = std::function<bool(const DossierId&)>;

    void put(const records::DossierFacts& facts);  ///< Adds, or replaces what was known.
    void remove(const DossierId& id);              ///< Numbers included; unknown ids are ignored.
    void add_numbers(const DossierId& id, std::span<const records::ProceedingNumber> numbers);

    Hits query(std::string_view text, const Options& options, const Allowed& allowed) const;
    std::size_t size() const { return slots_by_id_.size(); }

private:
    struct Slot {
        DossierId id;
        records::DossierCode code;
        std::optional<Day> birth;
        int birth_from = 0;  ///< 0: unknown.
        int birth_to = 0;
        std::vector<std::string> tax_codes;
        std::vector<std::string> terms;         ///< Of the facts, as they stand in terms_.
        std::vector<std::string> number_terms;  ///< They outlive a correction of the facts.
        bool is_used = false;
    };
    class Search;

    std::uint32_t slot_for(const DossierId& id);
    void post(std::uint32_t slot, std::string term, bool is_former, std::vector<std::string>& kept);
    void unpost(std::uint32_t slot, std::vector<std::string>& terms);
    void post_names(std::uint32_t slot, const records::Person& person);

    /// A posting is a slot number; its top bit says that the name is a former one or an alias.
    using Postings = std::vector<std::uint32_t>;
    static constexpr std::uint32_t former_bit = 0x80000000U;

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::map<DossierId, std::uint32_t> slots_by_id_;
    std::map<std::string, Postings, std::less<>> terms_;  ///< First letter: the kind of term.
};

}  // namespace custode::search
