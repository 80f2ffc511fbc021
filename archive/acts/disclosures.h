// archive/acts/disclosures.h
#pragma once

#include "archive/door.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace custode::acts {

/// Who saw what of a dossier, when and why; and who could have.
///
/// Both are read out of the journal, event by event, from the dossier's opening on: no table keeps
/// them, so that nothing can be left out of one.  A page looks through a bounded number of events;
/// what a page does not reach, the next does.
///
/// Errors   (not_found, "not_found"); (invalid_argument, "field.invalid") for a time in which the
///          dossier was not; (busy, "history.busy") while another look goes over the journal.
/// Threads  Any; one look at a time.
class Disclosures {
public:
    static constexpr std::uint64_t events_a_page = 50'000;

    Disclosures(catalogue::Ledger& ledger, Door& door) : ledger_(ledger), door_(door) {}

    struct Page {
        nlohmann::json items = nlohmann::json::array();
        std::string next;
    };
    /// `for_subject`: what the person concerned may know of it: offices, times and purposes.
    Page history(const Permit<Action::dossier_history>& permit, bool for_subject,
                 const std::string& cursor, std::size_t limit);
    /// Who could see it at that time, by the rules of that time; nothing here speaks of content.
    nlohmann::json readers(const Permit<Action::dossier_history>& permit, Millis at);

private:
    class Look;
    catalogue::Ledger& ledger_;
    Door& door_;
    Mutex looking_;
};

}  // namespace custode::acts
