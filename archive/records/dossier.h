#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"
#include "archive/records/people.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace custode::records {

/// The number of a dossier among those of its year and class: "2026/VII.11/000001".
///
/// Source  AgID, Allegato 5 (codice del fascicolo: anno/titolo.classe/progressivo).
struct DossierCode {
    int year = 0;                ///< 1900–2999
    std::string classification;  ///< Title in Roman numerals, then classes: "VII.11".
    std::uint32_t number = 0;    ///< From 1; written with at least six digits.

    friend auto operator<=>(const DossierCode&, const DossierCode&) = default;
};

std::string to_text(const DossierCode& code);

/// Only the form that to_text writes.
std::optional<DossierCode> parse_dossier_code(std::string_view text);

/// Whether the text is an index of classification: "VII", "VII.11", "VII.11.2".
bool is_classification(std::string_view text);

enum class DossierState { open, closed };

/// Until when an account outside the unit may work on a dossier (legal office: exports).
struct Grant {
    AccountId account;
    Day until;
    std::string reason;
};

/// A team of a unit that works on a dossier.
struct Team {
    std::string unit;
    std::string name;
    friend bool operator==(const Team&, const Team&) = default;
};

/// Who must stay out of a dossier, whatever their roles: involved themselves, or a relative is.
struct Conflict {
    AccountId account;
    Day since;
    std::string reason;
};

/// A dossier opened in an emergency by somebody whom no other rule lets in.
///
/// It lies in the facts until its review is closed; the journal keeps it for good.  How long it
/// lasts goes by the time since boot, which nobody can set: a wall clock put back does not lengthen
/// it, and a machine that was started again has ended it.
struct GlassBreak {
    enum class State { unreviewed, incident };

    BreakId id;
    AccountId account;
    std::string code;  ///< One of break_codes.
    std::string reason;
    Millis opened;
    std::string boot;  ///< The machine's boot id.
    std::int64_t boot_millis = 0;
    Day due;  ///< The last day of its review.
    State state = State::unreviewed;
    std::optional<AccountId> reviewer;  ///< Who found it not justified.
    std::string review;                 ///< In whose words.

    bool is_running(const std::string& boot_now, std::int64_t boot_millis_now) const {
        return boot == boot_now && boot_millis_now >= boot_millis &&
               boot_millis_now - boot_millis < std::chrono::milliseconds(span).count();
    }
    static constexpr std::chrono::minutes span{120};
};

inline constexpr std::array<std::string_view, 5> break_codes{"403", "fuga-scomparsa", "ricovero",
                                                             "richiesta-ag", "altro"};

/// Everything that is sealed under a dossier's own key: whose it is and who works on it.
///
/// Sealed areas and holds are records of their own, so that the ones who may not know of them do
/// not read past them here.
/// Errors  dossier_from_json throws Error(invalid_argument, "field.…").
struct DossierFacts {
    DossierId id;
    DossierCode code;
    Person person;
    std::string unit;  ///< Id in units().
    Day opened;
    DossierState state = DossierState::open;
    std::optional<Day> closed;
    std::string classification = default_classification;
    std::vector<AccountId> assigned;
    std::vector<Grant> grants;
    std::vector<Conflict> conflicts;
    std::vector<GlassBreak> breaks;
    std::vector<Team> teams;

    static constexpr const char* default_classification = "VII.11";
};

DossierFacts dossier_from_json(const nlohmann::json& json);
nlohmann::json to_json(const DossierFacts& facts);

constexpr std::size_t assigned_max = 100;
constexpr std::size_t grants_max = 100;
constexpr std::size_t conflicts_max = 100;
constexpr std::size_t breaks_max = 100;
constexpr int review_working_days = 2;
constexpr std::size_t teams_max = 16;

}  // namespace custode::records
