#include "archive/search/index.h"

#include "archive/base/error.h"
#include "archive/records/tax_code.h"

#include <algorithm>

namespace custode::search {
namespace {

// Kinds of term: the first letter of a key in the one ordered dictionary.
constexpr char name_kind = 'n';
constexpr char code_kind = 'c';
constexpr char short_code_kind = 's';
constexpr char tax_kind = 't';
constexpr char outside_kind = 'x';
constexpr char number_kind = 'k';
constexpr char bare_kind = 'b';

std::string term(char kind, const std::string& text) { return kind + text; }

std::string short_code(std::uint32_t number, int year) {
    return std::to_string(number) + "/" + std::to_string(year);
}

std::string bare(records::ProceedingNumber number) {
    number.register_code.clear();
    return number.normal();
}

}  // namespace

std::uint32_t DossierIndex::slot_for(const DossierId& id) {
    const auto known = slots_by_id_.find(id);
    if (known != slots_by_id_.end()) return known->second;
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        require(slot < former_bit, "fewer than 2^31 dossiers in one vault");
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    slots_by_id_.emplace(id, slot);
    slots_[slot].id = id;
    slots_[slot].is_used = true;
    return slot;
}

void DossierIndex::post(std::uint32_t slot, std::string term, bool is_former,
                        std::vector<std::string>& kept) {
    if (std::find(kept.begin(), kept.end(), term) != kept.end()) return;
    terms_[term].push_back(is_former ? slot | former_bit : slot);
    kept.push_back(std::move(term));
}

void DossierIndex::unpost(std::uint32_t slot, std::vector<std::string>& terms) {
    for (const std::string& term : terms) {
        const auto found = terms_.find(term);
        std::erase_if(found->second,
                      [slot](std::uint32_t one) { return (one & ~former_bit) == slot; });
        if (found->second.empty()) terms_.erase(found);
    }
    terms.clear();
}

void DossierIndex::post_names(std::uint32_t slot, const records::Person& person) {
    bool is_former = false;  // the first designation is the one in use
    for (const auto* list : {&person.designations, &person.aliases})
        for (const records::Designation& designation : *list) {
            for (const std::string* text :
                 {&designation.surname, &designation.name, &designation.text})
                for (const std::string& word : words_of(*text))
                    post(slot, term(name_kind, word), is_former, slots_[slot].terms);
            is_former = true;
        }
}

void DossierIndex::put(const records::DossierFacts& facts) {
    const std::uint32_t number = slot_for(facts.id);
    Slot& slot = slots_[number];
    unpost(number, slot.terms);
    slot.code = facts.code;
    slot.birth = facts.person.birth.day;
    slot.birth_from = facts.person.birth.year_from;
    slot.birth_to = facts.person.birth.year_to;
    slot.tax_codes.clear();
    post_names(number, facts.person);
    post(number, term(code_kind, records::to_text(facts.code)), false, slot.terms);
    post(number, term(short_code_kind, short_code(facts.code.number, facts.code.year)), false,
         slot.terms);
    for (const records::TaxCode& code : facts.person.tax_codes) {
        slot.tax_codes.push_back(code.code);
        post(number, term(tax_kind, code.code), false, slot.terms);
    }
    for (const records::ExternalId& id : facts.person.external_ids) {
        post(number, term(outside_kind, squeezed(id.value)), false, slot.terms);
        post(number, term(outside_kind, squeezed(id.system + " " + id.value)), false, slot.terms);
    }
}

void DossierIndex::remove(const DossierId& id) {
    const auto known = slots_by_id_.find(id);
    if (known == slots_by_id_.end()) return;
    const std::uint32_t slot = known->second;
    unpost(slot, slots_[slot].terms);
    unpost(slot, slots_[slot].number_terms);
    slots_[slot] = Slot{};
    slots_by_id_.erase(known);
    free_.push_back(slot);
}

void DossierIndex::add_numbers(const DossierId& id,
                               std::span<const records::ProceedingNumber> numbers) {
    const auto known = slots_by_id_.find(id);
    require(known != slots_by_id_.end(), "numbers are added to a dossier that is indexed");
    std::vector<std::string>& kept = slots_[known->second].number_terms;
    for (const records::ProceedingNumber& number : numbers) {
        post(known->second, term(number_kind, number.normal()), false, kept);
        post(known->second, term(bare_kind, bare(number)), false, kept);
    }
}

/// One query under way: a score per slot, or -1 once a part of the query did not match.
class DossierIndex::Search {
public:
    explicit Search(const DossierIndex& index)
        : index_(index), totals_(index.slots_.size(), 0), matches_(index.slots_.size(), 0) {}

    void run(const Query& query) {
        for (const std::string& code : query.codes) {
            exactly(term(code_kind, code), 100, Match::code);
            narrow();
        }
        for (const records::ProceedingNumber& number : query.numbers) {
            exactly(term(number_kind, number.normal()), 60, Match::number);
            narrow();
        }
        for (const records::ProceedingNumber& number : query.bare_numbers) {
            exactly(term(bare_kind, bare(number)), 40, Match::number);
            if (number.sub == 0)
                exactly(term(short_code_kind, short_code(number.number, number.year)), 80,
                        Match::code);
            narrow();
        }
        for (const std::string& code : query.tax_codes) tax_code(code);
        for (std::size_t i = 0; i < query.words.size(); ++i) word(query.words, i);
        if (query.birth) birth(*query.birth, query);
        if (query.is_empty()) std::fill(totals_.begin(), totals_.end(), -1);
        // An outside id may look like anything: it is tried beside the rest, not together with it.
        if (!query.whole.empty()) outside(term(outside_kind, query.whole));
    }

    Hits best(const Options& options, const Allowed& allowed) {
        std::vector<std::uint32_t> found;
        for (std::uint32_t slot = 0; slot < totals_.size(); ++slot)
            if (totals_[slot] >= 0 && index_.slots_[slot].is_used) found.push_back(slot);
        std::sort(found.begin(), found.end(), [this](std::uint32_t a, std::uint32_t b) {
            if (totals_[a] != totals_[b]) return totals_[a] > totals_[b];
            const Slot& one = index_.slots_[a];
            const Slot& other = index_.slots_[b];
            return one.code != other.code ? one.code < other.code : one.id < other.id;
        });
        Hits hits;
        for (const std::uint32_t slot : found) {
            if (!allowed(index_.slots_[slot].id)) continue;
            if (hits.items.size() == options.hits_max) {
                hits.has_more = true;
                break;
            }
            hits.items.push_back({index_.slots_[slot].id, totals_[slot], matches_[slot]});
        }
        return hits;
    }

private:
    void mark(std::uint32_t slot, int score, Match match) {
        if (part_.empty()) part_.assign(totals_.size(), -1);
        part_[slot] = std::max(part_[slot], score);
        matches_[slot] |= static_cast<unsigned>(match);
    }

    /// Ends a part of the query: what it did not mark is out.
    void narrow() {
        for (std::size_t slot = 0; slot < totals_.size(); ++slot) {
            const int score = part_.empty() ? -1 : part_[slot];
            totals_[slot] = totals_[slot] < 0 || score < 0 ? -1 : totals_[slot] + score;
        }
        part_.clear();
    }

    void exactly(const std::string& key, int score, Match match) {
        const auto found = index_.terms_.find(key);
        if (found == index_.terms_.end()) return;
        for (const std::uint32_t posting : found->second) mark(posting & ~former_bit, score, match);
    }

    void beginning(const std::string& key, int exact, int partial, Match match) {
        for (auto at = index_.terms_.lower_bound(key);
             at != index_.terms_.end() && at->first.starts_with(key); ++at) {
            const int score = at->first.size() == key.size() ? exact : partial;
            for (const std::uint32_t posting : at->second)
                mark(posting & ~former_bit, (posting & former_bit) != 0 ? score - 1 : score, match);
        }
    }

    /// A single letter is a word of its own ("d amico"), never a beginning: half the town.
    void name(const std::string& word) {
        if (word.size() == 1)
            exactly(term(name_kind, word), 1, Match::name);
        else
            beginning(term(name_kind, word), 4, 2, Match::name);
    }

    void word(const std::vector<std::string>& words, std::size_t i) {
        name(words[i]);
        if (i + 1 < words.size()) name(words[i] + words[i + 1]);
        if (i > 0) name(words[i - 1] + words[i]);
        narrow();
    }

    void tax_code(const std::string& code) {
        beginning(term(tax_kind, code), 90, 50, Match::tax_code);
        // A scan of all codes is some hundred microseconds at 100,000: no index earns its memory.
        for (std::uint32_t slot = 0; slot < index_.slots_.size(); ++slot)
            for (const std::string& known : index_.slots_[slot].tax_codes)
                if (records::differs_by_one_slip(known, code)) mark(slot, 45, Match::tax_code_near);
        narrow();
    }

    void birth(const TypedBirth& typed, const Query& query) {
        Query rest = query;
        rest.birth.reset();
        const bool stands_alone = rest.is_empty();
        for (std::uint32_t slot = 0; slot < index_.slots_.size(); ++slot) {
            const Slot& one = index_.slots_[slot];
            const bool whole_day = typed.day != 0;
            if (one.birth_from == 0) {
                if (!stands_alone && totals_[slot] >= 0) keep(slot);
            } else if (whole_day && one.birth) {
                if (*one.birth == typed) mark(slot, 10, Match::birth);
            } else if (one.birth_from <= typed.year && typed.year <= one.birth_to) {
                mark(slot, whole_day ? 3 : 5, Match::birth);
            }
        }
        narrow();
    }

    void keep(std::uint32_t slot) {
        if (part_.empty()) part_.assign(totals_.size(), -1);
        part_[slot] = std::max(part_[slot], 0);
    }

    void outside(const std::string& key) {
        const auto found = index_.terms_.find(key);
        if (found == index_.terms_.end()) return;
        for (const std::uint32_t slot : found->second) {
            totals_[slot] = std::max(totals_[slot], 0) + 70;
            matches_[slot] |= static_cast<unsigned>(Match::external_id);
        }
    }

    const DossierIndex& index_;
    std::vector<int> totals_;
    std::vector<unsigned> matches_;
    std::vector<int> part_;  ///< Scores of the part under way; empty while it marked nothing.
};

Hits DossierIndex::query(std::string_view text, const Options& options,
                         const Allowed& allowed) const {
    Search search(*this);
    search.run(read_query(text, options.current_year));
    return search.best(options, allowed);
}

}  // namespace custode::search
