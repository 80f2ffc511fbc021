#pragma once

#include "policies/access.h"

#include <string>
#include <string_view>
#include <vector>

namespace policies::access::tests {

inline constexpr Day today{2026, 11, 23};
inline constexpr Day yesterday{2026, 11, 22};
inline constexpr Day tomorrow{2026, 11, 24};

/// A way in which a resource can stand to account "me" of unit "gea", under one letter.
struct Situation {
    char letter;
    std::string_view what;
    Resource resource;
};

inline Resource dossier_of(const char* unit) {
    Resource resource;
    resource.kind = Resource::Kind::dossier;
    resource.unit = unit;
    return resource;
}

inline Resource barred(Condition what) {
    Resource resource = dossier_of("gea");
    resource.assigned = {"me"};
    resource.grants = {{"me", tomorrow}};
    resource.teams = {{"gea", "tutela"}};
    resource.broken_glass = {"me"};
    resource.barriers = {{what, {"other"}}};
    return resource;
}

inline std::vector<Situation> situations() {
    Resource service;
    Resource own_account{Resource::Kind::account, "me"};
    Resource other_account{Resource::Kind::account, "other"};
    Resource collection{Resource::Kind::collection};
    Resource unit_closed = dossier_of("gea");
    unit_closed.is_unit_open = false;
    Resource dossier_closed = dossier_of("gea");
    dossier_closed.is_dossier_open = false;
    Resource granted = dossier_of("affidi");
    granted.grants = {{"other", yesterday}, {"me", today}};
    Resource grant_expired = dossier_of("affidi");
    grant_expired.grants = {{"me", yesterday}, {"other", tomorrow}};
    Resource assigned = dossier_of("affidi");
    assigned.assigned = {"other", "me"};
    Resource assigned_to_other = dossier_of("affidi");
    assigned_to_other.assigned = {"other"};
    Resource conflicted = dossier_of("gea");
    conflicted.assigned = {"me"};
    conflicted.grants = {{"me", tomorrow}};
    conflicted.broken_glass = {"me"};
    conflicted.conflicts = {"other", "me"};
    Resource others_conflict = dossier_of("gea");
    others_conflict.conflicts = {"other"};
    Resource broken = dossier_of("affidi");
    broken.broken_glass = {"other", "me"};
    Resource broken_by_other = dossier_of("affidi");
    broken_by_other.broken_glass = {"other"};
    Resource not_yet = dossier_of("affidi");
    not_yet.grants = {{"me", tomorrow, tomorrow}};
    Resource of_team = dossier_of("affidi");
    of_team.teams = {{"affidi", "tutela"}, {"gea", "tutela"}};
    Resource of_other_team = dossier_of("affidi");
    of_other_team.teams = {{"affidi", "tutela"}, {"gea", "penale"}, {"gea", ""}};
    Resource let_in = dossier_of("gea");
    for (const Condition one : {Condition::sealed_area, Condition::secret_address,
                                Condition::penal_secrecy, Condition::limited})
        let_in.barriers.push_back({one, {"other", "me"}});
    return {{'S', "the service itself", service},
            {'A', "my own account", own_account},
            {'B', "another's account", other_account},
            {'C', "a list, before its items", collection},
            {'U', "a dossier of my unit", dossier_of("gea")},
            {'X', "a dossier of another unit", dossier_of("affidi")},
            {'O', "a dossier without a unit", dossier_of("")},
            {'K', "a dossier of my unit, which is closed", unit_closed},
            {'L', "a closed dossier of my unit", dossier_closed},
            {'G', "a dossier granted to me until today", granted},
            {'E', "a dossier whose grant to me ended yesterday", grant_expired},
            {'N', "a dossier assigned to me", assigned},
            {'M', "a dossier assigned to another", assigned_to_other},
            {'I', "a dossier of my unit, mine and granted, and I am involved", conflicted},
            {'J', "a dossier of my unit in which another is involved", others_conflict},
            {'H', "a dossier that I opened in an emergency", broken},
            {'R', "a dossier that another opened in an emergency", broken_by_other},
            {'F', "a dossier granted to me from tomorrow on", not_yet},
            {'T', "a dossier on which my team works", of_team},
            {'V', "a dossier on which other teams work", of_other_team},
            {'Z', "mine in every way, in a sealed area", barred(Condition::sealed_area)},
            {'Y', "mine in every way, with a secret address", barred(Condition::secret_address)},
            {'W', "mine in every way, under penal secrecy", barred(Condition::penal_secrecy)},
            {'D', "mine in every way, and destroyed", barred(Condition::destroyed)},
            {'Q', "mine in every way, and limited", barred(Condition::limited)},
            {'P', "of my unit, behind barriers that let me in", let_in}};
}

inline Subject me(const char* role) {
    Subject subject{"me"};
    if (*role != '\0') subject.roles.push_back({role, "gea", {}, {}, "tutela"});
    return subject;
}

inline constexpr std::string_view everywhere = "SABCUXOKLGENMIJHRFTVZYWDQP";

}  // namespace policies::access::tests
