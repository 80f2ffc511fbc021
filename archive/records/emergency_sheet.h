// archive/records/emergency_sheet.h
#pragma once

#include "archive/base/id.h"
#include "archive/base/time.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace custode::records {

/// One thing that protects the child now, and on what it rests: a document of the dossier, or,
/// where nothing is written, who said it.
struct SheetLine {
    std::string text;
    std::optional<DocumentId> source;
    std::string said_by;
    std::optional<Day> until;  ///< The last day on which it holds.
};

/// The one page that the emergency unit reads at night without breaking any glass.
///
/// It is what a stranger needs to keep the child safe until the morning, and no more: never a
/// secret address, never an adoption, never an assessment.  Who writes it vouches for it that day.
///
/// Errors  sheet_from_json throws Error(invalid_argument, "field.…" | "sheet.too_long").
struct EmergencySheet {
    std::vector<SheetLine> responsibility;  ///< Who decides for the child: parents, guardian, body.
    std::vector<SheetLine> measures;        ///< In force; each rests on a document.
    std::vector<SheetLine> dangers;         ///< Who must not come near.
    std::vector<SheetLine> health;          ///< Allergies, drugs, what cannot wait.
    std::vector<SheetLine> contacts;        ///< Whom to call at this hour.
    std::vector<SheetLine> placements;      ///< Where the child is and was; nothing secret.
    Day validated;
    AccountId validated_by;

    std::vector<DocumentId> sources() const;
};

/// What a person writes: the six lists.  validated and validated_by are not theirs to say.
EmergencySheet written_sheet_from_json(const nlohmann::json& json);
EmergencySheet sheet_from_json(const nlohmann::json& json);
nlohmann::json to_json(const EmergencySheet& sheet);

inline constexpr std::size_t sheet_lines_max = 8;  ///< Of each list.
inline constexpr std::size_t sheet_line_characters_max = 240;
inline constexpr std::size_t sheet_characters_max = 3'000;  ///< Of the whole: one page.

}  // namespace custode::records
