#include "archive/records/account.h"

#include "archive/records/fields.h"
#include "archive/records/folding.h"

namespace custode::records {
namespace {

constexpr std::array<Word<AccountState>, 2> states{
    {{AccountState::active, "active"}, {AccountState::disabled, "disabled"}}};

}  // namespace

RoleHeld role_from_json(const Json& json, const std::string& path) {
    Fields fields(json, path);
    RoleHeld held;
    held.role = fields.code("role");
    held.unit = fields.maybe_code("unit").value_or(std::string());
    held.from = fields.maybe_day("from");
    held.until = fields.maybe_day("until");
    held.team = fields.maybe_code("team").value_or(std::string());
    fields.finish();
    if (!held.team.empty() && held.unit.empty())
        fields.invalid("team", "is a team of a unit, which is not named");
    if (held.from && held.until && *held.until < *held.from)
        fields.invalid("until", "lies before 'from'");
    return held;
}

Json to_json(const RoleHeld& held) {
    Json json{{"role", held.role}};
    put(json, "unit", held.unit);
    put(json, "from", held.from);
    put(json, "until", held.until);
    put(json, "team", held.team);
    return json;
}

std::vector<std::string> offices_of(const Account& account, const Day& day) {
    std::vector<std::string> offices;
    for (const RoleHeld& held : account.roles) {
        if ((held.from && day < *held.from) || (held.until && *held.until < day)) continue;
        const std::string& office = held.unit.empty() ? held.role : held.unit;
        if (std::find(offices.begin(), offices.end(), office) == offices.end())
            offices.push_back(office);
    }
    return offices;
}

Account account_from_json(const Json& json) {
    Fields fields(json);
    Account account;
    const auto id = parse_id<AccountId>(fields.text("id", {.characters_max = 36}));
    if (!id) fields.invalid("id", "is not an id");
    account.id = *id;
    account.name = fields.text("name", {.characters_max = 4 * account_name_characters_max});
    account.roles = fields.list("roles", roles_held_max, role_from_json);
    account.state = fields.word("state", states, AccountState::active);
    const auto created = from_rfc3339(fields.text("created", {.characters_max = 40}));
    if (!created) fields.invalid("created", "is not a time in UTC");
    account.created = *created;
    fields.finish();
    (void)canonical_account_name(account.name);  // throws for a name that cannot be an account's
    return account;
}

Json to_json(const Account& account) {
    Json json{{"id", to_text(account.id)},
              {"name", account.name},
              {"state", word_for(states, account.state)},
              {"created", to_rfc3339(account.created)}};
    put_list(json, "roles", account.roles, [](const RoleHeld& held) { return to_json(held); });
    return json;
}

}  // namespace custode::records
