#include "archive/records/dossier.h"

#include "archive/records/fields.h"

#include <algorithm>
#include <charconv>

namespace custode::records {
namespace {

constexpr std::array<Word<DossierState>, 2> states{
    {{DossierState::open, "open"}, {DossierState::closed, "closed"}}};
constexpr std::uint64_t boot_millis_max = std::uint64_t{1} << 53U;
constexpr std::uint32_t code_number_max = 99'999'999;

std::optional<std::uint32_t> whole_number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

AccountId read_account(const Json& item, const std::string& path) {
    const auto id = parse_id<AccountId>(text_item(item, path, {.characters_max = 36}));
    if (!id) refuse_field(path, "is not the id of an account");
    return *id;
}

Grant read_grant(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Grant grant;
    const Json* account = fields.maybe("account");
    if (account == nullptr) fields.missing("account");
    grant.account = read_account(*account, fields.path_of("account"));
    grant.until = fields.day("until");
    grant.reason =
        fields.text_or_empty("reason", {.characters_max = reason_characters_max, .lines = true});
    fields.finish();
    return grant;
}

Conflict read_conflict(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Conflict conflict;
    const Json* account = fields.maybe("account");
    if (account == nullptr) fields.missing("account");
    conflict.account = read_account(*account, fields.path_of("account"));
    conflict.since = fields.day("since");
    conflict.reason =
        fields.text("reason", {.characters_max = reason_characters_max, .lines = true});
    fields.finish();
    return conflict;
}

constexpr std::array<Word<GlassBreak::State>, 2> break_states{
    {{GlassBreak::State::unreviewed, "unreviewed"}, {GlassBreak::State::incident, "incident"}}};

GlassBreak read_break(const Json& json, const std::string& path) {
    Fields fields(json, path);
    GlassBreak one;
    const auto id = parse_id<BreakId>(fields.text("id", {.characters_max = 36}));
    if (!id) fields.invalid("id", "is not an id");
    one.id = *id;
    const Json* account = fields.maybe("account");
    if (account == nullptr) fields.missing("account");
    one.account = read_account(*account, fields.path_of("account"));
    one.code = fields.code("code");
    one.reason = fields.text("reason", {.characters_max = reason_characters_max, .lines = true});
    const auto opened = from_rfc3339(fields.text("opened", {.characters_max = 40}));
    if (!opened) fields.invalid("opened", "is not a time in UTC");
    one.opened = *opened;
    one.boot = fields.text("boot", {.characters_max = 36});
    one.boot_millis = static_cast<std::int64_t>(fields.number("boot_millis", 0, boot_millis_max));
    one.due = fields.day("due");
    one.state = fields.word("state", break_states, GlassBreak::State::unreviewed);
    if (const Json* reviewer = fields.maybe("reviewer"))
        one.reviewer = read_account(*reviewer, fields.path_of("reviewer"));
    one.review =
        fields.text_or_empty("review", {.characters_max = reason_characters_max, .lines = true});
    fields.finish();
    const bool is_incident = one.state == GlassBreak::State::incident;
    if (is_incident != one.reviewer.has_value())
        fields.invalid("reviewer", "does not fit the state");
    return one;
}

Json write_break(const GlassBreak& one) {
    Json json{{"id", to_text(one.id)},
              {"account", to_text(one.account)},
              {"code", one.code},
              {"reason", one.reason},
              {"opened", to_rfc3339(one.opened)},
              {"boot", one.boot},
              {"boot_millis", one.boot_millis},
              {"due", to_text(one.due)},
              {"state", word_for(break_states, one.state)}};
    if (one.reviewer) json["reviewer"] = to_text(*one.reviewer);
    put(json, "review", one.review);
    return json;
}

Team read_team(const Json& json, const std::string& path) {
    Fields fields(json, path);
    Team team{fields.code("unit"), fields.code("team")};
    fields.finish();
    return team;
}

Json write_team(const Team& team) { return {{"unit", team.unit}, {"team", team.name}}; }

Json write_conflict(const Conflict& conflict) {
    return {{"account", to_text(conflict.account)},
            {"since", to_text(conflict.since)},
            {"reason", conflict.reason}};
}

Json write_grant(const Grant& grant) {
    Json json{{"account", to_text(grant.account)}, {"until", to_text(grant.until)}};
    put(json, "reason", grant.reason);
    return json;
}

}  // namespace

bool is_classification(std::string_view text) {
    constexpr std::string_view numerals = "IVXLC";
    if (text.size() > 24) return false;
    std::size_t at = 0;
    while (at < text.size() && numerals.find(text[at]) != std::string_view::npos) ++at;
    if (at == 0 || at > 7) return false;
    for (int level = 0; at < text.size(); ++level) {
        if (level == 3 || text[at] != '.') return false;
        const std::size_t begin = ++at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        if (at == begin || at - begin > 3 || text[begin] == '0') return false;
    }
    return true;
}

std::string to_text(const DossierCode& code) {
    std::string number = std::to_string(code.number);
    if (number.size() < 6) number.insert(0, 6 - number.size(), '0');
    return std::to_string(code.year) + "/" + code.classification + "/" + number;
}

std::optional<DossierCode> parse_dossier_code(std::string_view text) {
    const auto first = text.find('/');
    const auto last = text.rfind('/');
    if (first == std::string_view::npos || first == last || text.size() > 40) return std::nullopt;
    const auto year = whole_number(text.substr(0, first));
    const auto number = whole_number(text.substr(last + 1));
    if (!year || *year < 1900 || *year > 2999 || !number || *number == 0 ||
        *number > code_number_max)
        return std::nullopt;
    DossierCode code{static_cast<int>(*year), std::string(text.substr(first + 1, last - first - 1)),
                     *number};
    if (!is_classification(code.classification) || to_text(code) != text) return std::nullopt;
    return code;
}

DossierFacts dossier_from_json(const Json& json) {
    Fields fields(json);
    DossierFacts facts;
    const auto id = parse_id<DossierId>(fields.text("id", {.characters_max = 36}));
    if (!id) fields.invalid("id", "is not an id");
    facts.id = *id;
    const auto code = parse_dossier_code(fields.text("code", {.characters_max = 40}));
    if (!code) fields.invalid("code", "is not the code of a dossier");
    facts.code = *code;
    const Json* person = fields.maybe("person");
    if (person == nullptr) fields.missing("person");
    facts.person = person_from_json(*person);
    facts.unit = fields.code("unit");
    facts.opened = fields.day("opened");
    facts.state = fields.word("state", states, DossierState::open);
    facts.closed = fields.maybe_day("closed");
    facts.classification =
        fields.maybe_code("classification").value_or(DossierFacts::default_classification);
    facts.assigned = fields.list("assigned", assigned_max, read_account);
    facts.grants = fields.list("grants", grants_max, read_grant);
    facts.conflicts = fields.list("conflicts", conflicts_max, read_conflict);
    facts.breaks = fields.list("breaks", breaks_max, read_break);
    facts.teams = fields.list("teams", teams_max, read_team);
    fields.finish();
    if (!is_classification(facts.classification))
        fields.invalid("classification", "is not an index");
    if (facts.closed.has_value() != (facts.state == DossierState::closed))
        fields.invalid("closed", "goes with the state 'closed' and with no other");
    if (facts.closed && *facts.closed < facts.opened)
        fields.invalid("closed", "lies before 'opened'");
    return facts;
}

Json to_json(const DossierFacts& facts) {
    Json json{{"id", to_text(facts.id)},
              {"code", to_text(facts.code)},
              {"person", to_json(facts.person)},
              {"unit", facts.unit},
              {"opened", to_text(facts.opened)},
              {"state", word_for(states, facts.state)},
              {"classification", facts.classification}};
    put(json, "closed", facts.closed);
    put_list(json, "assigned", facts.assigned,
             [](const AccountId& id) { return Json(to_text(id)); });
    put_list(json, "grants", facts.grants, write_grant);
    put_list(json, "conflicts", facts.conflicts, write_conflict);
    put_list(json, "breaks", facts.breaks, write_break);
    put_list(json, "teams", facts.teams, write_team);
    return json;
}

}  // namespace custode::records
