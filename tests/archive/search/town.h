#pragma once

#include "archive/search/index.h"

#include <random>
#include <set>
#include <string>

namespace custode::search::tests {

using records::DossierFacts;

/// The id whose last four bytes are `n`.
inline DossierId dossier_id(std::uint32_t n) {
    DossierId id;
    for (unsigned i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return id;
}

inline std::uint32_t number_of(const DossierId& id) {
    std::uint32_t n = 0;
    for (std::size_t i = 12; i < 16; ++i) n = n << 8U | id.bytes[i];
    return n;
}

inline DossierFacts dossier(std::uint32_t n, const char* surname, const char* name) {
    DossierFacts facts;
    facts.id = dossier_id(n);
    facts.code = {2026, "VII.11", n};
    facts.unit = "gea";
    facts.opened = {2026, 11, 23};
    facts.person.designations.push_back({.surname = surname, .name = name});
    return facts;
}

inline bool everything(const DossierId&) { return true; }

/// The numbers of the dossiers found, best first: "3 1".
inline std::string found(const DossierIndex& index, std::string_view text,
                         const DossierIndex::Allowed& allowed = everything) {
    std::string out;
    for (const Hit& hit : index.query(text, {.current_year = 2026}, allowed).items)
        out += (out.empty() ? "" : " ") + std::to_string(number_of(hit.id));
    return out;
}

}  // namespace custode::search::tests
