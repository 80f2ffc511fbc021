// archive/catalogue/tables.h
#pragma once

#include "archive/store/environment.h"

#include <string>
#include <vector>

namespace custode::catalogue {

/// The tables of catalogue.mdb.  Their place in the list is part of the format (FORMAT.md §3 says
/// for each its key, its sealing key, with what it dies and from which events it is projected).
namespace table {
inline constexpr store::Table journal{0};      ///< sequence → event
inline constexpr store::Table head{1};         ///< "head" → sealed head row
inline constexpr store::Table accounts{2};     ///< pseudonym of the name → account
inline constexpr store::Table dossiers{3};     ///< keyring entry → wrap of M_d, dossier facts
inline constexpr store::Table links{4};        ///< pseudonym by M_d → wrap of O_x, which document
inline constexpr store::Table objects{5};      ///< pseudonym by O_x → facts of a document
inline constexpr store::Table places{6};       ///< object → the links that lead to it
inline constexpr store::Table locations{7};    ///< blob → extents (local)
inline constexpr store::Table idempotency{8};  ///< pseudonym of account, route, key → answer
inline constexpr store::Table imprints{9};     ///< pseudonym by M_d of an impronta → document
inline constexpr store::Table segments{10};    ///< segment number → its SHA-256, or its end
inline constexpr store::Table counters{11};    ///< series and year → last number; the epoch
inline constexpr store::Table proposals{12};   ///< proposal → what awaits a second person
inline constexpr store::Table sheets{13};      ///< pseudonym by M_d → the emergency sheet
}  // namespace table

inline const std::vector<std::string>& table_names() {
    static const std::vector<std::string> names = {
        "journal",   "head",        "accounts", "dossiers", "links",    "objects",   "places",
        "locations", "idempotency", "imprints", "segments", "counters", "proposals", "sheets"};
    return names;
}

}  // namespace custode::catalogue
